"""Normalise: extremes of every operand, so that the proven bounds are met, then random ones."""

import numpy as np

from golden.formats import NmpuFormats
from golden.nmpu import Coefficients, normalise
from hw.nmpu.normalise import Normalise
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.stimulus import corners, magnitudes

VARIANTS = ("tiny", "fine", "whole")


def build(variant):
    return Normalise(CONFIGS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    nmpu, formats = config.nmpu, NmpuFormats.of(config)
    accumulated, bounds = formats.accumulated, formats.normalised
    n = 1000
    random = np.stack([magnitudes(rng, fmt, n)
                       for fmt in (accumulated.fmt, nmpu.norm_scale, nmpu.norm_bias)], axis=-1)
    operands = np.concatenate([
        corners((accumulated.low, accumulated.high), (nmpu.norm_scale.min, nmpu.norm_scale.max),
                (nmpu.norm_bias.min, nmpu.norm_bias.max)), random])
    sums, scale, bias = operands.T
    sums = np.clip(sums, accumulated.low, accumulated.high)
    wanted = normalise(sums, Coefficients(scale=None, offset=None, norm_scale=scale,
                                          norm_bias=bias), config)
    assert (wanted.min(), wanted.max()) == (bounds.low, bounds.high), "a bound is not exercised"
    inputs = [{"i": int(x) & mask(accumulated.fmt.width),
               "scale": int(s) & mask(nmpu.norm_scale.width),
               "bias": int(b) & mask(nmpu.norm_bias.width)}
              for x, s, b in zip(sums, scale, bias, strict=True)]
    outputs = [{"o": int(z) & mask(bounds.fmt.width)} for z in wanted]
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=Normalise.latency),
                         rng, max_stall=max_stall)
