"""Phase-change devices as fitted on the 64-core HERMES chip, alone and in pairs.

Source of every constant: AIHWKIT ``inference/noise/hermes.py``, commit 4545f11b; the chip is
Le Gallo et al., Nature Electronics 6, 680-693, 2023. ``x`` is ``g/g_max``.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from golden.array.device import PhaseChange

__all__ = ["HermesOneDevice", "HermesTwoDevice"]


def _branches(x, limit, low, high):
    # np.where evaluates both sides: below the limit a logarithm, above it a polynomial. The
    # logarithm of 0 is minus infinity and ends in the clip of `low`.
    with np.errstate(divide="ignore"):
        return np.where(x < limit, low(np.log(x)), high(x))


@dataclass(frozen=True, kw_only=True)
class _Hermes(PhaseChange):
    t_read_s: float = 512e-9

    G_MAX_US: ClassVar[float]

    def __post_init__(self):
        super().__post_init__()
        if self.g_max_us > self.G_MAX_US:
            raise ValueError(f"g_max_us must be at most {self.G_MAX_US}, the largest conductance "
                             f"of the fit, not {self.g_max_us!r}")

    def _ratio(self, target_us):
        return np.maximum(self._target(target_us) / self.g_max_us, 1e-7)

    @abstractmethod
    def _programming_sigma_us(self, x):
        """Polynomial of the fit, in µS at the g_max of the fit."""

    @abstractmethod
    def _drift_sigma(self, x):
        """Spread of the drift exponent."""

    def programming_sigma_us(self, target_us):
        """Third-order polynomial of the target, times ``g_max`` over that of the fit."""
        x = self._target(target_us) / self.g_max_us
        return self.g_max_us / self.G_MAX_US * self._programming_sigma_us(x)

    def drift_mean(self, target_us):
        """One fit for both: a clipped logarithm below ``x = 0.0945``, a parabola above."""
        return _branches(self._ratio(target_us), 0.0945,
                         lambda ln: np.clip(-0.0387 * ln - 0.0182, 0.0720, 0.13),
                         lambda x: -0.0436 * x**2 - 0.0126 * x + 0.0736)

    def drift_sigma(self, target_us):
        """A clipped logarithm for small conductances, a parabola above."""
        return self._drift_sigma(self._ratio(target_us))


@dataclass(frozen=True, kw_only=True)
class HermesOneDevice(_Hermes):
    """One device per polarity: ``g_max_us`` at most 10.35, first read 200 s after programming."""

    g_max_us: float = 10.35
    t0_s: float = 200.0

    G_MAX_US: ClassVar[float] = 10.35

    def _programming_sigma_us(self, x):
        return 0.15781817 + 2.32443916 * x - 2.16310839 * x**2 + 0.68841818 * x**3

    def _drift_sigma(self, x):
        return _branches(x, 0.3039, lambda ln: np.clip(-0.0120 * ln - 0.0023, 0.0124, 0.04),
                         lambda x: -0.0165 * x**2 + 0.0116 * x + 0.0104)

    def _read_q(self, x):
        return _branches(x, 0.1591, lambda ln: np.clip(-0.0078 * ln + 0.0038, 0.0179, 0.04),
                         lambda x: 0.0664 * x**3 - 0.1352 * x**2 + 0.0768 * x + 0.0088)


@dataclass(frozen=True, kw_only=True)
class HermesTwoDevice(_Hermes):
    """Two devices per polarity, fitted as if they were one.

    ``g_max_us`` is at most 20.7, the first read 300 s after programming. The fit knows only the
    sum of the two: its drift is that of two equal conductances, worse than measured on the
    chip, by the comment of its source. For two devices by themselves see `golden.array.cell`.
    """

    g_max_us: float = 20.7
    t0_s: float = 300.0

    stands_for: ClassVar[int] = 2
    G_MAX_US: ClassVar[float] = 20.7

    def _programming_sigma_us(self, x):
        return 0.16603222 + 4.71806468 * x - 8.48101252 * x**2 + 4.68961419 * x**3

    def _drift_sigma(self, x):
        return _branches(x, 0.3055, lambda ln: np.clip(-0.0117 * ln - 0.0057, 0.0091, 0.04),
                         lambda x: -0.0118 * x**2 + 0.0093 * x + 0.0073)

    def _read_q(self, x):
        return _branches(x, 0.16, lambda ln: np.clip(-0.0117 * ln - 0.0069, 0.0150, 0.04),
                         lambda x: 0.0069 * x**3 - 0.0280 * x**2 + 0.0211 * x + 0.0123)
