"""CountReadout by the clock: what it waits for, and what it tells of the read it holds."""

import numpy as np
import pytest

from hw.readout.payloads import tag as tag_layout
from tb.agents.run_amaranth import run
from tb.agents.script import ScriptAgent
from tb.bits import encode
from tb.cases import count_readout
from tb.cases.configs import CONFIGS

OUTPUTS = ("i.ready", "o.valid", "captured", "full", "uses_bank", "busy")


@pytest.mark.parametrize("variant", ["tiny", "one_group"])
@pytest.mark.parametrize("bank", [0, 1])
def test_one_read(variant, bank):
    config = CONFIGS[variant]
    top = (1 << config.readout.counter_bits) - 1
    tag = encode(tag_layout(config), {
        "first": 1, "last": 1, "bank": bank, "shift": 0, "relu": 0, "output_bits": 8})
    counts = count_readout.count_payload(np.full((2, config.array.columns), top), config)

    def script():
        offer = {"i.valid": 1, "i.payload": counts, "tag": tag, "due": 0, "o.ready": 0}
        for _ in range(3):  # counts that nobody expects are not taken
            assert not any((yield offer).values())
        seen = yield {**offer, "i.valid": 0, "due": 1}  # nor does a wait without counts end
        assert seen["i.ready"] and not seen["captured"] and not seen["full"]
        seen = yield {**offer, "due": 1}
        assert seen["captured"] and seen["full"] and not seen["busy"]
        for k in range(3):  # held for as long as nobody takes a group
            seen = yield {**offer, "due": k % 2}
            assert seen == {"i.ready": 0, "o.valid": 1, "captured": 0,
                            "full": 0, "uses_bank": 1 << bank, "busy": 1}
        for _ in range(config.groups):
            seen = yield {**offer, "o.ready": 1}
            assert seen["o.valid"] and seen["uses_bank"] == 1 << bank and seen["busy"]
            assert not seen["captured"]
        assert not any((yield {**offer, "o.ready": 1}).values())

    run(count_readout.build(variant), ScriptAgent(script(), outputs=OUTPUTS, deadline=100))
