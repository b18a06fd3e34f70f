"""Sums of a batch by hand and at their ends; a BatchNorm renewed from them."""

import re
from dataclasses import replace

import numpy as np
import pytest

from golden.drift.statistics import MOST_RESULTS, SQUARES, SUM, statistics
from golden.formats import NmpuFormats
from golden.host.batchnorm import fold, moments, momentum, renew
from golden.network.digits import EPS, load_images, load_network
from golden.network.mapping import map_layer
from golden.presets import hermes, tiny

TWO = tiny.replace(array={"columns": 2})


def test_by_hand():
    got = statistics([[5, -5], [6, -6], [-1, 1000]], TWO, shift=1)
    # Halves rounded down: 2, 3, -1 and -3, -3, 500.
    assert got.sums.tolist() == [4, 494] and got.squares.tolist() == [14, 250_018]
    assert (got.results, got.shift, got.clipped) == (3, 1, False)


@pytest.mark.parametrize(("value", "shift", "sample", "clipped"), [
    (32_767, 0, 32_767, False), (32_768, 0, 32_767, True), (-32_768, 0, -32_768, False),
    (-32_769, 0, -32_768, True), (65_535, 1, 32_767, False), (65_536, 1, 32_767, True),
    (-65_536, 1, -32_768, False), (-65_537, 1, -32_768, True), (-1, 31, -1, False)])
def test_both_sides_of_the_clip(value, shift, sample, clipped):
    got = statistics([[value, 0]], TWO, shift=shift)
    assert got.sums.tolist() == [sample, 0] and got.squares.tolist() == [sample**2, 0]
    assert got.clipped is clipped


def test_a_clip_is_remembered():
    assert statistics([[0, 0], [0, 40_000], [0, 0]], TWO, shift=0).clipped


def test_the_largest_sums_fit():
    assert (SUM.low, SUM.high) == (-(1 << 31), 32_767 << 16) and SUM.fmt.width == 32
    assert SQUARES.high == 1 << 46 and SQUARES.high.bit_length() == 47
    for value in (-32_768, 32_767):
        got = statistics(np.full((MOST_RESULTS, 2), value), TWO, shift=0)
        assert got.sums.tolist() == [MOST_RESULTS * value] * 2
        assert got.squares.tolist() == [MOST_RESULTS * value**2] * 2


@pytest.mark.parametrize(("given", "shift", "message"), [
    (np.zeros((1, 2), int), 32, "shift must be an integer in 0..31, not 32"),
    (np.zeros((0, 2), int), 0, "results must be an integer in 1..65536, not 0"),
    (np.zeros((1, 3), int), 0, "accumulated must be (results, 2), not (1, 3)"),
    (np.zeros(2, int), 0, "accumulated must be (results, 2), not (2,)")])
def test_refused(given, shift, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        statistics(given, TWO, shift=shift)


def test_an_accumulator_that_cannot_be():
    with pytest.raises(OverflowError, match=r"^accumulator spans "):
        statistics([[NmpuFormats.of(TWO).accumulated.high + 1, 0]], TWO, shift=0)


@pytest.mark.parametrize(("batches", "p"), [(13, 0.7239), (26, 0.8508), (1, 0.015)])
def test_momentum_as_published(batches, p):
    assert momentum(batches) == pytest.approx(p, abs=5e-5)


def test_moments_by_hand():
    # 3, 5 and 10 counts: mean 6, variance (9 + 1 + 16)/3; a constant has none.
    batch = statistics(np.array([[3, 7], [5, 7], [10, 7]]) << 7, TWO, shift=0)
    mean, variance = moments(batch, TWO)
    assert mean.tolist() == [6.0, 7.0]
    assert variance.tolist() == [pytest.approx(26 / 3), 0.0]
    with pytest.raises(ValueError, match="^batch was clipped: shift must be greater than 0$"):
        moments(replace(batch, clipped=True), TWO)


def test_a_shift_costs_little():
    readouts = np.random.default_rng(4).normal(300, 2000, (3000, 2)).round().astype(int) * 37
    exact = moments(statistics(readouts, TWO, shift=4), TWO)
    coarse = moments(statistics(readouts, TWO, shift=7), TWO)
    # Without what the shift cuts off in the mean they would be 0.44 of a count apart.
    assert np.abs(coarse[0] - exact[0]).max() < 0.02
    assert np.abs(coarse[1] / exact[1] - 1).max() < 1e-3
    assert exact[0] == pytest.approx(readouts.mean(axis=0) / 2**7, abs=0.01)
    assert exact[1] == pytest.approx(readouts.var(axis=0) / 2**14, rel=1e-4)


def test_renew_by_hand():
    batches = [statistics(np.array([[c - 1, 9], [c + 1, 9]]) << 7, TWO, shift=0) for c in (4, 8)]
    p = 0.015**0.5
    # Unit 2: means 8 and 16, variance 4. The second column belongs to no output.
    mean, variance = renew([100.0], [50.0], batches, TWO, unit=2.0)
    assert mean == pytest.approx([p * (p * 100 + (1 - p) * 8) + (1 - p) * 16])
    assert variance == pytest.approx([0.015 * 50 + (1 - 0.015) * 4])


def test_fold_is_the_mapping_of_the_layer():
    """With its own mean and variance a layer gets the coefficients that the mapping gives it."""
    layer = load_network()[2]
    job, = map_layer(layer, hermes, in_scale=0.02, out_scale=0.3, g_max_us=25.0,
                     correction=(np.ones((2, 256)), np.zeros((2, 256))))
    unit = 0.02 * float(np.abs(layer.weights).max()) / (35.0 * 0.2 * 25.0 * 1e-3)
    scale, bias, shift = fold(hermes, gamma=layer.gamma, beta=layer.beta, mean=layer.mean,
                              variance=layer.variance, eps=EPS, unit=unit, out_scale=0.3)
    np.testing.assert_array_equal(scale, job.coefficients.norm_scale[:10])
    np.testing.assert_array_equal(bias, job.coefficients.norm_bias[:10])
    assert shift == job.settings.shift


def test_a_layer_that_lost_half_comes_back():
    """Half the readout and a shift of it: after 13 batches the results are almost as before."""
    rng, layer = np.random.default_rng(7), load_network()[0]
    columns = slice(0, 8)
    x = load_images().train_x[:200] @ layer.weights[:, columns]
    unit = 4 * np.abs(x).max() / 3e4
    given = {"gamma": layer.gamma[columns], "beta": layer.beta[columns]}

    def results(counts, mean, variance):
        k = given["gamma"] / np.sqrt(variance + EPS)
        return k * (unit * counts - mean) + given["beta"]

    fresh, drifted = x / unit, 0.5 * x / unit + 100
    mean, variance = x.mean(axis=0), x.var(axis=0)
    batches = [statistics(np.round(drifted[rng.permutation(200)[:100]] * 2**7).astype(int), tiny,
                          shift=6) for _ in range(13)]
    wanted = results(fresh, mean, variance)
    new = results(drifted, *renew(mean, variance, batches, tiny, unit=unit))
    old = results(drifted, mean, variance)
    assert np.abs(old - wanted).mean() > 10 * np.abs(new - wanted).mean()
