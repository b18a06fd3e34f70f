"""A crossbar of differential pairs: programmed once, aged, read in batches."""

import numpy as np

from golden.array.cell import check_cell
from golden.array.checks import check_generator, check_number, check_reals
from golden.array.device import Device
from golden.array.effects import ArrayEffects
from golden.array.read import Plane, currents_in_pieces
from golden.array.spans import check_span
from golden.array.weights import pair_shares

__all__ = ["Crossbar"]

PRECISIONS = ("float32", "float64")


class Crossbar:
    """Rows x columns of device pairs whose columns each feed two oscillators, P and N.

    A row is driven by a pulse with a sign. The product of that sign with the polarity of the
    device decides which oscillator receives the current: P takes positive inputs on plus
    devices and negative inputs on minus devices, N takes the other two.

    The devices are programmed on creation: first one normal number per device for the
    programming error, then one per device for the drift exponent, both in the order of
    ``target_us``. Whatever else is drawn comes from generators spawned from ``rng``.

    Parameters
    ----------
    target_us : array of float, (2, rows, columns)
        Conductance asked of the plus and of the minus side, in µS, from 0 to
        ``cell.g_max_us(device)``.
    device : Device
        Device model.
    rng : numpy.random.Generator
        Draws the programming error and the drift exponents.
    cell : Cell, optional
        Default: one device per polarity, none stuck.
    effects : ArrayEffects, optional
        Default: none but fresh read noise.
    precision : str
        ``"float32"`` or ``"float64"``: arithmetic of a read.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape or range. A refused call of any method
        changes nothing.
    """

    def __init__(self, *, target_us, device, rng, cell=None, effects=None, precision="float32"):
        self._settle(device, rng, effects, precision)
        cell = check_cell(cell)
        target_us = check_reals("target_us", target_us, low=0, high=cell.g_max_us(device))
        if target_us.ndim != 3 or target_us.shape[0] != 2 or 0 in target_us.shape:
            raise ValueError(
                f"target_us must have shape (2, rows, columns), not {target_us.shape}")
        self._start(*cell.program(target_us, device, rng), rng)

    @classmethod
    def from_weights(cls, weights, *, device, rng, w_max=None, cell=None, **options):
        """Put each weight on one side of its pair, see `golden.array.weights.pair_shares`.

        Parameters
        ----------
        weights, w_max
            As `pair_shares`.
        cell, **options
            As the constructor.

        Raises
        ------
        TypeError, ValueError
            As the constructor and `pair_shares`.
        """
        if not isinstance(device, Device):
            raise TypeError(f"device must be a Device, not {device!r}")
        shares = pair_shares(weights, w_max)
        return cls(target_us=shares * check_cell(cell).g_max_us(device), device=device, rng=rng,
                   cell=cell, **options)

    @classmethod
    def from_conductances(cls, g_prog_us, *, device, rng, effects=None, precision="float32"):
        """Take devices as something else programmed them, one per polarity or several.

        Parameters
        ----------
        g_prog_us : array of float, (devices, 2, rows, columns)
            In µS, at least 0. Drift exponents are drawn for it, capped at ``g_max_us``.

        Raises
        ------
        TypeError, ValueError
            As the constructor.
        """
        self = cls.__new__(cls)
        self._settle(device, rng, effects, precision)
        g_prog_us = check_reals("g_prog_us", g_prog_us, low=0)
        if g_prog_us.ndim != 4 or g_prog_us.shape[1] != 2 or 0 in g_prog_us.shape:
            raise ValueError("g_prog_us must have shape (devices, 2, rows, columns), "
                             f"not {g_prog_us.shape}")
        nu = device.drift_coefficients(np.minimum(g_prog_us, device.g_max_us), rng)
        self._start(g_prog_us, nu, rng)
        return self

    def _settle(self, device, rng, effects, precision):
        effects = ArrayEffects() if effects is None else effects
        if not isinstance(device, Device):
            raise TypeError(f"device must be a Device, not {device!r}")
        check_generator("rng", rng)
        if not isinstance(effects, ArrayEffects):
            raise TypeError(f"effects must be ArrayEffects, not {effects!r}")
        if precision not in PRECISIONS:
            raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, "
                             f"not {precision!r}")
        self._device, self._effects, self._precision = device, effects, precision

    def _start(self, g_prog_us, nu, rng):
        self._g_prog_us, self._nu, self._frozen = g_prog_us, nu, None
        if self._effects.read_noise == "frozen":
            self._frozen = rng.spawn(1)[0].standard_normal(g_prog_us.shape)
        self._age_to(0.0)

    @property
    def rows(self):
        return self._g_prog_us.shape[2]

    @property
    def columns(self):
        return self._g_prog_us.shape[3]

    @property
    def g_prog_us(self):
        """Conductances as programmed, (devices, 2, rows, columns), in µS."""
        return self._g_prog_us.copy()

    @property
    def nu(self):
        """Drift exponents, (devices, 2, rows, columns)."""
        return self._nu.copy()

    @property
    def precision(self):
        return self._precision

    @property
    def time_s(self):
        """Seconds since the first read that follows programming."""
        return self._time_s

    def advance(self, seconds):
        """Let ``seconds``, at least 0, go by."""
        seconds = check_number("seconds", seconds, minimum=0)
        self._age_to(check_number("time_s", self._time_s + seconds, minimum=0))

    def _age_to(self, time_s):
        g_us = self._device.drifted(self._g_prog_us, self._nu, time_s)
        sigma_us = g_us * self._device.read_sigma_relative(self._g_prog_us, time_s)
        seen_us, variance = g_us, sigma_us**2
        if self._frozen is not None:
            seen_us, variance = np.maximum(g_us + sigma_us * self._frozen, 0.0), variance * 0
        plane = Plane(seen_us.sum(axis=0), variance.sum(axis=0), self._effects,
                      self._device.g_max_us, self._precision)
        self._time_s, self._g_us, self._plane = time_s, g_us.sum(axis=0), plane

    def conductances_us(self):
        """Conductances now, without read noise: new array (2, rows, columns), in µS."""
        return self._g_us.copy()

    def currents_ua(self, x, *, window_clocks, read_voltage_v, seed, first=0, rows=None,
                    columns=None, sides="both"):
        """Read the array once per vector of ``x``.

        ``i = V sum(G |x|/window)``: the current of each oscillator averaged over the window.
        The read noise of the devices is summed in its first two moments and drawn once per
        oscillator and read. No single noisy device is clamped at 0 as the device model does;
        the sum is.

        Parameters
        ----------
        x : array of int, (batch, rows)
            Pulse lengths in clocks, with sign; magnitudes below ``window_clocks``.
        window_clocks : int
            Integration window, in clocks, 1..2^16.
        read_voltage_v : float
            Read voltage, in volts, greater than 0.
        seed : int or sequence of int
            Names a sequence of vectors, see `golden.array.noise.ReadNoise`.
        first : int
            Index of ``x[0]`` in that sequence: a vector with its index and seed gives the same
            currents, bit for bit, alone and in any batch.
        rows, columns : slice, optional
            Part of the array that is driven and read; ``x`` has only these rows.
        sides : str
            ``"both"``, or only the ``"plus"`` or ``"minus"`` devices of each pair.

        Returns
        -------
        array of ``precision``, (batch, 2, columns)
            Currents of P and N, in µA, at least 0.
        """
        span = check_span("columns", columns, self.columns)
        parts = currents_in_pieces(self._plane, x, window_clocks=window_clocks,
                                   read_voltage_v=read_voltage_v, seed=seed, first=first,
                                   rows=rows, columns=columns, sides=sides)
        result = np.empty((len(x), 2, span.stop - span.start), self._precision)
        for batch, current_ua in parts:
            result[batch] = current_ua.swapaxes(0, 1)
        return result

    def pieces_ua(self, x, **read):
        """The same in pieces: iterator of (slice of the batch, currents (2, piece, columns)).

        The arguments are checked at once. The currents are a buffer that may be changed and is
        used again for the next piece.
        """
        return currents_in_pieces(self._plane, x, **read)
