"""FromInteger: every count of each width."""

import numpy as np

from golden.fp16 import to_fp16
from hw.baseline.from_integer import FromInteger
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.float16 import patterns

VARIANTS = {"one_bit": 1, "eight_bits": 8, "eleven_bits": 11, "twelve_bits": 12,
            "sixteen_bits": 16}
"""Width; with 16 bits counts overflow, and only a part of them is taken."""


def build(variant):
    return FromInteger(VARIANTS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    bits = VARIANTS[variant]
    counts = np.arange(1 << min(bits, 12))
    if bits > 12:
        # Below, ties and their neighbours; then both sides of the overflow.
        top = rng.integers(0, 1 << 11, 300) << 5
        counts = np.concatenate([counts, *(top + k for k in (0, 1, 15, 16, 17, 31)),
                                 np.arange(65500, 65536)])
    counts = rng.permutation(counts)
    wanted = patterns(to_fp16(counts))
    return PipelineAgent(
        Pipeline(inputs=[{"i": count} for count in counts.tolist()],
                 outputs=[{"o": o} for o in wanted.tolist()], latency=FromInteger.latency),
        rng, max_stall=max_stall)
