"""Rounding and saturation, against worked numbers and against exact fractions."""

import math
from fractions import Fraction

import numpy as np
import pytest

from golden.qformat import QFormat
from golden.requantise import Rounding, quantise, requantise, round_shift

# x/4 for x = -10 .. 10. Ties are -10, -6, -2, 2, 6, 10 (-2.5, -1.5, -0.5, 0.5, 1.5, 2.5).
QUARTERS = {
    Rounding.FLOOR: [-3, -3, -2, -2, -2, -2, -1, -1, -1, -1, 0,
                     0, 0, 0, 1, 1, 1, 1, 2, 2, 2],
    Rounding.HALF_UP: [-2, -2, -2, -2, -1, -1, -1, -1, 0, 0, 0,
                       0, 1, 1, 1, 1, 2, 2, 2, 2, 3],
    Rounding.HALF_AWAY: [-3, -2, -2, -2, -2, -1, -1, -1, -1, 0, 0,
                         0, 1, 1, 1, 1, 2, 2, 2, 2, 3],
    Rounding.HALF_EVEN: [-2, -2, -2, -2, -2, -1, -1, -1, 0, 0, 0,
                         0, 0, 1, 1, 1, 2, 2, 2, 2, 2],
}

EXACT = {
    Rounding.FLOOR: math.floor,
    Rounding.HALF_UP: lambda q: math.floor(q + Fraction(1, 2)),
    Rounding.HALF_AWAY: lambda q: (math.floor(abs(q) + Fraction(1, 2)) * (1 if q >= 0 else -1)),
    Rounding.HALF_EVEN: round,  # of a Fraction: exact, ties to even
}


@pytest.mark.parametrize("rule", Rounding)
def test_quarters_by_hand(rule):
    assert round_shift(range(-10, 11), 2, rule).tolist() == QUARTERS[rule]


@pytest.mark.parametrize("rule", Rounding)
@pytest.mark.parametrize("shift", range(12))
def test_every_11_bit_number_against_fractions(rule, shift):
    x = np.arange(-1024, 1024)
    wanted = [EXACT[rule](Fraction(v, 1 << shift)) for v in x.tolist()]
    assert round_shift(x, shift, rule).tolist() == wanted


def test_against_numpy_on_floats_that_are_exact():
    x = np.arange(-5000, 5000)
    for shift in range(8):
        real = x / 2.0**shift
        np.testing.assert_array_equal(round_shift(x, shift, "half_even"), np.round(real))
        np.testing.assert_array_equal(round_shift(x, shift, "floor"), np.floor(real))
        np.testing.assert_array_equal(round_shift(x, shift, "half_up"), np.floor(real + 0.5))


@pytest.mark.parametrize("rule", Rounding)
def test_large_numbers_do_not_pass_through_floats(rule):
    # 2^61 - 1 needs 61 bits, a double holds 53.
    x = 2**61 - 1
    assert round_shift(x, 0, rule) == x
    assert round_shift(x, 1, rule) == EXACT[rule](Fraction(x, 2))
    assert round_shift(-x, 63, rule) == EXACT[rule](Fraction(-x, 2**63))


def test_refusals():
    with pytest.raises(ValueError, match="^shift must be from 0 to 63, not -1$"):
        round_shift(1, -1, Rounding.FLOOR)
    with pytest.raises(ValueError, match="'nearest' is not a valid Rounding"):
        round_shift(1, 1, "nearest")


def test_input_is_not_changed():
    x = np.array([5, -5])
    round_shift(x, 0, Rounding.FLOOR)[0] = 9
    assert x.tolist() == [5, -5]


@pytest.mark.parametrize(("bits", "low", "high"), [(8, -128, 127), (6, -32, 31), (4, -8, 7)])
@pytest.mark.parametrize("rule", Rounding)
def test_saturation_after_rounding(bits, low, high, rule):
    # Scaled by 4, the numbers around both ends: what rounds past an end is that end.
    x = np.array([4 * low - 3, 4 * low - 1, 4 * low, 4 * high, 4 * high + 1, 4 * high + 2,
                  4 * high + 3, 4 * high + 4, 1 << 40, -1 << 40])
    got = requantise(x, shift=2, bits=bits, relu=False, rounding=rule)
    assert got.tolist() == [low, low, low, high, high, high, high, high, high, low]


@pytest.mark.parametrize("rule", Rounding)
def test_relu_comes_before_rounding(rule):
    # -1/4 floors to -1, but not once it was made 0.
    got = requantise([-1, -2, -1000, 0, 1, 2, 1000], shift=2, bits=4, relu=True, rounding=rule)
    assert got.tolist()[:4] == [0, 0, 0, 0]
    assert got.min() == 0 and got[-1] == 7


def test_quantise():
    fmt = QFormat.parse("S(2,2)")  # -2.0 to 1.75 in steps of 0.25
    assert quantise([-2.0, -0.125, 0.125, 0.375, 1.75], fmt).tolist() == [-8, 0, 0, 2, 7]
    message = r"^gain 1\.9 does not fit S\(2,2\): allowed are -2 to 1\.75$"
    with pytest.raises(ValueError, match=message):
        quantise([0.0, 1.9, 5.0], fmt, name="gain")
    message = r"^value nan does not fit U\(1,1\): allowed are 0 to 1\.5$"
    with pytest.raises(ValueError, match=message):
        quantise(float("nan"), QFormat.parse("U(1,1)"))
