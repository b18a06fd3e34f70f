"""Calibration of the oscillators: three known currents give A, B, C, and those a straight line.

Source of the procedure and of the law ``f = A i/(1 + B i) + C``: Khaddam-Aljameh et al.,
HERMES-Core, IEEE JSSC 57(4), 1027-1038, 2022, section III-D and eq. 8: a low, a middle and the
largest current of 100 µA, counts averaged over repeats, P and N apart. The low and the middle
current, the number of repeats, and what becomes of B and of truncation are ours.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_integer, check_number, check_reals
from golden.convert.oscillator import CURRENT_LIMIT_UA, NOMINAL_GAIN_MHZ_PER_UA, OscillatorBank

__all__ = ["CURRENTS_UA", "DITHER_UA", "Calibration", "check_currents", "gain_spread", "measure",
           "solve"]

CURRENTS_UA = (10.0, 55.0, CURRENT_LIMIT_UA)
"""Low, middle, largest."""

DITHER_UA = 2.0
"""Span of the repeats of one current: about nine periods in 128 ns at the nominal gain."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """The law of every oscillator as measured: ``f = A i/(1 + B i) + C``.

    Attributes
    ----------
    gain_mhz_per_ua, nonlinearity_per_ua, offset_mhz : float64 array, (2, columns)
        A, B and C of P, then N.
    """

    gain_mhz_per_ua: np.ndarray
    nonlinearity_per_ua: np.ndarray
    offset_mhz: np.ndarray

    def affine(self, *, window_ns, limit_ua=CURRENT_LIMIT_UA):
        """The straight line that brings counts to the nominal gain: ``scale count + offset``.

        The line is parallel to the chord of the law from 0 to ``limit_ua`` and half the largest
        bend away from it, which leaves the smallest possible largest error, half a bend. So B
        enters the scale as ``1 + B limit`` and the offset as half the bend; what it does between
        is left. Truncation drops half a count in the mean: the offset gives it back.

        Parameters
        ----------
        window_ns : float
            Counting window in which the periphery will work, greater than 0.
        limit_ua : float
            End of the linear range, greater than 0.

        Returns
        -------
        scale : float64 array, (2, columns)
            No unit.
        offset : float64 array, (2, columns)
            In counts of the nominal gain.

        Raises
        ------
        TypeError, ValueError
            If an argument is no number greater than 0, or a law has its pole in the range.
        """
        window_ns = check_number("window_ns", window_ns, above=0)
        limit_ua = check_number("limit_ua", limit_ua, above=0)
        bend = self.nonlinearity_per_ua * limit_ua
        if bend.min() <= -1:
            raise ValueError(f"limit_ua must stay below the pole of every oscillator at "
                             f"{-1 / self.nonlinearity_per_ua.min():g}, not {limit_ua}")
        scale = NOMINAL_GAIN_MHZ_PER_UA / self.gain_mhz_per_ua * (1.0 + bend)
        full = NOMINAL_GAIN_MHZ_PER_UA * limit_ua * window_ns / 1000.0
        # The chord is off by (sqrt(1 + b) - 1)^2/b of full scale at most, here without 0/0.
        largest = full * bend / (1.0 + np.sqrt(1.0 + bend)) ** 2
        at_zero = self.offset_mhz * window_ns / 1000.0 - 0.5
        return scale, -scale * at_zero - largest / 2.0


def measure(bank, *, window_ns, currents_ua=CURRENTS_UA, repeats=64, dither_ua=DITHER_UA):
    """Count three known currents and average the repeats.

    A converter without noise counts the same current alike every time, and averaging would
    gain nothing. So the repeats step evenly over ``dither_ua`` up to each current, and their
    mean current is what counts as known.

    Parameters
    ----------
    bank : OscillatorBank
    window_ns : float
        Greater than 0; a longer one counts more finely.
    currents_ua : sequence of 3 float
        Rising; the lowest must exceed ``dither_ua``.
    repeats : int
        1..65536.
    dither_ua : float
        At least 0.

    Returns
    -------
    currents_ua : float64 array, (3,)
        Means of what was applied.
    counts : float64 array, (3, 2, columns)
        Means of what was counted.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or range.
    """
    if not isinstance(bank, OscillatorBank):
        raise TypeError(f"bank must be an OscillatorBank, not {bank!r}")
    dither_ua = check_number("dither_ua", dither_ua, minimum=0)
    repeats = check_integer("repeats", repeats, low=1, high=1 << 16)
    currents_ua = check_currents(currents_ua)
    if not currents_ua[0] > dither_ua:
        raise ValueError(f"currents_ua must start above dither_ua {dither_ua}, not at "
                         f"{currents_ua[0]}")
    steps = dither_ua * (np.arange(repeats) + 0.5 - repeats) / repeats
    applied = np.broadcast_to((currents_ua[:, None] + steps)[:, :, None, None],
                              (3, repeats, 2, bank.columns))
    counts = bank.counts(applied.reshape(-1, 2, bank.columns), window_ns=window_ns)
    return currents_ua + steps.mean(), counts.reshape(applied.shape).mean(axis=1)


def solve(currents_ua, counts, *, window_ns, counter_bits):
    """A, B and C of every oscillator from mean counts at three currents.

    ``f (1 + B i) = A i + C (1 + B i)`` is linear in ``D = A + B C``, C and B:
    ``f = D i + C - B i f``. Half a count is added for what truncation drops.

    Parameters
    ----------
    currents_ua : sequence of 3 float
        Rising, greater than 0.
    counts : array of float, (3, 2, columns)
    window_ns : float
    counter_bits : int

    Returns
    -------
    Calibration

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape or range, or if no oscillator of the law
        could have counted so; the message names the first oscillator.
    """
    window_ns = check_number("window_ns", window_ns, above=0)
    counter_bits = check_integer("counter_bits", counter_bits, low=1, high=32)
    i = check_currents(currents_ua)
    low = i[0]
    counts = check_reals("counts", counts)
    if counts.ndim != 3 or counts.shape[:2] != (3, 2) or counts.shape[2] == 0:
        raise ValueError(f"counts must have shape (3, 2, columns), not {counts.shape}")
    top = (1 << counter_bits) - 1
    _refuse(counts[0] < 1, counts, "must reach 1 count at the low current")
    _refuse(counts[2] > top - 1, counts, f"must stay below the full counter of {top}")
    _refuse((np.diff(counts, axis=0) <= 0).any(axis=0), counts, "must rise with the current")

    f = (counts + 0.5) / window_ns * 1000.0
    span = (i[1:] - low)[:, None, None]
    rise = (f[1:] - f[0]) / span
    curve = (f[1:] * i[1:, None, None] - f[0] * low) / span
    # rise = D - B curve, at the middle and at the largest current.
    # Rising counts bend too far for any A > 0 without a pole just when this does not rise.
    _refuse(curve[1] <= curve[0], counts,
            "must follow f = A i/(1 + B i) + C with A > 0 and no pole")
    nonlinearity = (rise[0] - rise[1]) / (curve[1] - curve[0])
    slope = rise[0] + nonlinearity * curve[0]
    offset = f[0] - slope * low + nonlinearity * low * f[0]
    gain = slope - nonlinearity * offset
    return Calibration(gain_mhz_per_ua=gain, nonlinearity_per_ua=nonlinearity, offset_mhz=offset)


def gain_spread(gain):
    """Standard deviation over all oscillators, relative to their mean."""
    gain = check_reals("gain", gain)
    return float(gain.std() / gain.mean())


def check_currents(currents_ua):
    """Three rising currents above 0 as a float64 array; `ValueError` otherwise."""
    currents_ua = check_reals("currents_ua", currents_ua, low=0)
    if currents_ua.shape != (3,) or not 0 < currents_ua[0] < currents_ua[1] < currents_ua[2]:
        raise ValueError(f"currents_ua must be three rising currents above 0, not "
                         f"{currents_ua.tolist()}")
    return currents_ua


def _refuse(bad, counts, rule):
    if bad.any():
        polarity, column = np.argwhere(bad)[0]
        found = ", ".join(f"{value:g}" for value in counts[:, polarity, column])
        raise ValueError(f"counts of {'PN'[polarity]} of column {column} {rule}, not {found}")
