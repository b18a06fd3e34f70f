"""Rounding and saturation: the one place where the digital half loses bits.

Every rule is an integer function of (number, shift); nothing here passes through floating point.
"""

from enum import StrEnum

import numpy as np

__all__ = ["Rounding", "quantise", "requantise", "round_shift"]


class Rounding(StrEnum):
    """How ``x / 2**shift`` becomes an integer."""

    FLOOR = "floor"
    """Toward minus infinity: the bits are cut."""
    HALF_UP = "half_up"
    """To nearest, ties toward plus infinity."""
    HALF_AWAY = "half_away"
    """To nearest, ties away from zero."""
    HALF_EVEN = "half_even"
    """To nearest, ties to the even neighbour: the rule of IEEE 754, numpy and PyTorch."""


def round_shift(x, shift, rounding):
    """``x / 2**shift`` rounded to an integer.

    Parameters
    ----------
    x : array_like of int
        Raw integers, any shape.
    shift : int
        Bits to drop, 0 to 63.
    rounding : Rounding
    """
    x = np.asarray(x, dtype=np.int64)
    if not 0 <= shift <= 63:
        raise ValueError(f"shift must be from 0 to 63, not {shift}")
    rounding = Rounding(rounding)
    if shift == 0:
        return x.copy()
    floor = x >> shift
    if rounding is Rounding.FLOOR:
        return floor
    dropped = x - (floor << shift)
    half = 1 << (shift - 1)
    tie_up = {
        Rounding.HALF_UP: np.True_,
        Rounding.HALF_AWAY: x >= 0,
        Rounding.HALF_EVEN: (floor & 1) == 1,
    }[rounding]
    return floor + ((dropped > half) | ((dropped == half) & tie_up))


def requantise(x, *, shift, bits, relu, rounding):
    """Activate, round off ``shift`` bits and saturate to a signed ``bits``-bit integer.

    With ``relu`` negative numbers become 0 first, so the output spans ``0 .. 2**(bits-1)-1``.
    """
    x = np.asarray(x, dtype=np.int64)
    if not 1 <= bits <= 62:
        raise ValueError(f"bits must be from 1 to 62, not {bits}")
    if relu:
        x = np.maximum(x, 0)
    limit = 1 << (bits - 1)
    return np.clip(round_shift(x, shift, rounding), -limit, limit - 1)


def quantise(values, fmt, *, name="value"):
    """Real numbers to raw integers of ``fmt``, to nearest (ties to even).

    Raises
    ------
    ValueError
        If a number is not finite or does not fit; the message names the first one.
    """
    values = np.asarray(values, dtype=np.float64)
    raw = np.round(values * 2.0**fmt.frac_bits)
    bad = ~((raw >= fmt.min) & (raw <= fmt.max))
    if bad.any():
        first = values[bad].flat[0]
        raise ValueError(f"{name} {first:g} does not fit {fmt}: allowed are "
                         f"{fmt.min * 2.0**-fmt.frac_bits:g} to {fmt.max * 2.0**-fmt.frac_bits:g}")
    return raw.astype(np.int64)
