"""A BatchNorm renewed from the sums of replayed batches: new norm scales and biases.

Mean and variance follow the drifted array; gamma and beta stay. One batch after the other,

    mean <- p mean + (1 - p) mean_B,  variance <- p variance + (1 - p) variance_B,
    p = 0.015^(1/n)

with n batches in all, so that after the last one the old values weigh 1.5 %. Source: Joshi et al.,
Nature Communications 11:2473, 2020, whose batches of 200 images, n = 13, give p = 0.7239.
"""

import numpy as np

from golden.array.checks import check_integer, check_number, check_reals
from golden.formats import NmpuFormats
from golden.network.mapping import exponent_for
from golden.requantise import quantise

__all__ = ["REMAINDER", "fold", "moments", "momentum", "renew"]

REMAINDER = 0.015
"""Published: weight of the old mean and variance after the last batch."""


def momentum(batches):
    """``p`` of one of ``batches`` batches."""
    return REMAINDER ** (1 / check_integer("batches", batches, low=1, high=1 << 16))


def moments(batch, config):
    """Mean and variance of the accumulated readouts of a batch, in counts.

    A shift cuts ``(2^shift - 1)/2`` steps off in the mean, which the mean is given back. The
    variance is that of the batch, not an estimate of a larger one.

    Parameters
    ----------
    batch : golden.drift.statistics.Statistics
    config : TileConfig

    Returns
    -------
    mean, variance : float64 array, (columns,)

    Raises
    ------
    ValueError
        If a sample was clipped.
    """
    if batch.clipped:
        raise ValueError(f"batch was clipped: shift must be greater than {batch.shift}")
    n, frac = batch.results, NmpuFormats.of(config).accumulated.fmt.frac_bits
    # Exact in integers: the difference of two large numbers follows.
    spread = [n * q - s * s for s, q in zip(batch.sums.tolist(), batch.squares.tolist(),
                                            strict=True)]
    step = 2.0 ** (batch.shift - frac)
    lost = ((1 << batch.shift) - 1) / 2 * 2.0**-frac
    return (batch.sums / n * step + lost, np.array([v / (n * n) for v in spread]) * step**2)


def renew(mean, variance, batches, config, *, unit):
    """Mean and variance of the BatchNorm after ``batches``, in order.

    Parameters
    ----------
    mean, variance : float array, (outputs,)
        Before, in the units of the layer.
    batches : sequence of Statistics
        Of the tile's columns; the first ``outputs`` of them are used.
    config : TileConfig
    unit : float
        Of the layer per count of a readout: ``in_scale * w_max / count`` of
        `golden.network.mapping`.

    Returns
    -------
    mean, variance : float64 array, (outputs,)
    """
    unit, p = check_number("unit", unit, above=0), momentum(len(batches))
    mean, variance = check_reals("mean", mean), check_reals("variance", variance, low=0)
    for batch in batches:
        center, spread = (m[:len(mean)] for m in moments(batch, config))
        mean = p * mean + (1 - p) * unit * center
        variance = p * variance + (1 - p) * unit**2 * spread
    return mean, variance


def fold(config, *, gamma, beta, mean, variance, eps, unit, out_scale):
    """A BatchNorm as the coefficients of the tile.

    ``result = gamma (unit readout - mean)/sqrt(variance + eps) + beta`` in steps of ``out_scale``,
    times the largest power of two that fits both formats.

    Parameters
    ----------
    gamma, beta, mean, variance : float array, (outputs,)
    eps, unit, out_scale : float

    Returns
    -------
    norm_scale, norm_bias : int64 array, (outputs,)
        Raw.
    shift : int
        What `golden.settings.Settings.shift` must be.
    """
    slope = gamma / np.sqrt(variance + eps)
    bias, slope = (beta - slope * mean) / out_scale, slope * unit / out_scale
    exponent = exponent_for(slope, bias, config)
    return (quantise(slope * 2.0**exponent, config.nmpu.norm_scale, name="norm_scale"),
            quantise(bias * 2.0**exponent, config.nmpu.norm_bias, name="norm_bias"),
            NmpuFormats.of(config).normalised.fmt.frac_bits + exponent)
