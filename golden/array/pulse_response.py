"""What one programming pulse does to a device: an explicit assumption, not a published law.

The iterative programming of phase-change memory applies square pulses whose current decides the
conductance that is left; no closed form of that dependence is public for the devices concerned.
Ours, of the right flank of the programming curve, where every pulse melts and quenches:

    g = g_reset + (g_set - g_reset) / (1 + exp((i - i_half) / width)),   i = current + cycle noise

The result depends on the current of the last pulse alone and not on what the device was before;
more current leaves less conductance. Every parameter may be changed and none is a measurement.
"""

from copy import copy
from dataclasses import dataclass, fields

import numpy as np

from golden.array.checks import check_generator, check_number, check_reals

__all__ = ["PulseDevices", "PulseResponse"]


@dataclass(frozen=True, kw_only=True)
class PulseResponse:
    """Population that devices are drawn from; all values are our assumption.

    Parameters
    ----------
    g_set_us, g_set_sigma_us : float
        Conductance after SET, in µS, mean and device-to-device spread.
    g_reset_us : float
        Device-to-device spread of the conductance after RESET, which is half a normal, in µS.
    half_ua, half_sigma_ua : float
        Current that leaves the middle between both, mean and device-to-device spread.
    width_ua : float
        Steepness: the logistic falls from 0.73 to 0.27 within two widths. Greater than 0.
    cycle_sigma_ua : float
        Noise of each pulse, as a change of its current.
    read_sigma : float
        Noise of each read, relative to the conductance.
    """

    g_set_us: float = 25.0
    g_set_sigma_us: float = 1.5
    g_reset_us: float = 0.3
    half_ua: float = 400.0
    half_sigma_ua: float = 30.0
    width_ua: float = 50.0
    cycle_sigma_ua: float = 4.0
    read_sigma: float = 0.01

    def __post_init__(self):
        positive = ("g_set_us", "half_ua", "width_ua")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in positive:
                check_number(field.name, value, above=0)
            else:
                check_number(field.name, value, minimum=0)

    def sample(self, shape, rng):
        """Devices of ``shape``, drawn from ``rng``: SET, RESET, then half current."""
        check_generator("rng", rng)
        spread = rng.standard_normal((3, *shape))
        g_reset_us = self.g_reset_us * np.abs(spread[1])
        g_set_us = np.maximum(self.g_set_us + self.g_set_sigma_us * spread[0], g_reset_us)
        return PulseDevices(
            g_set_us=g_set_us, g_reset_us=g_reset_us,
            half_ua=self.half_ua + self.half_sigma_ua * spread[2], width_ua=self.width_ua,
            cycle_sigma_ua=self.cycle_sigma_ua, read_sigma=self.read_sigma)


class PulseDevices:
    """Devices with their own response and present conductance; all start RESET.

    Parameters
    ----------
    g_set_us, g_reset_us, half_ua : array of float, all of one shape
        At least 0. A device whose SET equals its RESET is stuck there.
    width_ua, cycle_sigma_ua, read_sigma : float
        As in `PulseResponse`.
    """

    def __init__(self, *, g_set_us, g_reset_us, half_ua, width_ua, cycle_sigma_ua, read_sigma):
        self._g_set_us = check_reals("g_set_us", g_set_us, low=0)
        self._g_reset_us = check_reals("g_reset_us", g_reset_us, low=0)
        self._half_ua = check_reals("half_ua", half_ua)
        for name in ("g_reset_us", "half_ua"):
            shape = getattr(self, f"_{name}").shape
            if shape != self._g_set_us.shape:
                raise ValueError(f"{name} must have the shape of g_set_us, "
                                 f"{self._g_set_us.shape}, not {shape}")
        self._width_ua = check_number("width_ua", width_ua, above=0)
        self._cycle_sigma_ua = check_number("cycle_sigma_ua", cycle_sigma_ua, minimum=0)
        self._read_sigma = check_number("read_sigma", read_sigma, minimum=0)
        self._g_us = self._g_reset_us.copy()

    @property
    def shape(self):
        return self._g_set_us.shape

    @property
    def g_us(self):
        """Conductances now, without read noise: new array, in µS."""
        return self._g_us.copy()

    def reset(self, mask):
        """Bring the devices of ``mask`` to their RESET conductance."""
        np.copyto(self._g_us, self._g_reset_us, where=mask)

    def set(self, mask):
        """Bring the devices of ``mask`` to their SET conductance."""
        np.copyto(self._g_us, self._g_set_us, where=mask)

    def pulse(self, current_ua, mask, noise):
        """Apply a square pulse to the devices of ``mask``.

        ``noise`` are standard normal numbers, one for each device: the caller decides what they
        depend on.
        """
        height = (current_ua + self._cycle_sigma_ua * noise - self._half_ua) / self._width_ua
        # tanh does not overflow where exp would: 1/(1 + e^h) = (1 - tanh(h/2))/2.
        share = (1.0 - np.tanh(height / 2)) / 2
        np.copyto(self._g_us, self._g_reset_us + (self._g_set_us - self._g_reset_us) * share,
                  where=mask)

    def read_us(self, noise):
        """Conductances with the noise of one read, at least 0, in µS; ``noise`` as in `pulse`."""
        return np.maximum(self._g_us * (1.0 + self._read_sigma * noise), 0.0)

    def part(self, index):
        """The devices at ``index``, a basic index of numpy: the same devices, not copies."""
        return self._view(lambda values: values[index])

    def as_row(self):
        """The same devices as the cells of one row: (devices, 2, 1, cells)."""
        return self._view(lambda values: values.reshape(*values.shape[:2], 1, -1))

    def _view(self, of):
        view = copy(self)
        for name in ("_g_set_us", "_g_reset_us", "_half_ua", "_g_us"):
            setattr(view, name, of(getattr(self, name)))
        return view
