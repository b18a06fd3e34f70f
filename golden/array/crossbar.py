"""A crossbar of differential pairs: programmed once, aged, read in batches."""

import numpy as np

from golden.array.checks import (
    check_generator,
    check_integer,
    check_integers,
    check_number,
    check_reals,
)
from golden.array.device import Device


class Crossbar:
    """Rows x columns of device pairs whose columns each feed two oscillators, P and N.

    A row is driven by a pulse with a sign. The product of that sign with the polarity of the
    device decides which oscillator receives the current: P takes positive inputs on plus
    devices and negative inputs on minus devices, N takes the other two.

    The devices are programmed on creation: first one normal number per device for the
    programming error, then one per device for the drift exponent, both in the order of
    ``target_us``.

    Parameters
    ----------
    target_us : array of float, (2, rows, columns)
        Conductance asked of the plus and of the minus devices, in µS, ``0..g_max_us``.
    device : Device
        Device model.
    rng : numpy.random.Generator
        Draws the programming error and the drift exponents.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape or range. A refused call of any method
        changes nothing.
    """

    def __init__(self, *, target_us, device, rng):
        if not isinstance(device, Device):
            raise TypeError(f"device must be a Device, not {device!r}")
        check_generator("rng", rng)
        target_us = check_reals("target_us", target_us, low=0, high=device.g_max_us)
        if target_us.ndim != 3 or target_us.shape[0] != 2 or 0 in target_us.shape:
            raise ValueError(
                f"target_us must have shape (2, rows, columns), not {target_us.shape}")
        self._device = device
        self._g_prog_us = device.program(target_us, rng)
        self._nu = device.drift_coefficients(target_us, rng)
        self._age_to(0.0)

    @classmethod
    def from_weights(cls, weights, *, device, rng, w_max=None):
        """Put each weight on one device of its pair: ``|w|/w_max g_max``, the other at 0.

        Source of the mapping: Joshi et al., Nature Communications 11:2473, 2020.

        Parameters
        ----------
        weights : array of float, (rows, columns)
        w_max : float, optional
            Weight that is given the full conductance. Default: the largest magnitude present.

        Raises
        ------
        TypeError, ValueError
            As the constructor, and if a weight exceeds ``w_max``.
        """
        weights = check_reals("weights", weights)
        if weights.ndim != 2 or weights.size == 0:
            raise ValueError(f"weights must have shape (rows, columns), not {weights.shape}")
        if not isinstance(device, Device):
            raise TypeError(f"device must be a Device, not {device!r}")
        largest = np.abs(weights).max().item()
        if w_max is None:
            # Any positive scale maps a layer of zeros to zeros.
            w_max = largest or 1.0
        w_max = check_number("w_max", w_max, above=0)
        if largest > w_max:
            raise ValueError(f"weights must be in -w_max..w_max with w_max {w_max}, not {largest}")
        target_us = np.stack([np.maximum(weights, 0), np.maximum(-weights, 0)])
        return cls(target_us=target_us / w_max * device.g_max_us, device=device, rng=rng)

    @property
    def rows(self):
        return self._g_prog_us.shape[1]

    @property
    def columns(self):
        return self._g_prog_us.shape[2]

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
        self._time_s = time_s
        self._g_us = g_us
        self._mean = _half_sum_and_difference(g_us)
        self._variance = _half_sum_and_difference(sigma_us**2) if sigma_us.any() else None

    def conductances_us(self):
        """Conductances now, without read noise: new array (2, rows, columns), in µS."""
        return self._g_us.copy()

    def currents_ua(self, x, *, window_clocks, read_voltage_v, rng):
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
        rng : numpy.random.Generator
            Draws the read noise, in the order of the result, so a batch read in consecutive
            pieces sees the same noise. Untouched if the devices have no read noise.

        Returns
        -------
        array of float64, (batch, 2, columns)
            Currents of P and N, in µA, at least 0.
        """
        window_clocks = check_integer("window_clocks", window_clocks, low=1, high=1 << 16)
        read_voltage_v = check_number("read_voltage_v", read_voltage_v, above=0)
        check_generator("rng", rng)
        x = check_integers("x", x)
        if x.ndim != 2 or x.shape[1] != self.rows:
            raise ValueError(f"x must have shape (batch, {self.rows}), not {x.shape}")
        for extreme in (x.min(initial=0).item(), x.max(initial=0).item()):
            if abs(extreme) >= window_clocks:
                limit = window_clocks - 1
                raise ValueError(f"x must be in {-limit}..{limit} clocks, not {extreme}")

        signed = x.astype(np.float64)
        length = np.abs(signed)
        current_ua = _by_polarity(length, signed, *self._mean)
        if self._variance is not None:
            sigma = _by_polarity(length**2, length * signed, *self._variance)
            # A BLAS that adds the two products in different orders may leave a hair below 0.
            np.sqrt(np.maximum(sigma, 0.0, out=sigma), out=sigma)
            current_ua += sigma * rng.standard_normal(sigma.shape)
        current_ua *= read_voltage_v / window_clocks
        return np.maximum(current_ua, 0.0, out=current_ua)


def _half_sum_and_difference(pair):
    return (pair[0] + pair[1]) / 2, (pair[0] - pair[1]) / 2


def _by_polarity(length, signed, half_sum, half_difference):
    # (P + N)/2 and (P - N)/2 take two products with rows x columns; P and N by themselves four.
    half_total, half_net = length @ half_sum, signed @ half_difference
    result = np.empty((len(signed), 2, half_sum.shape[1]))
    np.add(half_total, half_net, out=result[:, 0])
    np.subtract(half_total, half_net, out=result[:, 1])
    return result
