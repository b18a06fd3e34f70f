"""Argument checks of the analog models: one wording for every refusal."""

import math
from numbers import Integral, Real

import numpy as np


def check_number(name, value, *, minimum=None, above=None):
    """Return ``value`` as a float, refusing what is not a finite number in range.

    Raises
    ------
    TypeError
        If ``value`` is not a real number; a bool is not one.
    ValueError
        If it is not finite, below ``minimum``, or not greater than ``above``.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, not {value!r}")
    value = float(value)
    if minimum is not None and not value >= minimum:
        raise ValueError(f"{name} must be at least {minimum}, not {value!r}")
    if above is not None and not value > above:
        raise ValueError(f"{name} must be greater than {above}, not {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, not {value!r}")
    return value


def check_integer(name, value, *, low, high):
    """Return ``value`` as an int in ``low..high``; TypeError or ValueError otherwise."""
    message = f"{name} must be an integer in {low}..{high}, not {value!r}"
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(message)
    if not low <= value <= high:
        raise ValueError(message)
    return int(value)


def check_reals(name, values, *, low=-math.inf, high=math.inf):
    """Return ``values`` as a new float64 array of finite numbers in ``low..high``.

    Raises
    ------
    TypeError
        If the elements are not integers or floats.
    ValueError
        If one of them is not finite or out of range; the message names the first.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold real numbers, not {array.dtype}")
    array = array.astype(np.float64)
    # Written so that NaN, which compares false with everything, is refused too.
    good = (array >= low) & (array <= high) & np.isfinite(array)
    if not good.all():
        bad = array[~good].flat[0].item()
        raise ValueError(f"{name} must be finite and in {low:g}..{high:g}, not {bad!r}")
    return array


def check_integers(name, values):
    """Return ``values`` as a new int64 array; TypeError if they are not integers."""
    array = np.asarray(values)
    if array.dtype.kind not in "iu" or not np.can_cast(array.dtype, np.int64):
        raise TypeError(f"{name} must hold integers that fit in int64, not {array.dtype}")
    return array.astype(np.int64)


def check_generator(name, value):
    """Return ``value`` if it is a numpy random generator; TypeError otherwise."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(f"{name} must be a numpy.random.Generator, not {value!r}")
    return value
