"""Currents to counts: two current-controlled oscillators and counters per column.

Source of the law and of the published figures: Khaddam-Aljameh et al., HERMES-Core, IEEE JSSC
57(4), 1027-1038, 2022, eqs. 3-8 and section III-D; of the current limit: Le Gallo et al.,
Nature Electronics 6, 680-693, 2023. Arrays (2, columns) hold P first, then N.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_generator, check_integer, check_number, check_reals

NOMINAL_GAIN_MHZ_PER_UA = 35.0
"""Target of the published gain calibration: 448 counts for 100 µA in 128 ns."""

GAIN_SIGMA = 0.0709
"""Published spread of the calibrated gain: 2.48 MHz/µA of 35."""

GAIN_LIMIT = 0.21
"""Published bound of the calibrated gain around its target."""

CURRENT_LIMIT_UA = 100.0
"""Published: the response saturates above about 100 µA."""

NONLINEARITY_LIMIT_PER_UA = 7e-5
"""Largest residual |B|, our assumption: the publication gives only an INL within +-1 LSB.

Between its end points the law bends by about ``N B I/4`` counts, with N counts at full current
I. At the largest calibrated gain N = 1.21 * 448 = 542 for I = 100 µA in 128 ns, so one count
allows ``B = 4/(542 * 100) = 7.38e-5``; rounded down, the exact bend is 0.96 counts at most.
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class OscillatorBank:
    """Oscillators ``f = A i/(1 + B i) + C`` and their counters; offset C after calibration.

    Parameters
    ----------
    gain_mhz_per_ua : array of float, (2, columns)
        A, greater than 0.
    nonlinearity_per_ua : array of float, (2, columns)
        B, greater than ``-1/current_limit_ua``, where the law has its pole.
    offset_mhz : array of float, (2, columns)
        C, of either sign.
    counter_bits : int
        Width of each counter, 1..32.
    current_limit_ua : float
        Current above which the frequency grows no more. Greater than 0. That the limit is
        sharp is our simplification.

    Raises
    ------
    TypeError, ValueError
        If a field is of the wrong type, shape or range.
    """

    gain_mhz_per_ua: np.ndarray
    nonlinearity_per_ua: np.ndarray
    offset_mhz: np.ndarray
    counter_bits: int
    current_limit_ua: float = CURRENT_LIMIT_UA

    def __post_init__(self):
        check_integer("counter_bits", self.counter_bits, low=1, high=32)
        limit_ua = check_number("current_limit_ua", self.current_limit_ua, above=0)
        for name in ("gain_mhz_per_ua", "nonlinearity_per_ua", "offset_mhz"):
            array = check_reals(name, getattr(self, name))
            if array.ndim != 2 or array.shape[0] != 2 or array.shape[1] == 0:
                raise ValueError(f"{name} must have shape (2, columns), not {array.shape}")
            if array.shape != np.shape(self.gain_mhz_per_ua):
                raise ValueError(f"{name} must have the shape of gain_mhz_per_ua, "
                                 f"{np.shape(self.gain_mhz_per_ua)}, not {array.shape}")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        check_number("gain_mhz_per_ua", self.gain_mhz_per_ua.min(), above=0)
        check_number("nonlinearity_per_ua", self.nonlinearity_per_ua.min(), above=-1 / limit_ua)

    @classmethod
    def ideal(cls, columns, counter_bits):
        """All at the nominal gain, straight and without offset."""
        columns = check_integer("columns", columns, low=1, high=1 << 16)
        zero = np.zeros((2, columns))
        return cls(gain_mhz_per_ua=zero + NOMINAL_GAIN_MHZ_PER_UA, nonlinearity_per_ua=zero,
                   offset_mhz=zero, counter_bits=counter_bits)

    @classmethod
    def sample(cls, columns, counter_bits, rng, *, gain_sigma=GAIN_SIGMA, gain_limit=GAIN_LIMIT,
               nonlinearity_limit_per_ua=NONLINEARITY_LIMIT_PER_UA):
        """A bank as calibration leaves it, drawn from ``rng``: first A, then B.

        A is normal around the nominal gain with relative spread ``gain_sigma``, clipped to
        ``+-gain_limit`` (below 1); B is uniform within ``+-nonlinearity_limit_per_ua``; C is
        0. The spread and bound of A and the absence of C are published, the shapes of both
        distributions are our assumption.
        """
        columns = check_integer("columns", columns, low=1, high=1 << 16)
        check_generator("rng", rng)
        gain_sigma = check_number("gain_sigma", gain_sigma, minimum=0)
        gain_limit = check_number("gain_limit", gain_limit, minimum=0)
        bend = check_number("nonlinearity_limit_per_ua", nonlinearity_limit_per_ua, minimum=0)
        error = np.clip(gain_sigma * rng.standard_normal((2, columns)), -gain_limit, gain_limit)
        return cls(gain_mhz_per_ua=NOMINAL_GAIN_MHZ_PER_UA * (1.0 + error),
                   nonlinearity_per_ua=rng.uniform(-bend, bend, (2, columns)),
                   offset_mhz=np.zeros((2, columns)), counter_bits=counter_bits)

    @property
    def columns(self):
        return self.gain_mhz_per_ua.shape[1]

    def counts(self, current_ua, *, window_ns):
        """Whole periods within the window; a full counter holds.

        An oscillator runs on one polarity only, so a current below 0 counts as 0.

        Parameters
        ----------
        current_ua : array of float, (batch, 2, columns)
            Current averaged over the window, in µA.
        window_ns : float
            Length of the window, in ns, greater than 0.

        Returns
        -------
        array of int64, (batch, 2, columns)
            In ``0..2^counter_bits - 1``.

        Raises
        ------
        TypeError, ValueError
            If an argument is of the wrong type or shape, not finite or out of range.
        """
        window_ns = check_number("window_ns", window_ns, above=0)
        current_ua = check_reals("current_ua", current_ua)
        if current_ua.ndim != 3 or current_ua.shape[1:] != (2, self.columns):
            raise ValueError(f"current_ua must have shape (batch, 2, {self.columns}), "
                             f"not {current_ua.shape}")
        i_ua = np.clip(current_ua, 0.0, self.current_limit_ua)
        f_mhz = self.gain_mhz_per_ua * i_ua / (1.0 + self.nonlinearity_per_ua * i_ua)
        periods = (f_mhz + self.offset_mhz) * window_ns / 1000.0
        return np.clip(periods, 0, (1 << self.counter_bits) - 1).astype(np.int64)
