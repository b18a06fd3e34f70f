"""Conductance of one memory device: programming, drift and read noise.

Conductances are in µS, times in seconds. Every method works element by element on arrays of
any shape and takes its random generator as an argument.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from golden.array.checks import check_generator, check_number, check_reals


@dataclass(frozen=True, kw_only=True)
class Device(ABC):
    """What a crossbar asks of its devices.

    Parameters
    ----------
    g_max_us : float
        Largest conductance that may be asked for, in µS. Greater than 0.

    Raises
    ------
    TypeError, ValueError
        On creation for a field, and from every method for an argument, that is of the wrong
        type or out of range: targets in ``0..g_max_us``, other conductances, exponents and
        times at least 0, everything finite.
    """

    g_max_us: float = 25.0

    stands_for: ClassVar[int] = 1
    """Real devices that one fitted device stands for: 2 if the fit was made on pairs."""

    def __post_init__(self):
        check_number("g_max_us", self.g_max_us, above=0)

    def _target(self, target_us):
        return check_reals("target_us", target_us, low=0, high=self.g_max_us)

    @abstractmethod
    def program(self, target_us, rng):
        """Conductance reached, in µS, when ``target_us`` is programmed."""

    @abstractmethod
    def drift_coefficients(self, target_us, rng):
        """Drift exponent nu of every device (no unit); drawn once, when programming."""

    @abstractmethod
    def drifted(self, g_prog_us, nu, t_s):
        """Conductance in µS, ``t_s`` seconds after the first read that follows programming."""

    @abstractmethod
    def read_sigma_relative(self, g_prog_us, t_s):
        """Standard deviation of one read, as a fraction of the conductance at ``t_s``."""


@dataclass(frozen=True, kw_only=True)
class Ideal(Device):
    """A device that holds exactly what was programmed, for ever. Draws nothing."""

    def program(self, target_us, rng):
        check_generator("rng", rng)
        return self._target(target_us)

    def drift_coefficients(self, target_us, rng):
        check_generator("rng", rng)
        return np.zeros_like(self._target(target_us))

    def drifted(self, g_prog_us, nu, t_s):
        check_reals("nu", nu, low=0)
        check_number("t_s", t_s, minimum=0)
        return check_reals("g_prog_us", g_prog_us, low=0)

    def read_sigma_relative(self, g_prog_us, t_s):
        check_number("t_s", t_s, minimum=0)
        return np.zeros_like(check_reals("g_prog_us", g_prog_us, low=0))


@dataclass(frozen=True, kw_only=True)
class PhaseChange(Device):
    """What every published statistical fit of phase-change memory shares.

    A fit gives four polynomials or logarithms of ``x = g/g_max``; their composition is the one
    of AIHWKIT ``inference/noise/pcm.py`` and ``hermes.py``, commit 4545f11b. Random numbers are
    drawn whatever the scales are, so that switching one effect off leaves the draws of the
    others where they were.

    Parameters
    ----------
    t_read_s : float
        Duration of one read, in seconds: the lower corner of the 1/f noise. Greater than 0.
    t0_s : float
        Time from programming to the first read, in seconds. Time 0 of every method is that
        read. At least ``t_read_s``.
    programming_scale, drift_scale, read_scale : float
        Factor on each effect; 1 as published, 0 switches it off.
    """

    t_read_s: float = 250e-9
    t0_s: float = 20.0
    programming_scale: float = 1.0
    drift_scale: float = 1.0
    read_scale: float = 1.0

    def __post_init__(self):
        super().__post_init__()
        check_number("t_read_s", self.t_read_s, above=0)
        # A shorter t0 would put a negative logarithm under the root of the read noise.
        check_number("t0_s", self.t0_s, minimum=self.t_read_s)
        check_number("programming_scale", self.programming_scale, minimum=0)
        check_number("drift_scale", self.drift_scale, minimum=0)
        check_number("read_scale", self.read_scale, minimum=0)

    def _log_ratio(self, target_us):
        return np.log(np.maximum(self._target(target_us) / self.g_max_us, 1e-7))

    @abstractmethod
    def programming_sigma_us(self, target_us):
        """Published standard deviation of programming, in µS, before ``programming_scale``."""

    @abstractmethod
    def drift_mean(self, target_us):
        """Published mean of the drift exponent, before ``drift_scale``."""

    @abstractmethod
    def drift_sigma(self, target_us):
        """Published spread of the drift exponent, before ``drift_scale``."""

    @abstractmethod
    def _read_q(self, x):
        """Published Q of the read noise for ``x = g_prog/g_max``, at least 0."""

    def program(self, target_us, rng):
        """``max(target + programming_scale sigma N(0, 1), 0)``; may exceed ``g_max_us``."""
        target_us = self._target(target_us)
        sigma_us = self.programming_scale * self.programming_sigma_us(target_us)
        check_generator("rng", rng)
        return np.maximum(target_us + sigma_us * rng.standard_normal(sigma_us.shape), 0.0)

    def drift_coefficients(self, target_us, rng):
        """``|drift_mean + drift_sigma N(0, 1)| drift_scale``."""
        mean, sigma = self.drift_mean(target_us), self.drift_sigma(target_us)
        check_generator("rng", rng)
        return np.abs(mean + sigma * rng.standard_normal(mean.shape)) * self.drift_scale

    def drifted(self, g_prog_us, nu, t_s):
        """``g_prog (t/t0)^-nu`` with ``t = t_s + t0``."""
        g_prog_us = check_reals("g_prog_us", g_prog_us, low=0)
        nu = check_reals("nu", nu, low=0)
        t_s = check_number("t_s", t_s, minimum=0) + self.t0_s
        return g_prog_us * (t_s / self.t0_s) ** -nu

    def read_sigma_relative(self, g_prog_us, t_s):
        """``read_scale Q sqrt(ln((t + t_read)/(2 t_read)))`` with ``t = t_s + t0``.

        Q comes from the conductance as programmed, although it multiplies the drifted one.
        """
        q = self._read_q(check_reals("g_prog_us", g_prog_us, low=0) / self.g_max_us)
        t_s = check_number("t_s", t_s, minimum=0) + self.t0_s
        # A difference of logarithms, because the quotient overflows before the time does.
        log_ratio = np.log(t_s + self.t_read_s) - np.log(2 * self.t_read_s)
        return self.read_scale * q * np.sqrt(log_ratio)


@dataclass(frozen=True, kw_only=True)
class PcmLike(PhaseChange):
    """Phase-change memory as fitted on a million-device array in 90 nm.

    Source of every constant: AIHWKIT ``inference/noise/pcm.py``, commit 4545f11b; the same
    model is printed in Rasch et al., Nature Communications 14:5282, 2023, eqs. 7-12.
    """

    def programming_sigma_us(self, target_us):
        """``(g_max/25) (0.26348 + 1.9650 x - 1.1731 x^2)``, ``x = target/g_max``."""
        x = self._target(target_us) / self.g_max_us
        return self.g_max_us / 25.0 * (0.26348 + 1.9650 * x - 1.1731 * x**2)

    def drift_mean(self, target_us):
        """``clip(-0.0155 ln x + 0.0244, 0.049, 0.1)``, ``x = max(target/g_max, 1e-7)``."""
        return np.clip(-0.0155 * self._log_ratio(target_us) + 0.0244, 0.049, 0.1)

    def drift_sigma(self, target_us):
        """``clip(-0.0125 ln x - 0.0059, 0.008, 0.045)``, ``x = max(target/g_max, 1e-7)``."""
        return np.clip(-0.0125 * self._log_ratio(target_us) - 0.0059, 0.008, 0.045)

    def _read_q(self, x):
        return np.minimum(0.0088 / np.maximum(x**0.65, 1e-3), 0.2)
