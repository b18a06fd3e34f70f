"""Parity of coefficients in the NMPU: one alarm for each use of a wrong number, none else."""

import itertools

import numpy as np
import pytest
from amaranth.sim import Simulator

from golden.descriptors import DESTINATIONS
from golden.registers import COEFFICIENTS
from hw.nmpu.coefficients import BASE
from hw.nmpu.nmpu import Nmpu
from tb.agents.run_amaranth import run
from tb.agents.script import ScriptAgent
from tb.cases import nmpu
from tb.cases.capture import group_payloads
from tb.cases.configs import CONFIGS

CONFIG = CONFIGS["tiny"]
TAG = {"first": 1, "last": 1, "measure": 0, "block": 0, "weight": 0, "bank": 0, "shift": 3,
       "relu": 0, "output_bits": 8, "first_group": 0, "last_group": CONFIG.groups - 1,
       "destination": DESTINATIONS.index("y")}
READS = {"result": {}, "first read": {"last": 0}, "calibration": {"calibrate": 1},
         "partial sums": {"destination": DESTINATIONS.index("sums")}, "bypass": {"bypass": 1},
         "other bank": {"bank": 1}}
CASES = list(itertools.product(READS, COEFFICIENTS))
CLOCKS = 50
"""Enough for the groups of a read, one every seventh clock, to leave."""


def wrong_number(read, name, bad_parity):
    """Write one number, of column 3, where the read would use it."""
    base = read == "calibration" and not name.startswith("norm")
    return {"bus.write": 1, "bus.column": 3, "bus.word": COEFFICIENTS.index(name),
            "bus.bank": BASE if base else 0, "bus.data": 1, "bad_parity": bad_parity}


def used(read, name):
    """Whether a read of that kind computes with the number."""
    return read == "result" or (read != "other bank" and not name.startswith("norm"))


@pytest.mark.parametrize("stall", [0, 2])
def test_alarm_if_and_only_if_used(stall):
    rng = np.random.default_rng(5)
    counts = rng.integers(0, 4096, (2, CONFIG.array.columns))
    alarms = {}

    def script():
        for read, name in CASES:
            given = group_payloads(counts, {**TAG, **READS[read]}, CONFIG)
            idle = {"i.valid": 0, "i.payload": given[3 // CONFIG.nmpu.lanes], "o.ready": 1,
                    "bus.write": 0, "bus.inspect": 0, "bad_parity": 0, "sums_o.ready": 1,
                    **nmpu.ENGINE_AT_REST}
            alarms[read, name] = 0
            yield idle | wrong_number(read, name, 1)
            for clock in range(CLOCKS):
                # The group of the wrong number is shown all the time, and offered once.
                offer = {"i.valid": 1, "i.payload": given[0]} if given and clock % 7 == 0 else {}
                seen = yield {**idle, **offer, "o.ready": int(rng.integers(stall + 1) == 0)}
                alarms[read, name] += seen["parity_error"]
                if offer and seen["i.ready"]:
                    given.pop(0)
            assert not given
            for _ in range(12):
                seen = yield idle | wrong_number(read, name, 0)
                assert not seen["parity_error"]

    run(nmpu.build("tiny"), ScriptAgent(script(), deadline=len(CASES) * (CLOCKS + 20),
                                        outputs=("i.ready", "parity_error")))
    assert alarms == {case: used(*case) for case in CASES}


@pytest.mark.parametrize("clocks", [0, 1, 20])
def test_a_coefficient_that_waits_is_told_once(clocks):
    """A group waits for its residual in front of the sums; its scale has lost its parity."""
    nmpu, told = Nmpu(CONFIG), 0
    i, bus = nmpu.i, nmpu.bus

    async def bench(ctx):
        nonlocal told
        for pin, value in ((bus.write, 1), (bus.word, COEFFICIENTS.index("norm_scale")),
                           (nmpu.bad_parity, 1)):
            ctx.set(pin, value)
        await ctx.tick()
        for pin, value in ((bus.write, 0), (nmpu.bad_parity, 0), (nmpu.o.ready, 1), (i.valid, 1),
                           (i.payload.tag.first, 1), (i.payload.tag.last, 1),
                           (i.payload.tag.residual, 1),
                           (i.payload.tag.destination, DESTINATIONS.index("y"))):
            ctx.set(pin, value)
        await ctx.tick()
        ctx.set(i.valid, 0)
        for clock in range(60):
            ctx.set(nmpu.residual_i.valid, clock >= clocks)
            ctx.set(nmpu.residual_i.payload.last, 1)
            told += ctx.get(nmpu.parity_error)
            await ctx.tick()
        assert not ctx.get(nmpu.busy)

    simulator = Simulator(nmpu)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert told == 1
