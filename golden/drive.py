"""Inputs as the row drivers send them: every window of a vector, in the order of the pins."""

import numpy as np

from golden.convert.pulse import pulse_lengths

__all__ = ["drive"]


def drive(x, settings):
    """The reads of a batch of vectors.

    Source of the modes: see `golden.array.modes.read_mode`. Hardware whose columns share counters
    takes all reads of a vector for the first block of columns, then all for the next.

    Parameters
    ----------
    x : int array, (vectors, rows)
        An input that has no magnitude in ``settings.input_bits`` is clipped.
    settings : Settings

    Returns
    -------
    reads : list of golden.array.modes.Read
        Of lengths (vectors, rows).
    clipped : bool
    """
    magnitudes, clipped = pulse_lengths(x, input_bits=settings.input_bits)
    return settings.mode.reads(magnitudes), bool(np.any(clipped))
