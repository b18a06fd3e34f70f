"""Gains and offsets from sums: of the whole tile, of each column, and a straight line per column.

A column that the network does not use holds nothing but noise. It is told by its reference, which
is below the ``minimum`` that the host set: it is left out of the sums of the tile, and it gets the
gain of the tile, so that it neither spoils the tile nor refuses the update. With a minimum of 0
every column counts as used.

The tile's gain is found first, then the columns in rising order, of each its gain before its beta;
the first refusal is the refusal of the whole estimate.

Sources: the gain of the tile is the global drift compensation of Le Gallo et al., IEEE Trans.
Electron Devices 65, 4304, 2018, with the sums of Rasch et al., Nature Communications 14:5282, 2023;
slope and offset per column follow Chen et al., Nature Communications 16:8661, 2025. The integer
form and what becomes of unused columns are ours.
"""

from dataclasses import dataclass

import numpy as np

from golden.drift.divide import Refusal, divide
from golden.drift.formats import DriftFormats

__all__ = ["Estimate", "column", "fit", "tile"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimate:
    """What makes present readouts like the reference: ``gain * now + beta``.

    Parameters
    ----------
    gains : int64 array, (columns,)
        Raw in ``config.drift.gain``.
    betas : int64 array, (columns,)
        Raw in ``config.nmpu.offset``, per read of weight 1.
    """

    gains: np.ndarray
    betas: np.ndarray


def tile(reference, now, config, *, minimum=0):
    """One gain for all: the ratio of the sums over the used columns.

    Parameters
    ----------
    reference, now : Measurement
        Of absolute values.
    config : TileConfig
    minimum : int
        Raw in ``DriftFormats.sum``.

    Returns
    -------
    estimate : Estimate or None
    refusal : Refusal
    """
    pairs = list(zip(reference.sums.tolist(), now.sums.tolist(), strict=True))
    gain, refusal = _of_used(pairs, config, minimum)
    return _result([gain] * len(pairs), [0] * len(pairs), refusal)


def column(reference, now, config, *, minimum=0):
    """A gain for each column; parameters and results as of `tile`."""
    pairs = list(zip(reference.sums.tolist(), now.sums.tolist(), strict=True))
    common, refusal = _of_used(pairs, config, minimum)
    gains = []
    for then, now in pairs:
        gain, refusal = _gain(then, now, common, refusal, config, minimum)
        gains.append(gain)
    return _result(gains, [0] * len(pairs), refusal)


def fit(references, nows, config, *, minimum=0):
    """A slope and an offset for each column, through two calibration inputs.

    ``slope = (r1 - r0)/(n1 - n0)`` and ``beta = (r0 - slope n0)/reads``, both rounded half up, beta
    from the rounded slope. An unused column, whose ``abs(r1 - r0)`` is below ``minimum``, gets
    the tile's slope, the ratio of the absolute differences over the used columns, and no beta.

    Parameters
    ----------
    references, nows : pairs of Measurement
        Of signed values, for slot 0 and 1; the weights of all reads of a measurement together
        are the same power of two in all four.

    Returns
    -------
    estimate : Estimate or None
    refusal : Refusal
    """
    r0, r1, n0, n1 = (m.sums.tolist() for m in (*references, *nows))
    pairs = []
    for rise, present in zip(map(int.__sub__, r1, r0), map(int.__sub__, n1, n0), strict=True):
        # A falling column is as good as a rising one.
        sign = -1 if rise < 0 else 1
        pairs.append((sign * rise, sign * present))
    common, refusal = _of_used(pairs, config, minimum)
    gain_frac, offset, line = config.drift.gain.frac_bits, config.nmpu.offset, DriftFormats.of(
        config).line
    reads = references[0].repeats * references[0].weight
    shift = line.fmt.frac_bits - offset.frac_bits + reads.bit_length() - 1
    gains, betas = [], []
    for (rise, present), then, now in zip(pairs, r0, n0, strict=True):
        gain, refusal = _gain(rise, present, common, refusal, config, minimum)
        beta = (0 if rise < minimum else
                ((then << gain_frac) - gain * now + (1 << (shift - 1))) >> shift)
        if refusal is Refusal.NONE and not offset.holds(beta, beta):
            refusal = Refusal.RANGE
        gains.append(gain)
        betas.append(beta)
    return _result(gains, betas, refusal)


def _of_used(pairs, config, minimum):
    """Ratio of the sums over the columns whose reference reaches ``minimum``."""
    used = [(then, abs(now)) for then, now in pairs if then >= minimum]
    return divide(sum(then for then, _ in used), sum(now for _, now in used), config.drift.gain,
                  minimum=minimum)


def _gain(then, now, common, refusal, config, minimum):
    """A column's gain and refusal; an earlier ``refusal`` stays."""
    if refusal is not Refusal.NONE:
        return 0, refusal
    if then < minimum:
        return common, refusal
    return divide(then, now, config.drift.gain, minimum=minimum)


def _result(gains, betas, refusal):
    if refusal is not Refusal.NONE:
        return None, refusal
    return Estimate(gains=np.array(gains, np.int64), betas=np.array(betas, np.int64)), refusal
