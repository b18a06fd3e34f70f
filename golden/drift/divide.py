"""The divider of the drift engine, and the reasons for which an update is refused."""

from enum import IntEnum
from numbers import Integral

__all__ = ["Refusal", "divide"]


class Refusal(IntEnum):
    """Why an update was refused; the numbers are those of the register."""

    NONE = 0
    """It was not."""
    NO_REFERENCE = 1
    """A measurement that the estimate needs was never taken, or not of the kind that it needs."""
    ZERO = 2
    """A sum is 0."""
    NEGATIVE = 3
    """The gain would be negative."""
    TINY = 4
    """A sum is below the minimum that the host set."""
    SATURATED = 5
    """A counter stood at full scale during a measurement."""
    RANGE = 6
    """A gain or an offset does not fit its format, or the gain rounds to 0."""
    COEFFICIENT = 7
    """No exponent brings all corrected coefficients into their formats."""


def divide(numerator, denominator, fmt, *, minimum=0):
    """``numerator / denominator`` to nearest in ``fmt``, ties up.

    One more fraction bit than ``fmt`` has is divided out, rounded down, and then rounded half up:
    what is cut off cannot make or break a tie. Conditions are tried in the order of the code below;
    the first that holds is the refusal.

    Parameters
    ----------
    numerator, denominator : int
    fmt : QFormat
        Unsigned.
    minimum : int
        Smallest numerator and denominator that are accepted.

    Returns
    -------
    quotient : int
        Raw in ``fmt``; 0 if refused.
    refusal : Refusal
    """
    for name, value in (("numerator", numerator), ("denominator", denominator),
                        ("minimum", minimum)):
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise TypeError(f"{name} must be an integer, not {value!r}")
    if fmt.signed:
        raise ValueError(f"fmt must be unsigned, not {fmt}")
    # Numpy integers would wrap.
    numerator, denominator = int(numerator), int(denominator)
    if numerator == 0 or denominator == 0:
        return 0, Refusal.ZERO
    if numerator < 0 or denominator < 0:
        return 0, Refusal.NEGATIVE
    if numerator < minimum or denominator < minimum:
        return 0, Refusal.TINY
    quotient = ((numerator << (fmt.frac_bits + 1)) // denominator + 1) >> 1
    if not 0 < quotient <= fmt.max:
        return 0, Refusal.RANGE
    return quotient, Refusal.NONE
