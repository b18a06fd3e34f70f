"""Parity of coefficients in the NMPU: one alarm for each use of a wrong number, none else."""

import numpy as np
import pytest

from golden.registers import COEFFICIENTS
from hw.nmpu.coefficients import BASE
from tb.agents.run_amaranth import run
from tb.agents.script import ScriptAgent
from tb.cases import nmpu
from tb.cases.capture import group_payloads
from tb.cases.configs import CONFIGS

CONFIG = CONFIGS["tiny"]
TAG = {"first": 1, "last": 1, "measure": 0, "block": 0, "weight": 0, "bank": 0, "shift": 3,
       "relu": 0, "output_bits": 8}
READS = {"result": {}, "first read": {"last": 0}, "calibration": {"calibrate": 1},
         "other bank": {"bank": 1}}


def alarms(read, name, stall, *, bad_parity=1):
    """Clocks with an alarm: one wrong number, and all groups of a read of that kind."""
    rng = np.random.default_rng(5)
    norm = name.startswith("norm")
    counts = rng.integers(0, 4096, (2, CONFIG.array.columns))
    given = group_payloads(counts, {**TAG, **READS[read]}, CONFIG)
    idle = {"i.valid": 0, "i.payload": given[1], "o.ready": 1, "bus.write": 0, "bus.inspect": 0,
            "bad_parity": 0, **nmpu.ENGINE_AT_REST}
    found = []

    def script():
        seen = yield idle
        yield {**idle, "bus.write": 1, "bus.column": 3, "bus.word": COEFFICIENTS.index(name),
               "bus.bank": BASE if read == "calibration" and not norm else 0, "bus.data": 1,
               "bad_parity": bad_parity}
        waiting = list(given)
        for clock in range(80):
            # The wrong word is shown all the time, and rarely offered.
            offer = {"i.valid": 1, "i.payload": waiting[0]} if waiting and clock % 7 == 0 else {}
            seen = yield {**idle, **offer, "o.ready": int(rng.integers(stall + 1) == 0)}
            found.append(seen["parity_error"])
            if offer and seen["i.ready"]:
                waiting.pop(0)
        assert not waiting

    run(nmpu.build("tiny"), ScriptAgent(script(), deadline=100,
                                        outputs=("i.ready", "parity_error")))
    return sum(found)


@pytest.mark.parametrize("stall", [0, 2])
@pytest.mark.parametrize("name", COEFFICIENTS)
@pytest.mark.parametrize("read", READS)
def test_alarm_if_and_only_if_used(read, name, stall):
    used = read == "result" or (read in ("first read", "calibration")
                                and not name.startswith("norm"))
    assert alarms(read, name, stall) == used


def test_right_parity_is_silent():
    assert alarms("result", "scale_p", 0, bad_parity=0) == 0
