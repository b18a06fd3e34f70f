"""Estimates by hand, unused columns, every refusal and the order in which they are found."""

import numpy as np
import pytest

from golden.drift.divide import Refusal
from golden.drift.estimate import column, fit, tile
from golden.drift.measure import Measurement
from golden.presets import tiny
from golden.qformat import QFormat

ONE = 1 << 14
COUNT = 1 << 7
"""Raw of one count in a sum."""


def kept(sums, *, absolute=True, repeats=4, weight=1):
    return Measurement(sums=np.array(sums), absolute=absolute, repeats=repeats, weight=weight,
                       saturated=False)


def gains_of(result):
    estimate, refusal = result
    assert refusal is Refusal.NONE and estimate.gains.dtype == estimate.betas.dtype == np.int64
    return estimate.gains.tolist()


def test_tile_by_hand():
    # (300 + 100)/(200 + 50) = 1.6, and not the mean of 1.5 and 2.
    got = tile(kept([300, 100]), kept([200, 50]), tiny)
    assert gains_of(got) == [26_214] * 2  # 26214.4
    assert got[0].betas.tolist() == [0, 0]


def test_column_by_hand():
    got = column(kept([300, 100, 90]), kept([200, 50, 270]), tiny)
    assert gains_of(got) == [24_576, 32_768, 5461]  # 1.5, 2, 5461.33
    assert got[0].betas.tolist() == [0, 0, 0]


def test_unused_columns_leave_the_tile_alone_and_get_its_gain():
    reference, now = kept([300, 9, 100]), kept([200, 9, 50])
    assert gains_of(tile(reference, now, tiny, minimum=10)) == [26_214] * 3
    assert gains_of(column(reference, now, tiny, minimum=10)) == [24_576, 26_214, 32_768]
    # At the minimum a column is used: (300 + 9 + 100)/(200 + 9 + 50) = 1.579...
    assert gains_of(tile(reference, now, tiny, minimum=9)) == [25_873] * 3
    assert gains_of(column(reference, now, tiny, minimum=9)) == [24_576, ONE, 32_768]
    # Even one that reads nothing at all now.
    assert gains_of(column(reference, kept([200, 0, 50]), tiny, minimum=10))[1] == 26_214


def fit_of(r0, r1, n0, n1, *, repeats=4, weight=1, config=tiny, minimum=0):
    return fit(*([kept(np.multiply(sums, COUNT), absolute=False, repeats=repeats, weight=weight)
                  for sums in pair] for pair in ((r0, r1), (n0, n1))), config, minimum=minimum)


def test_fit_by_hand():
    """now = 0.5 reference + 3 per vector, and now = 0.8 reference - 1."""
    # Slot 0 has references 40 and -100, slot 1 80 and 60, in sums over four vectors.
    got = fit_of([40, -100], [80, 60], [32, -84], [52, 44])
    assert gains_of(got) == [2 * ONE, 20_480]
    # 40 - 2*32 = -24, -6 a vector, -12 halves; -100 + 1.25*84 = 5, 1.25 a vector, 2.5: up.
    assert got[0].betas.tolist() == [-12, 3]


@pytest.mark.parametrize(("excess", "beta"), [
    (0, 0), (1, 0), (127, 0), (255, 0), (256, 1), (257, 1), (768, 2), (-255, 0), (-256, 0),
    (-257, -1), (-768, -1), (-769, -2)])
def test_ties_of_beta_go_up(excess, beta):
    """A step of beta is half a count: 512 raw in a sum over 8 vectors."""
    r0, n0 = [1000 * COUNT + excess], [1000 * COUNT]
    r1, n1 = [5000 * COUNT + excess], [5000 * COUNT]
    got = fit([kept(s, absolute=False, repeats=8) for s in (r0, r1)],
              [kept(s, absolute=False, repeats=8) for s in (n0, n1)], tiny)
    assert gains_of(got) == [ONE] and got[0].betas.tolist() == [beta]


def test_beta_is_per_read_of_weight_1():
    for repeats, weight in ((4, 1), (1, 4), (2, 2)):
        got = fit_of([40], [80], [32], [52], repeats=repeats, weight=weight)
        assert got[0].betas.tolist() == [-12]
    assert fit_of([40], [80], [32], [52], repeats=4, weight=4)[0].betas.tolist() == [-3]


def test_fit_does_not_care_which_slot_is_larger():
    up = fit_of([40, -100], [80, 60], [32, -84], [52, 44])[0]
    down = fit_of([80, 60], [40, -100], [52, 44], [32, -84])[0]
    assert up.gains.tolist() == down.gains.tolist()
    assert up.betas.tolist() == down.betas.tolist()


def test_fit_of_unused_columns():
    """Column 1 rises by 3 only: the slope of the others, (40 + 160)/(20 + 128), and no beta."""
    got = fit_of([40, 5, -100], [80, 8, 60], [32, 9, -84], [52, 2, 44], minimum=4 * COUNT)
    assert gains_of(got) == [2 * ONE, 22_141, 20_480]
    assert got[0].betas.tolist() == [-12, 0, 3]
    # With a smaller minimum it counts as used, and falls where it should rise.
    assert fit_of([40, 5, -100], [80, 8, 60], [32, 9, -84], [52, 2, 44],
                  minimum=3 * COUNT)[1] is Refusal.NEGATIVE


def test_beta_out_of_range():
    # S(7,1) ends at 63.5: 128 halves are too many, 127 are not; -128 is in, -129 is not.
    for halves, refusal in ((127, Refusal.NONE), (128, Refusal.RANGE), (-128, Refusal.NONE),
                            (-129, Refusal.RANGE)):
        assert fit_of([1000 + 2 * halves], [5000 + 2 * halves], [1000], [5000])[1] is refusal


@pytest.mark.parametrize(("reference", "now", "minimum", "refusal"), [
    ([0, 0], [5, 5], 0, Refusal.ZERO),
    ([5, 5], [0, 0], 0, Refusal.ZERO),
    ([9, 9], [9, 9], 10, Refusal.ZERO),          # no column is used
    ([20, 20], [5, 4], 10, Refusal.TINY),
    ([20, 20], [4, 5], 0, Refusal.RANGE),        # 4.44
    ([1, 1], [70_000, 70_000], 0, Refusal.RANGE)])
def test_refusals_of_the_tile_are_those_of_all(reference, now, minimum, refusal):
    for estimate in (tile, column):
        assert estimate(kept(reference), kept(now), tiny, minimum=minimum) == (None, refusal)


@pytest.mark.parametrize(("reference", "now", "minimum", "refusal"), [
    ([500, 0], [400, 5], 0, Refusal.ZERO), ([500, 5], [400, 0], 0, Refusal.ZERO),
    ([500, 20], [400, 9], 10, Refusal.TINY),
    ([500, 36], [400, 9], 0, Refusal.RANGE),
    ([500, 36, 0], [400, 9, 5], 0, Refusal.RANGE),   # the first column counts
    ([500, 0, 36], [400, 5, 9], 0, Refusal.ZERO)])
def test_refusals_of_a_column(reference, now, minimum, refusal):
    assert column(kept(reference), kept(now), tiny, minimum=minimum) == (None, refusal)
    assert tile(kept(reference), kept(now), tiny, minimum=minimum)[1] is Refusal.NONE


def test_a_column_is_refused_for_its_beta_before_the_next_for_its_gain():
    # Column 0 has beta 64 out of range, column 1 a falling slope; then the other way round.
    far, falling = (1256, 5256, 1000, 5000), (0, 400, 400, 0)
    for columns, refusal in (((far, falling), Refusal.RANGE), ((falling, far), Refusal.NEGATIVE)):
        assert fit_of(*(list(part) for part in zip(*columns, strict=True)))[1] is refusal


def test_refusals_of_fit():
    assert fit_of([40], [40], [32], [52])[1] is Refusal.ZERO
    assert fit_of([40], [80], [32], [32])[1] is Refusal.ZERO
    assert fit_of([40], [80], [52], [32])[1] is Refusal.NEGATIVE
    assert fit_of([80], [40], [32], [52])[1] is Refusal.NEGATIVE
    assert fit_of([80], [40], [52], [32])[1] is Refusal.NONE
    assert fit_of([0], [80], [0], [10])[1] is Refusal.RANGE
    assert fit_of([0], [80], [0], [30], minimum=40 * COUNT)[1] is Refusal.TINY


def test_a_gain_of_fewer_bits():
    config = tiny.replace(drift={"gain": QFormat(False, 2, 3)})
    assert gains_of(column(kept([300, 100]), kept([200, 61]), config)) == [12, 13]  # 13.1
