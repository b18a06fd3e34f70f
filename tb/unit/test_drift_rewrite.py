"""Corrected coefficients: by hand, ties, the choice of the exponent, and that none saturates."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from golden.drift.divide import Refusal
from golden.drift.estimate import Estimate
from golden.drift.rewrite import rewrite
from golden.nmpu import Coefficients, combine, gather, normalise, process
from golden.presets import tiny
from golden.requantise import requantise
from golden.settings import Settings

ONE = 1 << 14
TWO = tiny.replace(array={"columns": 2})


def bank(scale, offset, **fields):
    return Coefficients(**{
        "scale": np.array(scale), "offset": np.array(offset), "norm_scale": np.array([64, 32]),
        "norm_bias": np.array([5, -7]), **fields})


def estimate(gains, betas=(0, 0)):
    return Estimate(gains=np.array(gains), betas=np.array(betas))


def test_by_hand():
    got, refusal = rewrite(bank([[128, 100], [110, 90]], [[-7, 3], [0, -1]]),
                           estimate([3 * ONE // 2, ONE], [4, -2]), TWO)
    assert refusal is Refusal.NONE and got.exponent == 0
    assert got.scale.tolist() == [[192, 100], [165, 90]]
    # -7*1.5 + 4 = -6.5, up to -6; 3 - 2 = 1; polarity N has no beta.
    assert got.offset.tolist() == [[-6, 1], [0, -1]]
    assert got.norm_scale.tolist() == [64, 32] and got.norm_bias.tolist() == [5, -7]


def test_by_hand_with_the_exponent():
    got, _ = rewrite(bank([[128, 101], [110, 255]], [[-7, 3], [1, -1]]),
                     estimate([2 * ONE, ONE], [4, -1]), TWO)
    assert got.exponent == 1
    # 256 does not fit; 128, 50.5 up to 51; 110, 127.5 up to 128.
    assert got.scale.tolist() == [[128, 51], [110, 128]]
    # (-14 + 4)/2, (3 - 1)/2; 2/2, -0.5 up to 0.
    assert got.offset.tolist() == [[-5, 1], [1, 0]]


@pytest.mark.parametrize(("scale", "gain", "wanted", "exponent"), [
    (128, 2 * ONE - 64, 128, 1), (128, 2 * ONE - 65, 255, 0),  # 255.5 and a little less
    (255, ONE, 255, 0), (255, ONE + 32, 255, 0), (255, ONE + 33, 128, 1),
    (200, 41_861, 255, 1), (200, 41_862, None, None)])
def test_both_sides_of_the_largest_scale(scale, gain, wanted, exponent):
    # 200*41861 = 8372200 and 200*41862 = 8372400; 255.5 * 2^15 = 8372224.
    got, refusal = rewrite(bank([[scale, 1], [1, 1]], [[0, 0], [0, 0]]), estimate([gain, ONE]),
                           TWO)
    if wanted is None:
        assert got is None and refusal is Refusal.COEFFICIENT
    else:
        assert (int(got.scale[0, 0]), got.exponent) == (wanted, exponent)


@pytest.mark.parametrize(("offset", "gain", "beta", "wanted", "exponent"), [
    (127, ONE, 0, 127, 0), (127, ONE, 1, 64, 1), (-128, ONE, 0, -128, 0), (-128, ONE, -1, -64, 1),
    (-127, ONE, -3, -65, 1), (127, ONE, 127, 127, 1), (127, ONE + 200, 127, None, None),
    (-128, ONE, -128, -128, 1), (-128, 4 * ONE - 1, 0, None, None),
    (-128, ONE + 256, -128, None, None), (127, 4 * ONE - 1, -128, None, None),
    (64, 4 * ONE - 1, -128, 64, 1)])
def test_an_offset_asks_for_the_exponent_too(offset, gain, beta, wanted, exponent):
    got, refusal = rewrite(bank([[1, 1], [1, 1]], [[0, offset], [0, 0]]),
                           estimate([ONE, gain], [0, beta]), TWO)
    if wanted is None:
        assert got is None and refusal is Refusal.COEFFICIENT
    else:
        assert (int(got.offset[0, 1]), got.exponent) == (wanted, exponent)


def test_no_gain_to_2_5_saturates_a_scale_to_1_27():
    """By exhaustion: 10 years of drift on the slowest converter of the published bound, 1/0.79."""
    scale = np.arange(164)  # 163/128 = 1.273
    gains = np.arange(1, 5 * ONE // 2 + 1)
    exact = scale[:, None] * gains
    for exponent in (0, 1):
        shift = 14 + exponent
        raw = (exact + (1 << (shift - 1))) >> shift
        error = np.abs((raw << shift) - exact).max()
        assert error <= 1 << (shift - 1)
    assert raw.max() <= 255  # with exponent 1: (163*40960 + 2^14) >> 15 = 204
    # And through the function itself, at the corner, with offsets to 51 = 63.5/1.25.
    got, refusal = rewrite(bank([[163, 163], [163, 163]], [[101, -102], [101, -102]]),
                           estimate([gains[-1], gains[-1]]), TWO)
    assert refusal is Refusal.NONE and got.exponent == 1
    assert got.scale.tolist() == [[204, 204], [204, 204]]
    assert got.offset.tolist() == [[126, -127], [126, -127]]


def test_random_rewrites_are_within_half_a_step_and_use_the_least_exponent():
    rng, used = np.random.default_rng(2), set()
    for _ in range(400):
        base = bank(rng.integers(0, 200, (2, 2)), rng.integers(-100, 100, (2, 2)))
        # The middle of the range most often needs the exponent, its end is refused.
        gains, betas = rng.integers(1, 4 * ONE, 2), rng.integers(-60, 60, 2)
        exact = [[Fraction(int(s) * int(g), ONE) for s, g in zip(row, gains, strict=True)]
                 for row in base.scale]
        shifted = [[Fraction(int(o) * int(g), ONE) + (int(b) if p == 0 else 0)
                    for o, g, b in zip(row, gains, betas, strict=True)]
                   for p, row in enumerate(base.offset)]
        got, refusal = rewrite(base, estimate(gains, betas), TWO)
        used.add(None if got is None else got.exponent)
        half = Fraction(1, 2)
        for e in range(2):
            fits = (all(v / 2**e < 255 + half for row in exact for v in row)
                    and all(-128 - half <= v / 2**e < 127 + half for row in shifted for v in row))
            if got is not None and e == got.exponent:
                assert fits and refusal is Refusal.NONE
                break
            assert not fits
        else:
            assert refusal is Refusal.COEFFICIENT
            continue
        for values, raw in ((exact, got.scale), (shifted, got.offset)):
            for row, found in zip(values, raw.tolist(), strict=True):
                for value, integer in zip(row, found, strict=True):
                    assert -half < integer - value / 2**got.exponent <= half
    assert used == {None, 0, 1}


def test_a_base_has_no_exponent():
    with pytest.raises(ValueError, match=r"^base must have exponent 0, not 1$"):
        rewrite(bank([[1, 1], [1, 1]], [[0, 0], [0, 0]], exponent=1), estimate([ONE, ONE]), TWO)


def test_a_result_that_clips_tells_the_wrong_order():
    """The array lost half of its counts. The gain belongs before the bias and before the clip:
    on the result, or on the norm scale and the bias, it gives other numbers."""
    base = bank([[128, 128], [128, 128]], [[0, 0], [0, 0]], norm_bias=np.array([320, 320]))
    settings = Settings(shift=14)
    # Column 0: 200/2 + 20 = 120. Column 1, norm scale 1/4: 480/4 + 20 = 140, clipped to 127.
    fresh = np.array([[[200, 480], [0, 0]]])
    wanted = process(fresh, base, settings, TWO)
    assert wanted.tolist() == [120, 127]
    corrected, _ = rewrite(base, estimate([2 * ONE, 2 * ONE]), TWO)
    assert process(fresh // 2, corrected, settings, TWO).tolist() == wanted.tolist()

    clipped = process(fresh // 2, base, settings, TWO)
    assert clipped.tolist() == [70, 80]
    after_clip = np.clip(2 * clipped, -128, 127)
    assert after_clip.tolist() == [127, 127] != wanted.tolist()
    with_bias = replace(corrected, norm_bias=2 * base.norm_bias)
    assert process(fresh // 2, with_bias, settings, TWO).tolist() == [127, 127]


def test_a_gain_after_the_clip_loses_what_was_clipped():
    """400 counts read 300 now: 150 clips to 127; the gain after it gives 169 steps, not 200."""
    base = bank([[128, 128], [128, 128]], [[0, 0], [0, 0]], norm_bias=np.array([0, 0]))
    gain = estimate([4 * ONE // 3, 4 * ONE // 3])
    now = np.array([[[300, 400], [0, 0]]])
    clip = {"bits": 8, "relu": False, "rounding": TWO.nmpu.rounding}
    total = gather(combine(now, base, TWO), [1], TWO)
    late = requantise(normalise(total, base, TWO), shift=14, **clip) * 4 / 3
    corrected, _ = rewrite(base, gain, TWO)
    total = gather(combine(now, corrected, TWO), [1], TWO, exponent=corrected.exponent)
    early = normalise(total, corrected, TWO) / 2**14
    assert late.tolist() == [pytest.approx(127 * 4 / 3), pytest.approx(400 / 3)]
    assert early == pytest.approx([200, 400 / 3], rel=0.01)
