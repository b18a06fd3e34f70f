"""An array with its oscillators: pulse lengths or inputs straight to counts, piece by piece."""

import numpy as np

from golden.array.checks import check_number
from golden.array.crossbar import Crossbar
from golden.array.modes import ReadMode, combine
from golden.array.noise import check_seed
from golden.array.spans import BLOCK, check_span
from golden.convert.oscillator import OscillatorBank

__all__ = ["ArrayCounter"]


class ArrayCounter:
    """A crossbar read through a bank of oscillators.

    The law is that of `OscillatorBank.counts` in the precision of the array and in place; in
    float32 a count next to a truncation edge may differ by one.

    Parameters
    ----------
    crossbar : Crossbar
        May age between reads.
    bank : OscillatorBank
        With the columns of the crossbar and counters of at most 24 bits, which float32 can hold.
    read_voltage_v : float
        In volts, greater than 0.
    clock_ns : float
        Clock of the pulses, in ns, greater than 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.
    """

    def __init__(self, *, crossbar, bank, read_voltage_v, clock_ns=1.0):
        if not isinstance(crossbar, Crossbar):
            raise TypeError(f"crossbar must be a Crossbar, not {crossbar!r}")
        if not isinstance(bank, OscillatorBank):
            raise TypeError(f"bank must be an OscillatorBank, not {bank!r}")
        if bank.columns != crossbar.columns:
            raise ValueError(f"bank must have {crossbar.columns} columns, not {bank.columns}")
        if bank.counter_bits > 24:
            raise ValueError(f"counter_bits must be at most 24, not {bank.counter_bits}")
        self._crossbar, self._bank = crossbar, bank
        self._read_voltage_v = check_number("read_voltage_v", read_voltage_v, above=0)
        self._clock_ns = check_number("clock_ns", clock_ns, above=0)
        self._laws = {}

    def counts(self, lengths, *, window_clocks, seed, first=0, rows=None, columns=None,
               sides="both"):
        """One read per vector; arguments as `Crossbar.currents_ua`.

        Returns
        -------
        array of int32, (batch, 2, columns)
        """
        span = check_span("columns", columns, self._crossbar.columns)
        parts = self._crossbar.pieces_ua(
            lengths, window_clocks=window_clocks, read_voltage_v=self._read_voltage_v, seed=seed,
            first=first, rows=rows, columns=columns, sides=sides,
            limit_ua=self._bank.current_limit_ua)
        result = np.empty((len(lengths), 2, span.stop - span.start), np.int32)
        law = self._law(window_clocks * self._clock_ns / 1000.0, span.start, span.stop)
        for batch, current_ua in parts:
            np.copyto(result[batch], law(current_ua).swapaxes(0, 1), casting="unsafe")
        return result

    def _law(self, *part):
        if part not in self._laws:
            self._laws[part] = self._make_law(*part)
        return self._laws[part]

    def _make_law(self, window_us, start, stop):
        span = slice(start, stop)
        bank, kind = self._bank, np.dtype(self._crossbar.precision).type
        gain, bend, offset, full = (
            np.broadcast_to(values, (2, bank.columns))[:, None, span].astype(kind) for values in (
                bank.gain_mhz_per_ua * window_us, bank.nonlinearity_per_ua,
                bank.offset_mhz * window_us, (1 << bank.counter_bits) - 1))
        # Steps that cannot change a count are left out.
        shifted = offset.any()
        limit_ua = bank.current_limit_ua
        fills = (gain * limit_ua / (1 + bend * limit_ua) + offset >= full).any()
        # One number per vector of a block: numpy is twice as fast on arrays of equal shape.
        gain, bend = (np.repeat(values, BLOCK, axis=1) for values in (gain, bend))
        memory = np.empty_like(gain)

        def periods(current_ua):
            n = current_ua.shape[1]
            denominator = np.multiply(current_ua, bend[:, :n], out=memory[:, :n])
            denominator += kind(1)
            current_ua *= gain[:, :n]
            current_ua /= denominator
            if shifted:
                current_ua += offset
                np.clip(current_ua, 0, None, out=current_ua)
            return np.minimum(current_ua, full, out=current_ua) if fills else current_ua

        return periods

    def read(self, x, mode, *, seed, first=0, rows=None, columns=None):
        """Inputs through a sequence of reads, added at full precision.

        Read k of the sequence draws its noise from ``(*seed, k)``. The result is in counts of a
        clock, times ``mode.clocks_per_unit``.

        Parameters
        ----------
        x : array of int, (batch, rows)
            In ``-mode.limit..mode.limit``.
        mode : ReadMode
        seed, first, rows, columns
            As `Crossbar.currents_ua`.

        Returns
        -------
        array of int64, (batch, 2, columns)
        """
        if not isinstance(mode, ReadMode):
            raise TypeError(f"mode must be a ReadMode, not {mode!r}")
        seed, reads = check_seed("seed", seed), mode.reads(x)
        return combine(reads, [
            self.counts(read.lengths, window_clocks=read.window_clocks, seed=(*seed, k),
                        first=first, rows=rows, columns=columns, sides=read.sides)
            for k, read in enumerate(reads)])

    def stream(self, batches, *, window_clocks, seed, first=0, **part):
        """Counts of one batch after another, numbered on; memory for one batch only."""
        for lengths in batches:
            yield self.counts(lengths, window_clocks=window_clocks, seed=seed, first=first, **part)
            first += len(lengths)
