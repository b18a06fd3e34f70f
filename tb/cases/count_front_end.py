"""CountFrontEnd: every combination of offered, due and taken; nothing moves before it is due."""

import itertools

from hw.readout.count_front_end import CountFrontEnd
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import pack
from tb.cases.clocked import Clocked
from tb.cases.configs import CONFIGS

VARIANTS = ("tiny", "four_blocks")


def build(variant):
    return Clocked(CountFrontEnd(CONFIGS[variant]))


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    bits = config.readout.counter_bits
    inputs, outputs = [], []
    for valid, due, ready in [*itertools.product((0, 1), repeat=3)] * 20:
        payload = pack(rng.integers(1 << bits, size=2 * config.counters), bits)
        inputs.append({"counts.valid": valid, "due": due, "o.ready": ready,
                       "counts.payload": payload})
        outputs.append({"o.valid": valid & due, "counts.ready": ready & due,
                        "o.payload": payload})
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=1, enable=None),
                         rng, max_stall=max_stall)
