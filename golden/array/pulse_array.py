"""An array that is programmed by pulses, as seen from its pins, with noise by index.

Devices are those of `golden.array.pulse_response`. Each number of noise depends on the seed, the
row, the kind of event, the place in the row and how many of that kind its device has seen, and on
nothing else: whoever pulses and reads, in whatever order and however many columns at a time, finds
the same array.
"""

import numpy as np

from golden.array.cell_read import COUNTER_BITS, periods
from golden.array.checks import check_integer, check_number
from golden.array.pulse_response import PulseDevices

__all__ = ["PulseArray"]

KINDS = ("read", "pulse")


class PulseArray:
    """Cells of one or two devices per polarity; all start RESET.

    Parameters
    ----------
    devices : PulseDevices
        Of shape (1 or 2, 2, rows, columns): devices per polarity, plus and minus.
    counts_per_us : float
        What one window counts per µS; greater than 0.
    seed : int
        Of the noise of reads and pulses.
    counter_bits : int
        A full counter holds.
    reset_ua : float
        A square pulse of at least this current leaves a device at its RESET conductance. Published
        RESET current: 700 µA.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape or range.
    """

    def __init__(self, devices, *, counts_per_us, seed, counter_bits=COUNTER_BITS, reset_ua=700):
        if not isinstance(devices, PulseDevices):
            raise TypeError(f"devices must be PulseDevices, not {devices!r}")
        if len(devices.shape) != 4 or devices.shape[0] not in (1, 2) or devices.shape[1] != 2:
            raise ValueError("devices must have shape (1 or 2, 2, rows, columns), not "
                             f"{devices.shape}")
        self._devices = devices
        self._counts_per_us = check_number("counts_per_us", counts_per_us, above=0)
        self._seed = check_integer("seed", seed, low=0, high=(1 << 32) - 1)
        self._counter_bits = check_integer("counter_bits", counter_bits, low=1, high=16)
        self._reset_ua = check_number("reset_ua", reset_ua, minimum=0)
        self._seen = {kind: np.zeros(devices.shape, np.int64) for kind in KINDS}
        self._drawn = {}

    @property
    def devices(self):
        """Devices per polarity."""
        return self._devices.shape[0]

    @property
    def columns(self):
        return self._devices.shape[3]

    @property
    def g_us(self):
        """Conductances now, (devices, 2, rows, columns), in µS: a new array."""
        return self._devices.g_us

    def window(self, row, connected, columns=slice(None)):
        """Counts of one window in which ``row`` is driven at full length.

        Parameters
        ----------
        row : int
        connected : int
            Bit ``d``: device ``d`` of each polarity is connected.
        columns : slice
            Columns that are counted.

        Returns
        -------
        int64 array, (2, columns)
            Of plus, then of minus.
        """
        index = (slice(None), slice(None), row, columns)
        g_us = self._devices.part(index).read_us(self._noise("read", row, columns))
        self._seen["read"][index] += 1
        switches = np.array([connected >> d & 1 for d in range(self.devices)])
        return self.count(np.einsum("d,dpc->pc", switches, g_us), columns)

    def count(self, g_us, columns):
        """Counts of conductances (2, columns), as ideal converters of ``columns`` give them."""
        return periods(g_us, self._counts_per_us, self._counter_bits)

    def read(self, row, connected, windows):
        """Counts of plus less counts of minus, added over ``windows``: int64, (columns,)."""
        return sum(np.subtract(*self.window(row, connected)) for _ in range(windows))

    def pulse(self, row, columns, current_ua, device, negative, *, trailing):
        """One pulse to one device of each of some cells of a row.

        Parameters
        ----------
        row : int
        columns : array of int
        current_ua : array of float
        device : array of int
            Which device of the polarity.
        negative : array of bool
            Which polarity: that of minus.
        trailing : bool
            The pulse has a trailing edge, which crystallises: SET. Otherwise it is square.
        """
        part = self._devices.part((slice(None), slice(None), row))
        places = (np.asarray(device), np.asarray(negative).astype(int), np.asarray(columns))
        mask = np.zeros(part.shape, bool)
        mask[places] = True
        if trailing:
            part.set(mask)
            return
        current = np.zeros(part.shape)
        current[places] = current_ua
        part.reset(mask & (current >= self._reset_ua))
        part.pulse(current, mask & (current < self._reset_ua), self._noise("pulse", row))
        self._seen["pulse"][:, :, row] += mask

    def _noise(self, kind, row, columns=slice(None)):
        """A standard normal number for each device, of its next event."""
        numbers = self._seen[kind][:, :, row, columns]
        noise = np.empty(numbers.shape)
        for number in np.unique(numbers).tolist():
            drawn = self._draw(kind, row, number)[:, :, columns]
            np.copyto(noise, drawn, where=numbers == number)
        return noise

    def _draw(self, kind, row, number):
        # What is kept is of the present row; a row is visited in many small steps.
        if self._drawn.get("row") != row:
            self._drawn = {"row": row}
        key = kind, number
        if key not in self._drawn:
            rng = np.random.default_rng([self._seed, row, KINDS.index(kind), number])
            self._drawn[key] = rng.standard_normal((*self._devices.shape[:2], self.columns))
        return self._drawn[key]
