"""golden.fp16: one rounding per operation, worked by hand and against exact fractions."""

import re
from fractions import Fraction

import numpy as np
import pytest

from golden.fp16 import Fp16Coefficients, fma16, from_fp16, process_fp16, to_fp16
from golden.requantise import Rounding

INF = float("inf")


def half(exact):
    """A fraction to float16 by the definition: neighbours, distance, even significand."""
    sign, size = (-1 if exact < 0 else 1), abs(exact)
    exponent = -24
    while size >= Fraction(2) ** (exponent + 11):
        exponent += 1
    unit = Fraction(2) ** exponent
    n, rest = divmod(size, unit)
    n += rest > unit / 2 or (rest == unit / 2 and n % 2 == 1)
    value = n * unit
    return sign * (INF if value >= 65536 else float(value))


def draw(rng, n):
    """Finite float16 numbers, all bit patterns alike: half of them below 1, 3 % subnormal."""
    bits = rng.integers(0, 1 << 16, 2 * n).astype(np.uint16).view(np.float16)
    return bits[np.isfinite(bits)][:n]


def test_fma_of_random_bits():
    rng = np.random.default_rng(0)
    a, b, c = (draw(rng, 4000) for _ in range(3))
    wanted = [half(Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z)))
              for x, y, z in zip(a, b, c, strict=True)]
    np.testing.assert_array_equal(fma16(a, b, c).astype(float), wanted)


def test_fma_next_to_ties():
    """Products on a tie, moved off it by one bit of c of any size, and c moved by a product."""
    cases = []
    for k in range(-24, 12):
        for sign in (1, -1):
            c = sign * 2.0**k
            # 1.0009765625 * 1.5 = 1.50146484375 lies half way between two float16 numbers.
            cases += [(1 + 2.0**-10, 1.5, c), (33.0 * 2**5, 65.0 * 2**5, c),
                      (2.0**-24, 2.0**k, 1.0), (2.0**-24, c, 65504.0), (c, 2.0**-12, 1 + 2.0**-10),
                      (1023 * 2.0**-24, c, 2.0**-24)]
    a, b, c = (np.array(v, np.float16) for v in zip(*cases, strict=True))
    wanted = [half(Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z)))
              for x, y, z in zip(a, b, c, strict=True)]
    np.testing.assert_array_equal(fma16(a, b, c).astype(float), wanted)


def test_float32_would_round_twice():
    # 24.0234375 is half way between 24.015625 and 24.03125, the even one; 2^-24 less is below.
    a, b, c = np.float16(1 + 2.0**-10), np.float16(24), np.float16(-(2.0**-24))
    assert fma16(a, b, c) == 24.015625
    assert np.float16(np.float32(a) * np.float32(b) + np.float32(c)) == 24.03125


def test_fma_is_not_multiply_then_add():
    # 4095 is 4096 in float16 (a tie, to even); 3 * 683 = 2049 is 2048 alone, exact inside an FMA.
    assert to_fp16(4095) == 4096 and to_fp16(2049) == 2048 and to_fp16(2051) == 2052
    assert fma16(3, 683, -1) == 2048
    assert fma16(3, 683, -2048) == 1
    assert np.float16(np.float16(3) * np.float16(683)) - np.float16(2048) == 0


@pytest.mark.parametrize(("x", "wanted"), [
    # Subnormals: the smallest is 2^-24; half of it is a tie to 0, a hair more rounds up.
    (2.0**-24, 2.0**-24), (2.0**-25, 0.0), (1.0001 * 2.0**-25, 2.0**-24),
    (3 * 2.0**-25, 2 * 2.0**-24), (1023.5 * 2.0**-24, 2.0**-14),
    # Overflow: 65520 is the tie between 65504 and 65536, which does not exist.
    (65519.999, 65504.0), (65520.0, INF), (-65520.0, -INF), (1e300, INF),
])
def test_conversion_edges(x, wanted):
    assert to_fp16(x) == wanted


def test_results_of_each_rounding():
    x = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 2.25, 2.75, -2.25, -2.75])
    for rounding, wanted in {
            Rounding.HALF_EVEN: [0, 2, 2, 0, -2, 2, 3, -2, -3],
            Rounding.HALF_UP: [1, 2, 3, 0, -1, 2, 3, -2, -3],
            Rounding.HALF_AWAY: [1, 2, 3, -1, -2, 2, 3, -2, -3],
            Rounding.FLOOR: [0, 1, 2, -1, -2, 2, 2, -3, -3]}.items():
        assert from_fp16(x, rounding=rounding).tolist() == wanted, rounding


def test_results_saturate():
    x = [126.5, 127.5, 128, 65504, INF, -127.5, -128.5, -129, -INF, np.nan]
    assert from_fp16(x).tolist() == [126, 127, 127, 127, 127, -128, -128, -128, -128, 0]
    assert from_fp16([7.5, 8, -9], bits=4).tolist() == [7, 7, -8]


def coefficients(scale, offset, norm_scale, norm_bias):
    return Fp16Coefficients(scale=np.reshape(scale, (2, 1)), offset=np.reshape(offset, (2, 1)),
                            norm_scale=[norm_scale], norm_bias=[norm_bias])


def test_hand_worked_column():
    # 1.0478515625 = 1073/1024. 144 * 1073 = 154512 /1024 = 150.890625, exact in steps of 1/8 is
    # 150.875; + 0.5 exactly 151.390625 -> 151.375. N: 41 * 0.97265625 - 0.25 = 39.62890625 in
    # steps of 1/32 -> 39.625. P - N = 111.75. * 0.296875 - 15.125 = 18.05078125 in 1/64
    # -> 18.046875 (18.05078125 is 1155.25/64).
    unit = coefficients([1073 / 1024, 0.97265625], [0.5, -0.25], 0.296875, -15.125)
    result, y = process_fp16([[144], [41]], unit)
    assert y.dtype == np.float16
    assert (result.item(), y.item()) == (18, 18.046875)


def test_affine_is_one_rounding():
    # x = 2049 - 0 would be 2048; k x + b of 683 * 3 - 2048 = 1 needs the product unrounded.
    unit = coefficients([1, 1], [0, 0], 3, -2048)
    assert process_fp16([[683], [0]], unit)[0].item() == 1


def test_difference_rounds():
    # 2048 - (-3) = 2051, a tie between 2050 and 2052: to the even significand, 2052.
    unit = coefficients([1, 1], [0, -3], 1, 0)
    assert process_fp16([[2048], [0]], unit)[1].item() == 2052


@pytest.mark.parametrize(("relu", "relu_after", "wanted"), [
    (False, False, 6 - 20 + 10), (True, False, 10), (False, True, 0), (True, True, 10)])
def test_activation_before_or_after_the_sum(relu, relu_after, wanted):
    unit = coefficients([1, 1], [0, 0], 1, -20)
    result, _ = process_fp16([[10], [4]], unit, relu=relu, relu_after=relu_after,
                             received=[20], received_scale=0.5)
    assert result.item() == wanted


def test_received_is_rounded_before_it_is_added():
    # 127 * 0.1 (0.0999755859375) = 12.6968994140625 -> 12.6953125 in steps of 1/128; + 1000 in
    # steps of 1/2 gives 1012.5 as a tie would not: 1012.6953125 -> 1012.5.
    unit = coefficients([1, 1], [0, 0], 1, 1000)
    _, y = process_fp16([[0], [0]], unit, received=[127], received_scale=0.1)
    assert y.item() == 1012.5
    scaled = half(Fraction(101) * Fraction(float(np.float16(0.3))))
    unit = coefficients([1, 1], [0, 0], 1, 0.013)
    _, y = process_fp16([[0], [0]], unit, received=[101], received_scale=0.3)
    assert y.item() == half(Fraction(scaled) + Fraction(float(np.float16(0.013))))


def test_overflow_saturates_and_nan_becomes_zero():
    large = coefficients([60000, 60000], [0, 0], 1, 0)
    assert process_fp16([[2], [0]], large)[0].item() == 127
    assert process_fp16([[0], [2]], large)[0].item() == -128
    # Both branches infinite: no number, so 0.
    result, y = process_fp16([[2], [2]], large)
    assert np.isnan(y.item()) and result.item() == 0
    assert process_fp16([[2], [2]], large, relu=True)[1].item() == 0


def test_batches_and_columns():
    rng = np.random.default_rng(2)
    unit = Fp16Coefficients(scale=rng.uniform(0.8, 1.2, (2, 5)), offset=rng.normal(size=(2, 5)),
                            norm_scale=rng.normal(size=5), norm_bias=rng.normal(size=5))
    counts = rng.integers(0, 450, (3, 4, 2, 5))
    together, _ = process_fp16(counts, unit)
    for c in range(5):
        one = Fp16Coefficients(**{name: getattr(unit, name)[..., c:c + 1] for name in
                                  ("scale", "offset", "norm_scale", "norm_bias")})
        np.testing.assert_array_equal(process_fp16(counts[..., c:c + 1], one)[0],
                                      together[..., c:c + 1])


UNIT = coefficients([1, 1], [0, 0], 1, 0)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: coefficients([1, 7e4], [0, 0], 1, 0),
     "scale must round to a finite float16, at most 65504, not 70000"),
    (lambda: coefficients([1, 1], [0, 0], 1, np.nan),
     "norm_bias must round to a finite float16, at most 65504, not nan"),
    (lambda: Fp16Coefficients(scale=[1], offset=[[0], [0]], norm_scale=[1], norm_bias=[0]),
     "scale must have shape (2, 1), not (1,)"),
    (lambda: process_fp16([[1, 2]], UNIT), "counts must have shape (..., 2, 1), not (1, 2)"),
    (lambda: process_fp16([[1], [2]], UNIT, received=[1]),
     "received and received_scale must be given together"),
    (lambda: process_fp16([[1], [2]], UNIT, received=[128], received_scale=1),
     "received must be in -128..127, not 128 to 128"),
])
def test_refused(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()
