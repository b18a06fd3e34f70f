"""Sums over the results of a batch, from which the host renews a BatchNorm.

Source of the procedure, in which batches are replayed and mean and variance are estimated anew:
AdaBS of Joshi et al., Nature Communications 11:2473, 2020. The integer form is ours.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_integer, check_integers
from golden.formats import Interval, NmpuFormats
from golden.qformat import QFormat

__all__ = ["MOST_RESULTS", "SAMPLE", "SHIFT_BITS", "Statistics", "statistics"]

SAMPLE = QFormat(True, 16, 0)
"""What is left of an accumulated readout after the shift; squares take twice the bits."""

SHIFT_BITS = 5
"""Width of the shift."""

MOST_RESULTS = 1 << 16
"""Results of one batch."""

SUM = Interval.of(SAMPLE.min * MOST_RESULTS, SAMPLE.max * MOST_RESULTS, frac_bits=0)
SQUARES = Interval.of(0, SAMPLE.min**2 * MOST_RESULTS, frac_bits=0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Statistics:
    """Sums of one batch.

    Parameters
    ----------
    sums, squares : int64 array, (columns,)
        Of the samples and of their squares; 32 bits signed and 47 bits.
    results : int
        Added up.
    shift : int
        Bits that were cut off each accumulated readout.
    clipped : bool
        A sample did not fit 16 bits: the sums are not those of the readouts.
    """

    sums: np.ndarray
    squares: np.ndarray
    results: int
    shift: int
    clipped: bool


def statistics(accumulated, config, *, shift):
    """Add up the accumulated readouts of a batch, before any normalisation.

    Parameters
    ----------
    accumulated : int array, (results, columns)
        Of `golden.nmpu.gather`.
    config : TileConfig
    shift : int
        0 to 31: a sample is ``accumulated >> shift``, clipped to 16 bits.

    Returns
    -------
    Statistics
    """
    shift = check_integer("shift", shift, low=0, high=(1 << SHIFT_BITS) - 1)
    accumulated = check_integers("accumulated", accumulated)
    wanted = config.array.columns
    if accumulated.ndim != 2 or accumulated.shape[1] != wanted:
        raise ValueError(f"accumulated must be (results, {wanted}), not {accumulated.shape}")
    results = check_integer("results", len(accumulated), low=1, high=MOST_RESULTS)
    shifted = NmpuFormats.of(config).accumulated.check(accumulated, "accumulator") >> shift
    samples = np.clip(shifted, SAMPLE.min, SAMPLE.max)
    return Statistics(sums=SUM.check(samples.sum(axis=0), "sum"),
                      squares=SQUARES.check((samples * samples).sum(axis=0), "sum of squares"),
                      results=results, shift=shift, clipped=bool((samples != shifted).any()))
