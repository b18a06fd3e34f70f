"""Base coefficients and an estimate become corrected coefficients."""

from dataclasses import replace

import numpy as np

from golden.drift.divide import Refusal
from golden.drift.formats import DriftFormats

__all__ = ["rewrite"]


def rewrite(base, estimate, config):
    """``scale * gain`` and ``offset * gain + beta`` with the smallest exponent that holds them all.

    Both are rounded half up, once. Beta goes into the offset of polarity P. ``norm_scale`` and
    ``norm_bias`` stay: the gain belongs to the product, never to the BatchNorm bias. The base
    stays too, so one correction never multiplies another.

    Parameters
    ----------
    base : Coefficients
        As the host wrote them: exponent 0.
    estimate : Estimate
    config : TileConfig

    Returns
    -------
    coefficients : Coefficients or None
    refusal : Refusal
    """
    if base.exponent:
        raise ValueError(f"base must have exponent 0, not {base.exponent}")
    formats, frac = DriftFormats.of(config), config.drift.gain.frac_bits
    scaled = base.scale * estimate.gains
    shifted = base.offset * estimate.gains
    shifted[0] += estimate.betas << frac
    for exponent in config.exponents:
        half, shift = 1 << (frac + exponent - 1), frac + exponent
        scale = formats.scaled.check(scaled + half, "scaled scale") >> shift
        offset = formats.shifted.check(shifted + half, "scaled offset") >> shift
        if all(fmt.holds(int(np.min(raw)), int(np.max(raw)))
               for fmt, raw in ((config.nmpu.scale, scale), (config.nmpu.offset, offset))):
            return replace(base, scale=scale, offset=offset, exponent=exponent), Refusal.NONE
    return None, Refusal.COEFFICIENT
