"""Normalise: extremes of every operand, so that the proven bounds are met, then random ones."""

import numpy as np

from golden.formats import NmpuFormats
from golden.nmpu import Coefficients, normalise
from hw.nmpu.stages import LaneStages
from tb.agents.pipeline import Pipeline, PipelineAgent, skew
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.stimulus import corners, magnitudes

VARIANTS = ("tiny", "fine", "whole", "no_streams", "deep", "deep_even",
            "deep_fine")


def build(variant):
    config = CONFIGS[variant]
    return LaneStages.of(config).normalise(config)


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    nmpu, formats = config.nmpu, NmpuFormats.of(config)
    accumulated, added, bounds = formats.accumulated, formats.residual, formats.activated
    n = 1000
    random = np.stack([magnitudes(rng, fmt, n) for fmt in (
        accumulated.fmt, nmpu.norm_scale, nmpu.norm_bias, added.fmt)], axis=-1)
    operands = np.concatenate([
        corners((accumulated.low, accumulated.high), (nmpu.norm_scale.min, nmpu.norm_scale.max),
                (nmpu.norm_bias.min, nmpu.norm_bias.max), (added.low, added.high)),
        # On both sides of the first ReLU's edge.
        corners((-1, 1), (-1, 0), (-1, 0), (0, 1)), random])
    # Every operand in every way, in any order.
    operands = np.repeat(operands, 4, axis=0)
    bypass, relu = np.tile([0, 1, 0, 1], len(operands) // 4), np.tile([0, 0, 1, 1],
                                                                     len(operands) // 4)
    order = rng.permutation(len(operands))
    sums, scale, bias, residual = operands[order].T
    bypass, relu = bypass[order], relu[order]
    sums = np.clip(sums, accumulated.low, accumulated.high)
    residual = np.clip(residual, added.low, added.high) * nmpu.residual
    coefficients = Coefficients(scale=None, offset=None, norm_scale=scale, norm_bias=bias)
    affine = np.where(bypass, normalise(sums, coefficients, config, bypass=True),
                      normalise(sums, coefficients, config))
    wanted = bounds.check(np.where(relu, np.maximum(affine, 0), affine) + residual, "o")
    assert (wanted.min(), wanted.max()) == (bounds.low, bounds.high), "a bound is not exercised"
    assert {-1, 0, 1} <= set(affine[relu == 1].tolist()), "the edge of the ReLU is not exercised"

    def pattern(values, fmt):
        return [int(value) & mask(fmt.width) for value in values]

    more = {"relu": (LaneStages.of(config).normalise.latency_of(config) - 1, relu.tolist())}
    if nmpu.residual:
        more["residual"] = 0, pattern(residual, added.fmt)
    inputs = skew(len(sums), i=(0, pattern(sums, accumulated.fmt)),
                  scale=(0, pattern(scale, nmpu.norm_scale)),
                  bias=(0, pattern(bias, nmpu.norm_bias)), bypass=(0, bypass.tolist()), **more)
    outputs = [{"o": z} for z in pattern(wanted, bounds.fmt)]
    latency = LaneStages.of(config).normalise.latency_of(config)
    work = Pipeline(inputs=inputs, outputs=outputs, latency=latency)
    return PipelineAgent(work, rng, max_stall=max_stall)
