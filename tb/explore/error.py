"""What fixed point costs in accuracy: golden integers against float64 of the same counts."""

from functools import cache

import numpy as np

from golden.formats import NmpuFormats
from golden.nmpu import Coefficients, process
from golden.reference import process_real
from golden.settings import Settings

__all__ = ["NARROWING", "SEED", "VECTORS", "fixed_and_real", "relative_error"]

SEED = 1
VECTORS = 64
NARROWING = 6
"""Bits from a readout to its result: with these draws no result saturates at 8 bits."""


def fixed_and_real(config):
    """Results of `VECTORS` reads of random columns; the same draws for every format.

    Counts are of any size. Scales are those of calibrated converters, 0.75 to 1.25; channel scales
    0.5 to 0.99, offsets and biases a few counts and steps. Coefficients of the reals are not
    quantised.

    Returns
    -------
    fixed : int64 array, (VECTORS, columns)
    real : float64 array, same shape, in steps of the result
    """
    rng, columns = np.random.default_rng(SEED), config.array.columns
    real = {"scale": rng.uniform(0.75, 1.25, (2, columns)),
            "offset": rng.uniform(-32, 32, (2, columns)),
            "norm_scale": rng.uniform(0.5, 0.99, columns),
            "norm_bias": rng.uniform(-640, 640, columns)}
    counts = rng.integers(0, 1 << config.readout.counter_bits, (VECTORS, 1, 2, columns))
    shift = NmpuFormats.of(config).normalised.fmt.frac_bits + NARROWING
    settings = Settings(shift=shift)
    coefficients = Coefficients.from_real(config, **real)
    return (process(counts, coefficients, settings, config),
            process_real(counts, real, settings, config))


@cache
def relative_error(config):
    """RMS of the difference over RMS of the real results."""
    fixed, real = fixed_and_real(config)
    return float(np.sqrt(np.mean((fixed - real)**2) / np.mean(real**2)))
