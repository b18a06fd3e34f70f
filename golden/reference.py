"""The digital path in float64: what fixed point is measured against."""

import numpy as np

from golden.array.checks import check_reals
from golden.formats import NmpuFormats

__all__ = ["process_real", "to_input"]


def process_real(counts, real, settings, config, *, received=None):
    """The NMPU without quantised coefficients, rounding or saturation.

    Parameters
    ----------
    counts : int array, (..., reads, 2, columns)
    real : dict of float64 arrays
        ``scale``, ``offset``, ``norm_scale``, ``norm_bias`` as `golden.nmpu.Coefficients` names
        them, before quantisation.
    settings : Settings
    config : TileConfig
    received : real array, (..., columns), optional
        Residuals in steps of a signed byte, with ``settings.residual``.

    Returns
    -------
    float64 array, (..., columns), in steps of the result
    """
    branch = counts * real["scale"] + real["offset"]
    weights = np.array(settings.weights * settings.reads)
    readout = ((branch[..., 0, :] - branch[..., 1, :]) * weights[:, None]).sum(axis=-2)
    frac = NmpuFormats.of(config).normalised.fmt.frac_bits
    z = readout if settings.bypass else readout * real["norm_scale"] + real["norm_bias"]
    if settings.relu_first:
        z = np.maximum(z, 0)
    if settings.residual:
        z = z + received * settings.residual_scale * 2.0**(settings.residual_shift - frac)
    y = z * 2.0**(frac - settings.shift)
    return np.maximum(y, 0) if settings.relu else y


def to_input(y, *, input_bits):
    """Real activations to the integers that the row drivers take: to nearest even, clipped."""
    limit = (1 << (input_bits - 1)) - 1
    return np.clip(np.round(check_reals("y", y)), -limit, limit).astype(np.int64)
