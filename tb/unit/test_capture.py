"""Capture by the clock: what it waits for, and what it tells of the read it holds."""

import numpy as np
import pytest

from tb.agents.run_amaranth import run
from tb.agents.script import ScriptAgent
from tb.cases import capture
from tb.cases.configs import CONFIGS

OUTPUTS = ("i.ready", "o.valid", "full", "uses_bank", "busy")


@pytest.mark.parametrize("variant", ["tiny", "one_group", "two_blocks", "four_blocks"])
@pytest.mark.parametrize("bank", [0, 1])
def test_one_window(variant, bank):
    config = CONFIGS[variant]
    tag = {"first": 1, "last": 1, "measure": 0, "block": config.blocks - 1, "weight": 0,
           "bank": bank, "shift": 0, "relu": 0, "output_bits": 8, "first_group": 0,
           "last_group": config.groups - 1}
    counts = np.full((2, config.counters), (1 << config.readout.counter_bits) - 1)
    payload = capture.window_payload(counts, tag, config)
    all_full = (1 << config.counters) - 1
    idle = {"i.ready": 1, "o.valid": 0, "full": 0, "uses_bank": 0, "busy": 0}
    waiting = {"i.ready": 0, "o.valid": 1, "full": 0, "uses_bank": 1 << bank, "busy": 1}

    def script():
        offer = {"i.valid": 1, "i.payload": payload, "o.ready": 0}
        for ready in (0, 1, 0):  # counts that are not offered are not looked at
            assert (yield {**offer, "i.valid": 0, "o.ready": ready}) == idle
        assert (yield offer) == {**idle, "full": all_full}
        for _ in range(3):  # held for as long as nobody takes a group; no second capture
            assert (yield offer) == waiting
        groups = config.counters // config.nmpu.lanes
        for k in range(groups):
            last = k == groups - 1
            seen = yield {**offer, "i.valid": 0, "o.ready": 1}
            assert seen == {**waiting, "i.ready": int(last)}
        assert (yield {**offer, "i.valid": 0, "o.ready": 1}) == idle
        # A capture in the clock of the last departure.
        yield {**offer, "o.ready": 1}
        for k in range(2 * groups):
            last = k % groups == groups - 1
            seen = yield {**offer, "i.valid": int(k < groups), "o.ready": 1}
            assert seen == {**waiting, "i.ready": int(last),
                            "full": all_full if last and k < groups else 0}
        assert (yield {**offer, "i.valid": 0, "o.ready": 1}) == idle

    run(capture.build(variant), ScriptAgent(script(), outputs=OUTPUTS, deadline=100))
