"""Residual: bytes of both signs, every scale's end, every shift and those beyond the largest."""

import numpy as np

from golden.formats import RESIDUAL_SCALE_BITS, RESIDUAL_SHIFT_BITS, NmpuFormats
from golden.nmpu import residual
from hw.nmpu.residual import Residual
from tb.agents.pipeline import Pipeline, PipelineAgent, skew
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.stimulus import corners

VARIANTS = ("tiny", "fine", "no_shift")


def build(variant):
    return Residual(CONFIGS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    formats = NmpuFormats.of(config)
    top, most = (1 << RESIDUAL_SCALE_BITS) - 1, formats.residual_shift
    shifts = range(1 << RESIDUAL_SHIFT_BITS)
    edges = np.concatenate([
        [(*pair, shift) for shift in shifts for pair in corners((-128, 127), (0, top))],
        np.stack([rng.integers(-128, 128, 1000), rng.integers(0, top, 1000, endpoint=True),
                  rng.integers(0, most, 1000, endpoint=True)], axis=-1)])
    received, scale, shift = edges[rng.permutation(len(edges))].T
    valid = rng.random(len(received)) < 0.8
    # A shift beyond the largest is refused before it comes here; it must not wrap all the same.
    wanted = np.array([
        int(v) and int(residual(np.array([r]), config, scale=int(c), shift=int(s) * (s <= most))[0])
        for v, r, c, s in zip(valid, received, scale, shift, strict=True)])
    assert wanted.min() == formats.residual.low, "the bound is not exercised"
    inputs = skew(len(received), i=(0, [int(r) & 0xFF for r in received]),
                  scale=(0, scale.tolist()), valid=(0, valid.astype(int).tolist()),
                  shift=(1, shift.tolist()))
    outputs = [{"o": int(z) & mask(formats.residual.fmt.width)} for z in wanted]
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=Residual.latency,
                                  enable=("en", "shift_en")), rng, max_stall=max_stall)
