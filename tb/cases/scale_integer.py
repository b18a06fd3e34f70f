"""ScaleInteger: every INT8 with edges of the scale, subnormal ones among them, and random ones."""

import numpy as np

from golden.fp16 import fma16, to_fp16
from hw.baseline.scale_integer import ScaleInteger
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.float16 import edges, finite, patterns, summary

VARIANTS = ("any",)


def build(variant):
    return ScaleInteger()


def agent(variant, rng, *, max_idle, max_stall):
    i, scale = (v.ravel() for v in np.meshgrid(np.arange(-128, 128), edges()[::2]))
    i = np.concatenate([i, rng.integers(-128, 128, 4000)])
    scale = np.concatenate([scale, finite(rng, 2000), finite(rng, 2000, high=2)])
    order = rng.permutation(len(i))
    i, scale = i[order], scale[order]
    zero = np.zeros(len(i), np.float16)
    seen = summary(to_fp16(i), scale, zero)
    assert min(n for name, n in seen.items() if name != "negative zero") > 100, seen
    wanted = patterns(fma16(to_fp16(i), scale, zero))
    return PipelineAgent(
        Pipeline(inputs=[{"i": x & 0xFF, "scale": s}
                         for x, s in zip(i.tolist(), patterns(scale).tolist(), strict=True)],
                 outputs=[{"o": o} for o in wanted.tolist()], latency=ScaleInteger.latency),
        rng, max_stall=max_stall)
