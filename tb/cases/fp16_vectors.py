"""Columns for the FP16 unit and what follows from them; shared by Fp16Datapath and Fp16Unit."""

import numpy as np

from golden.fp16 import Fp16Coefficients, process_fp16
from tb.float16 import finite, patterns

__all__ = ["COEFFICIENTS", "FLAGS", "coefficient_words", "random_coefficients", "random_counts",
           "random_received", "wanted_results"]

COEFFICIENTS = ("scale_p", "offset_p", "scale_n", "offset_n", "norm_scale", "norm_bias",
                "received_scale")
FLAGS = ("relu", "receive", "relu_after")


def random_coefficients(rng, columns):
    """(Fp16Coefficients, scale of what is received) of some columns.

    Most are those of a calibrated layer, whose results fill their range; a part has steps of half
    a result, so that ties are common; a part is anything that is finite; of a few both branches
    overflow.
    """
    kind = rng.choice(4, columns, p=(0.46, 0.3, 0.2, 0.04))

    def pick(usual, coarse, large=1.0):
        return np.choose(kind, [usual, coarse, finite(rng, columns).astype(np.float64), large])

    sign = rng.choice((-1.0, 1.0), columns)
    received_scale = pick(rng.uniform(0.1, 2, columns), rng.choice((0.5, 1.5), columns))
    return Fp16Coefficients(
        scale=[pick(rng.uniform(0.8, 1.25, columns), 1.0, large=6e4) for _ in range(2)],
        offset=[pick(rng.normal(0, 30, columns), rng.integers(-9, 10, columns))
                for _ in range(2)],
        norm_scale=pick(sign * 2.0 ** rng.uniform(-8, 0, columns), sign * 0.5),
        norm_bias=pick(rng.normal(0, 40, columns), rng.integers(-99, 100, columns)),
    ), received_scale.astype(np.float16)


def random_counts(rng, config, shape):
    """Counts of random magnitudes; half of the pairs are close to each other."""
    bits = config.readout.counter_bits
    counts = rng.integers(0, 1 << bits, shape) >> rng.integers(0, bits, shape)
    near = np.clip(counts[..., 1, :] + rng.integers(-300, 301, counts[..., 1, :].shape),
                   0, (1 << bits) - 1)
    counts[..., 0, :] = np.where(rng.random(near.shape) < 0.5, near, counts[..., 0, :])
    return counts


def random_received(rng, shape):
    """INT8 of random magnitudes, the ends more often."""
    value = rng.integers(-128, 128, shape) >> rng.integers(0, 8, shape)
    return np.where(rng.random(shape) < 0.1, rng.choice((-128, 127), shape), value)


def coefficient_words(coefficients, received_scale):
    """Bit patterns by name, one per column."""
    c = coefficients
    values = (c.scale[0], c.offset[0], c.scale[1], c.offset[1], c.norm_scale, c.norm_bias,
              received_scale)
    return {name: patterns(value) for name, value in zip(COEFFICIENTS, values, strict=True)}


def wanted_results(config, counts, coefficients, received_scale, received, flags):
    """The results, and float16 before them, of columns that share their flags."""
    sums = {"received": received, "received_scale": received_scale} if flags["receive"] else {}
    return process_fp16(counts, coefficients, relu=bool(flags["relu"]),
                        relu_after=bool(flags["relu_after"]), rounding=config.nmpu.rounding,
                        **sums)
