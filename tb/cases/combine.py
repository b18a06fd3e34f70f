"""Combine: extremes of every operand, so that the proven bounds are met, then random ones."""

import numpy as np

from golden.formats import NmpuFormats
from golden.nmpu import Coefficients, combine
from hw.nmpu.stages import LaneStages
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.stimulus import corners, magnitudes

VARIANTS = ("tiny", "fine", "whole", "one_bit", "deep", "deep_fine")
PORTS = ("count_p", "count_n", "scale_p", "scale_n", "offset_p", "offset_n")


def build(variant):
    config = CONFIGS[variant]
    return LaneStages.of(config).combine(config)


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    nmpu, bits = config.nmpu, config.readout.counter_bits
    pairs = [(0, mask(bits))] * 2 + [(f.min, f.max) for f in (nmpu.scale, nmpu.offset)
                                     for _ in range(2)]
    n = 1000
    operands = np.concatenate([corners(*pairs), np.stack([
        *(rng.integers(0, 1 << bits, n) >> rng.integers(0, bits, n) for _ in range(2)),
        *(magnitudes(rng, f, n) for f in (nmpu.scale, nmpu.offset) for _ in range(2))], axis=-1)])
    counts, scale, offset = operands.T.reshape(3, 2, -1)
    wanted = combine(counts, Coefficients(scale=scale, offset=offset, norm_scale=None,
                                          norm_bias=None), config)
    bounds = NmpuFormats.of(config).combined
    assert (wanted.min(), wanted.max()) == (bounds.low, bounds.high), "a bound is not exercised"
    widths = dict(zip(PORTS, [bits] * 2 + [nmpu.scale.width] * 2 + [nmpu.offset.width] * 2,
                      strict=True))
    inputs = [{name: int(value) & mask(widths[name])
               for name, value in zip(PORTS, row, strict=True)} for row in operands]
    outputs = [{"y": int(y) & mask(bounds.fmt.width)} for y in wanted]
    latency = LaneStages.of(config).combine.latency_of(config)
    work = Pipeline(inputs=inputs, outputs=outputs, latency=latency)
    return PipelineAgent(work, rng, max_stall=max_stall)
