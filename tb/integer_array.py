"""An array of small whole conductances, whose counts are exact whatever the order of the sums."""

import numpy as np

__all__ = ["IntegerArray"]


class IntegerArray:
    """Counts are ``floor(sum of conductance * pulse / 2**shift)``, stopped at full scale.

    Every row, column and polarity has its own random conductance, so a row, column or sign that
    goes astray changes the counts. The shift puts typical counts in mid-range and some at full
    scale.
    """

    def __init__(self, config, rng):
        rows, columns = config.array.rows, config.array.columns
        self._conductance = rng.integers(0, 256, (2, rows, columns))
        self._rows = rows
        self._top = (1 << config.readout.counter_bits) - 1

    def counts(self, lengths, *, sides="both", longest=127):
        """Signed pulse lengths (vectors, rows) to counts (vectors, 2, columns).

        Parameters
        ----------
        lengths : int array
        sides : str
            Devices connected, see `golden.array.modes.Read`.
        longest : int
            Longest pulse of the window: of a short one smaller charges fill the counters.
        """
        plus, minus = np.maximum(lengths, 0), np.maximum(-lengths, 0)
        g_plus, g_minus = self._conductance * [[[sides != "minus"]], [[sides != "plus"]]]
        charge = np.stack([plus @ g_plus + minus @ g_minus, plus @ g_minus + minus @ g_plus],
                          axis=1)
        return np.minimum(charge >> self.shift(longest), self._top)

    def shift(self, longest=127):
        """Bits of charge that a count is worth."""
        largest = 255 * longest * self._rows
        return max((largest // (4 * self._top)).bit_length() - 1, 0)

    def read(self, read):
        """Counts of a `golden.array.modes.Read`."""
        return self.counts(read.lengths, sides=read.sides)
