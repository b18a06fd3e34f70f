"""Exact moments of the published device models, written out apart from `golden.array`.

A conductance is a normal number clamped at 0, an exponent a normal number without its sign, a
decayed conductance an exponential of that; the first four moments of each are known exactly.
So nothing here is a small-noise approximation.

Sources of the constants: AIHWKIT ``inference/noise/pcm.py`` and ``hermes.py``, commit 4545f11b.
"""

import math
from dataclasses import dataclass

import numpy as np

__all__ = ["FORMS", "Form", "Moments", "clamped", "decay", "folded", "phi", "whole"]


def phi(z):
    """Distribution function of the standard normal number."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def _density(z):
    return math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)


@dataclass(frozen=True)
class Moments:
    """Raw moments 1..4 of one number."""

    raw: tuple[float, float, float, float]

    @property
    def mean(self):
        return self.raw[0]

    @property
    def sigma(self):
        return math.sqrt(max(self.raw[1] - self.raw[0] ** 2, 0.0))

    @property
    def fourth(self):
        """Fourth central moment."""
        a, b, c, d = self.raw
        return max(d - 4 * a * c + 6 * a * a * b - 3 * a**4, 0.0)

    def mean_error(self, n):
        """Standard error of the mean of ``n`` draws."""
        return self.sigma / math.sqrt(n)

    def sigma_error(self, n):
        """Standard error of the standard deviation of ``n`` draws, to first order."""
        variance = self.sigma**2
        if variance == 0.0:
            return 0.0
        return math.sqrt(max(self.fourth - variance**2, 0.0) / n) / (2.0 * self.sigma)

    def times(self, other):
        """Moments of the product with an independent number."""
        return Moments(tuple(a * b for a, b in zip(self.raw, other.raw, strict=True)))


def clamped(mean, sigma):
    """Moments of ``max(X, 0)`` with X normal.

    Partial integration: ``M_k = mean M_{k-1} + (k - 1) sigma^2 M_{k-2}`` for k >= 2.
    """
    if sigma == 0.0:
        return Moments(tuple(max(mean, 0.0) ** k for k in (1, 2, 3, 4)))
    z = mean / sigma
    m = [phi(z), mean * phi(z) + sigma * _density(z)]
    for k in (2, 3, 4):
        m.append(mean * m[k - 1] + (k - 1) * sigma**2 * m[k - 2])
    return Moments(tuple(m[1:]))


def folded(mean, sigma):
    """Moments of ``|X|`` with X normal: both clamped halves."""
    right, left = clamped(mean, sigma), clamped(-mean, sigma)
    return Moments(tuple(a + b for a, b in zip(right.raw, left.raw, strict=True)))


def decay(mean, sigma, log_time):
    """Moments of ``exp(-L |X|)`` with X normal and ``L = ln(t/t0)``."""
    def transform(a):
        if sigma == 0.0:
            return math.exp(-a * abs(mean))
        common, z = (a * sigma) ** 2 / 2.0, mean / sigma
        return (math.exp(common - a * mean) * phi(z - a * sigma)
                + math.exp(common + a * mean) * phi(-z - a * sigma))

    return Moments(tuple(transform(k * log_time) for k in (1, 2, 3, 4)))


def _clip(value, low, high):
    return min(max(value, low), high)


@dataclass(frozen=True)
class Form:
    """The published laws of one model as functions of ``x = g/g_max``.

    Parameters
    ----------
    g_max_us, t0_s, t_read_s : float
    programming : callable
        Target x to sigma, in µS.
    nu_mean, nu_sigma : callable
        Target x to mean and spread before the sign is dropped.
    read : callable
        Programmed x to Q.
    """

    g_max_us: float
    t0_s: float
    t_read_s: float
    programming: object
    nu_mean: object
    nu_sigma: object
    read: object

    def programmed(self, x):
        """Moments of the programmed conductance, in µS."""
        return clamped(x * self.g_max_us, self.programming(x))

    def exponent(self, x):
        """Moments of nu."""
        return folded(self.nu_mean(x), self.nu_sigma(x))

    def decayed(self, x, seconds):
        """Moments of ``(t/t0)^-nu``."""
        return decay(self.nu_mean(x), self.nu_sigma(x),
                     math.log((seconds + self.t0_s) / self.t0_s))

    def read_sigma(self, x_programmed, seconds):
        """Relative spread of one read."""
        t = seconds + self.t0_s
        growth = math.log((t + self.t_read_s) / (2.0 * self.t_read_s))
        return self.read(x_programmed) * math.sqrt(growth)

    def reading(self, x, seconds):
        """Moments of a read of a device that was programmed exactly and does not drift."""
        return clamped(x * self.g_max_us, x * self.g_max_us * self.read_sigma(x, seconds))


def whole(form, x, seconds, points=4001, reach=9.0):
    """Moments of a read with programming error, drift and read noise together, in µS.

    ``g = max(g_prog, 0) exp(-L nu) max(1 + s(g_prog) N, 0)`` with an independent nu, so only one
    integral, over the programming error, is left; the trapezoid rule does it. A clamped
    device is at 0 and adds nothing.
    """
    sigma, target = form.programming(x), x * form.g_max_us
    z = np.linspace(max(-reach, -target / sigma), reach, points)
    weight = np.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)
    g = target + sigma * z
    noise = [clamped(1.0, form.read_sigma(max(value, 0.0) / form.g_max_us, seconds)).raw
             for value in g]
    raw = [np.trapezoid(weight * g**k * np.array([m[k - 1] for m in noise]), z)
           for k in (1, 2, 3, 4)]
    return Moments(tuple(float(m) for m in raw)).times(form.decayed(x, seconds))


def _pcm_log(x):
    return math.log(max(x, 1e-7))


def _below(x, limit, slope, offset, low, high, above):
    """A clipped logarithm below ``limit``, a polynomial above; the logarithm of 0 is clipped."""
    if x < limit:
        return high if x <= 0.0 else _clip(slope * math.log(x) + offset, low, high)
    return above


def _hermes_nu_mean(x):
    return _below(x, 0.0945, -0.0387, -0.0182, 0.0720, 0.13,
                  -0.0436 * x * x - 0.0126 * x + 0.0736)


FORMS = {
    "pcm_like": Form(
        25.0, 20.0, 250e-9,
        lambda x: 0.26348 + 1.9650 * x - 1.1731 * x * x,
        lambda x: _clip(-0.0155 * _pcm_log(x) + 0.0244, 0.049, 0.1),
        lambda x: _clip(-0.0125 * _pcm_log(x) - 0.0059, 0.008, 0.045),
        lambda x: min(0.0088 / max(x**0.65, 1e-3), 0.2)),
    "hermes_one_device": Form(
        10.35, 200.0, 512e-9,
        lambda x: 0.15781817 + 2.32443916 * x - 2.16310839 * x**2 + 0.68841818 * x**3,
        _hermes_nu_mean,
        lambda x: _below(x, 0.3039, -0.0120, -0.0023, 0.0124, 0.04,
                         -0.0165 * x * x + 0.0116 * x + 0.0104),
        lambda x: _below(x, 0.1591, -0.0078, 0.0038, 0.0179, 0.04,
                         0.0664 * x**3 - 0.1352 * x * x + 0.0768 * x + 0.0088)),
    "hermes_two_device": Form(
        20.7, 300.0, 512e-9,
        lambda x: 0.16603222 + 4.71806468 * x - 8.48101252 * x**2 + 4.68961419 * x**3,
        _hermes_nu_mean,
        lambda x: _below(x, 0.3055, -0.0117, -0.0057, 0.0091, 0.04,
                         -0.0118 * x * x + 0.0093 * x + 0.0073),
        lambda x: _below(x, 0.16, -0.0117, -0.0069, 0.0150, 0.04,
                         0.0069 * x**3 - 0.0280 * x * x + 0.0211 * x + 0.0123)),
}
"""Published laws by the names of `golden.array.devices.DEVICES`."""
