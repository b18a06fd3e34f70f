"""Add: every pair of edges, ties, cancellation, signed zeros, overflow, infinities and NaN."""

import numpy as np

from golden.fp16 import fma16
from hw.baseline.add import Add
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.float16 import edges, finite, patterns, summary, triples

VARIANTS = {"few": 500, "many": 3000}
"""Operands of each kind."""


def build(variant):
    return Add()


def agent(variant, rng, *, max_idle, max_stall):
    # The sums of the multiply-add's stimulus with a product that is a number already.
    a, b, c = triples(rng, VARIANTS[variant] // (2 if max_stall else 1))
    with np.errstate(over="ignore", invalid="ignore"):
        product = a * b
    pairs = np.concatenate([np.array([v.ravel() for v in np.meshgrid(edges(), edges())]),
                            np.array([product, c]),
                            np.array([finite(rng, 200, low=29), finite(rng, 200, low=29)]),
                            np.array([finite(rng, 200, high=1), finite(rng, 200, high=1)])], axis=1)
    pairs = pairs[:, rng.permutation(pairs.shape[1])]
    one = np.ones(pairs.shape[1], np.float16)
    seen = summary(pairs[0], one, pairs[1])
    assert min(seen.values()) > 15, seen
    x, y = (patterns(v).tolist() for v in pairs)
    wanted = patterns(fma16(pairs[0], one, pairs[1])).tolist()
    return PipelineAgent(
        Pipeline(inputs=[{"a": p, "b": q} for p, q in zip(x, y, strict=True)],
                 outputs=[{"o": o} for o in wanted], latency=Add.latency),
        rng, max_stall=max_stall)
