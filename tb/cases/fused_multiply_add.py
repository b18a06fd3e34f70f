"""FusedMultiplyAdd: ties, cancellation, subnormal results, overflow, infinities and NaN."""

from golden.fp16 import fma16
from hw.baseline.fused_multiply_add import FusedMultiplyAdd
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.float16 import patterns, summary, triples

VARIANTS = {"few": 500, "many": 3000}
"""Operands of each kind."""


def build(variant):
    return FusedMultiplyAdd()


def agent(variant, rng, *, max_idle, max_stall):
    operands = triples(rng, VARIANTS[variant] // (2 if max_stall else 1))
    seen = summary(*operands)
    assert min(seen.values()) > 30, seen
    a, b, c = (patterns(x).tolist() for x in operands)
    wanted = patterns(fma16(*operands)).tolist()
    return PipelineAgent(
        Pipeline(inputs=[{"a": x, "b": y, "c": z} for x, y, z in zip(a, b, c, strict=True)],
                 outputs=[{"o": o} for o in wanted], latency=FusedMultiplyAdd.latency),
        rng, max_stall=max_stall)
