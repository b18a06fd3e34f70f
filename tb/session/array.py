"""The array on the pins of the session: converters with a spread, devices that pulses program.

Devices do not drift while they are programmed. When that is over, they become a crossbar that ages
from then on.
"""

import numpy as np

from golden.array.crossbar import Crossbar
from golden.array.device import PcmLike
from golden.array.pulse_array import PulseArray
from golden.array.pulse_response import PulseResponse
from golden.convert.oscillator import NOMINAL_GAIN_MHZ_PER_UA, OscillatorBank
from golden.convert.pulse import READ_VOLTAGE_V, window_clocks

__all__ = ["SessionArray"]


class ConvertedPulseArray(PulseArray):
    """A `PulseArray` whose counts come from the oscillators of a bank."""

    def __init__(self, devices, bank, *, window_clocks, seed):
        self._bank, self._window_clocks = bank, window_clocks
        super().__init__(devices, counts_per_us=NOMINAL_GAIN_MHZ_PER_UA * READ_VOLTAGE_V
                         * window_clocks * 1e-3, seed=seed, counter_bits=bank.counter_bits)

    def count(self, g_us, columns):
        current = np.zeros((1, 2, self.columns))
        current[0, :, columns] = (READ_VOLTAGE_V * g_us
                                  * (self._window_clocks - 1) / self._window_clocks)
        return self._bank.counts(current, window_ns=float(self._window_clocks))[0][:, columns]


class SessionArray:
    """Answers windows of `tb.tile_bench`, and keeps what it answered.

    Parameters
    ----------
    config : TileConfig
    lsb_ua : float
        Of the known current.
    seed : int

    Attributes
    ----------
    pulses : ConvertedPulseArray
        For the write heads.
    answered : list of (lengths, counts)
        Windows since the list was last emptied.
    """

    def __init__(self, config, *, lsb_ua, seed):
        devices, converters, self._ageing = np.random.default_rng(seed).spawn(3)
        shape = (config.program.devices, 2, config.array.rows, config.array.columns)
        self.bank = OscillatorBank.sample(config.array.columns, config.readout.counter_bits,
                                          converters)
        self.pulses = ConvertedPulseArray(
            PulseResponse().sample(shape, devices), self.bank,
            window_clocks=window_clocks(config.drive.input_bits), seed=seed)
        self._lsb_ua, self._seed, self._crossbar = lsb_ua, seed, None
        self.answered = []

    def first_read(self):
        """Programming is over; from now on the devices drift."""
        self._crossbar = Crossbar.from_conductances(self.pulses.g_us, device=PcmLike(),
                                                    rng=self._ageing)

    def advance(self, seconds):
        self._crossbar.advance(seconds)

    def counts(self, window, heads):
        """Counts (2, columns) of a window."""
        if window.reference is not None:
            counts = self._known_current(window)
        elif self._crossbar is None:
            counts = heads.counts(window)
        else:
            current = self._crossbar.currents_ua(
                window.lengths[None], window_clocks=window.clocks,
                read_voltage_v=READ_VOLTAGE_V, seed=self._seed, first=window.number)
            counts = self.bank.counts(current, window_ns=float(window.clocks))[0]
        self.answered.append((window.lengths, counts))
        return counts

    def _known_current(self, window):
        negative = window.reference < 0
        current = np.zeros((1, 2, self.bank.columns))
        current[0, int(negative)] = self._lsb_ua * (
            ~window.reference if negative else window.reference)
        return self.bank.counts(current, window_ns=float(window.clocks))[0]
