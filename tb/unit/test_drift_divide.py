"""The divider: by hand, both sides of every tie, every refusal, and its error by exhaustion."""

from fractions import Fraction

import numpy as np
import pytest

from golden.drift.divide import Refusal, divide
from golden.qformat import QFormat

GAIN = QFormat(False, 2, 14)
SMALL = QFormat(False, 2, 3)


@pytest.mark.parametrize(("numerator", "denominator", "quotient"), [
    (1, 1, 8), (3, 2, 12), (1, 3, 3),        # 8/3 = 2.67
    (2, 3, 5),                               # 16/3 = 5.33
    (5, 16, 3), (3, 16, 2), (7, 16, 4),      # 2.5, 1.5 and 3.5: ties go up
    (1, 16, 1),                              # 0.5, the least that is not 0
    (31, 8, 31),                             # the largest
    (62_999, 16_000, 31),                    # 31.4995
])
def test_by_hand(numerator, denominator, quotient):
    """With three fraction bits."""
    assert divide(numerator, denominator, SMALL) == (quotient, Refusal.NONE)


@pytest.mark.parametrize("denominator", [2**15, 3 * 2**15, 2**37])
def test_both_sides_of_ties(denominator):
    """A half goes up, and whatever is less goes down, however little less."""
    for half in (1, 3, 16_385, 2 * GAIN.max - 1):
        tie = half * denominator >> 15
        for step, wanted in ((-1, half // 2), (0, half // 2 + 1), (1, half // 2 + 1)):
            if wanted:
                scaled = (4 * tie + step, 4 * denominator)
                assert divide(*scaled, GAIN) == (wanted, Refusal.NONE)


def test_error_is_at_most_half_a_step_and_nothing_is_refused_without_reason():
    for numerator in range(1, 130):
        for denominator in range(1, 130):
            exact = Fraction(numerator, denominator) * 8
            got, refusal = divide(numerator, denominator, SMALL)
            if refusal is Refusal.NONE:
                assert -Fraction(1, 2) < got - exact <= Fraction(1, 2)
            else:
                assert refusal is Refusal.RANGE and got == 0
                assert exact < Fraction(1, 2) or exact >= SMALL.max + Fraction(1, 2)


def test_random_numbers_of_the_full_width():
    rng = np.random.default_rng(1)
    for _ in range(3000):
        denominator = int(rng.integers(1, 1 << int(rng.integers(1, 47))))
        numerator = int(rng.integers(1, 4 * denominator + 1))
        got, refusal = divide(numerator, denominator, GAIN)
        exact = Fraction(numerator, denominator) * 2**14
        if refusal is Refusal.NONE:
            assert abs(got - exact) <= Fraction(1, 2)
        else:
            assert exact < Fraction(1, 2) or exact >= GAIN.max + Fraction(1, 2)


@pytest.mark.parametrize(("numerator", "denominator", "minimum", "refusal"), [
    (0, 5, 0, Refusal.ZERO), (5, 0, 0, Refusal.ZERO), (0, -5, 9, Refusal.ZERO),
    (-5, 0, 0, Refusal.ZERO),
    (-5, 5, 0, Refusal.NEGATIVE), (5, -5, 9, Refusal.NEGATIVE), (-5, -5, 0, Refusal.NEGATIVE),
    (9, 10, 10, Refusal.TINY), (10, 9, 10, Refusal.TINY), (1, 9, 10, Refusal.TINY),
    (10, 10, 10, Refusal.NONE),
    (65_535, 16_384, 0, Refusal.NONE), (131_071, 32_768, 0, Refusal.RANGE),
    (4, 1, 0, Refusal.RANGE), (1, 32_768, 0, Refusal.NONE), (1, 32_769, 0, Refusal.RANGE)])
def test_refusals_and_their_order(numerator, denominator, minimum, refusal):
    got, found = divide(numerator, denominator, GAIN, minimum=minimum)
    assert found is refusal
    assert (got == 0) == (refusal is not Refusal.NONE)


def test_numpy_integers_do_not_wrap():
    assert divide(np.int64(1 << 60), np.int64(1 << 60), GAIN) == (1 << 14, Refusal.NONE)


def test_wrong_arguments():
    for bad in (1.0, True, "1"):
        with pytest.raises(TypeError, match=r"^numerator must be an integer, not "):
            divide(bad, 1, GAIN)
        with pytest.raises(TypeError, match=r"^denominator must be an integer, not "):
            divide(1, bad, GAIN)
        with pytest.raises(TypeError, match=r"^minimum must be an integer, not "):
            divide(1, 1, GAIN, minimum=bad)
    with pytest.raises(ValueError, match=r"^fmt must be unsigned, not S\(2,14\)$"):
        divide(1, 1, QFormat(True, 2, 14))


def test_numbers_of_the_refusals():
    assert [(r.name, r.value) for r in Refusal] == [
        ("NONE", 0), ("NO_REFERENCE", 1), ("ZERO", 2), ("NEGATIVE", 3), ("TINY", 4),
        ("SATURATED", 5), ("RANGE", 6), ("COEFFICIENT", 7)]
