"""Counts as the readout hands them to the NMPU."""

import numpy as np

from golden.array.checks import check_integers

__all__ = ["capture", "groups"]


def capture(counts, *, counter_bits):
    """What the capture buffer holds of the macro's counts.

    Parameters
    ----------
    counts : int array, (..., 2, columns)
        Periods counted by the P and the N oscillator of every column.
    counter_bits : int
        Width of a counter.

    Returns
    -------
    captured : int64 array, same shape
    full : bool array, (..., columns)
        Whether a counter of the column stands at full scale, where it stopped counting.
    """
    counts = check_integers("counts", counts)
    top = (1 << counter_bits) - 1
    if counts.size and (counts.min() < 0 or counts.max() > top):
        raise ValueError(f"counts must be from 0 to {top}, not "
                         f"{counts.min()} to {counts.max()}")
    return counts, (counts == top).any(axis=-2)


def groups(vector, *, lanes):
    """A vector of columns as the lanes see it: (..., columns) -> (..., columns/lanes, lanes).

    Lane ``l`` processes column ``g * lanes + l`` in group ``g``, so results leave in column order.
    """
    vector = np.asarray(vector)
    return vector.reshape(*vector.shape[:-1], -1, lanes)
