"""golden.array.drift_error: the published table of gain and error, and arrays that do not age."""

import re

import numpy as np
import pytest

from golden.array.device import Ideal, PcmLike
from golden.array.devices import make_device
from golden.array.drift_error import drift_error, gaussian_weights

# Age in s; gain of the tile; errors in % without and with it. From an independent simulation of
# the published model on 256 x 256; three seeds spread by 0.003 and by 0.2 points.
TABLE = [(3600.0, 1.289, 24.2, 10.1), (86400.0, 1.505, 34.7, 11.8), (31536000.0, 2.000, 50.8, 15.7)]


@pytest.fixture(scope="module")
def pcm():
    return drift_error(PcmLike(), ages_s=[row[0] for row in TABLE], seed=1)


@pytest.mark.parametrize("k", range(3), ids=["hour", "day", "year"])
def test_table(pcm, k):
    _, gain, without, with_gain = TABLE[k]
    assert pcm.gain[k] == pytest.approx(gain, rel=0.03)
    assert 100 * pcm.error_without[k] == pytest.approx(without, rel=0.03)
    assert 100 * pcm.error_with[k] == pytest.approx(with_gain, rel=0.03)


@pytest.mark.parametrize(("name", "rows"), [
    ("hermes_two_device", [(86400.0, 1.303, 23.6, 16.4), (31536000.0, 1.694, 39.0, 27.4)]),
    ("hermes_one_device", [(86400.0, 1.322, 27.0, 22.0), (31536000.0, 1.711, 40.9, 32.0)])])
def test_table_of_the_other_fits(name, rows):
    result = drift_error(make_device(name), ages_s=[row[0] for row in rows], seed=1)
    got = zip(result.gain, 100 * result.error_without, 100 * result.error_with, strict=True)
    np.testing.assert_allclose(list(got), [row[1:] for row in rows], rtol=0.03)


def test_columns_gain_little(pcm):
    """The error that a common gain leaves is the spread of the exponents within a column."""
    assert np.abs(pcm.error_with - pcm.error_with_columns).max() < 0.002
    assert pcm.column_gain.shape == (3, 256)
    assert (pcm.column_gain.min(axis=1) < pcm.gain).all()
    assert (pcm.column_gain.max(axis=1) > pcm.gain).all()
    # Published for one day: columns from 1.47 to 1.54.
    assert pcm.column_gain[1].min() == pytest.approx(1.47, abs=0.02)
    assert pcm.column_gain[1].max() == pytest.approx(1.54, abs=0.02)


def test_an_ideal_array_needs_nothing():
    result = drift_error(Ideal(), ages_s=[0, 1e6], seed=3, rows=20, columns=10, vectors=7)
    np.testing.assert_allclose(result.gain, 1, rtol=1e-12)
    np.testing.assert_allclose(result.column_gain, 1, rtol=1e-12)
    assert max(result.error_without.max(), result.error_with.max()) < 1e-12


def test_without_spread_the_gain_removes_all():
    """One exponent for all devices: the gain is the inverse of the common decay."""
    class Even(Ideal):
        def drifted(self, g_prog_us, nu, t_s):
            return super().drifted(g_prog_us, nu, t_s) * (1 + t_s) ** -0.05

    result = drift_error(Even(), ages_s=[1e4, 2e4], seed=0, rows=16, columns=16, vectors=8)
    decay = np.array([10001, 20001]) ** -0.05
    np.testing.assert_allclose(result.gain, 1 / decay, rtol=1e-12)
    np.testing.assert_allclose(result.error_without, 1 - decay, rtol=1e-9)
    assert result.error_with.max() < 1e-12


def test_seed_decides():
    kwargs = {"ages_s": [0, 100], "rows": 8, "columns": 4, "vectors": 3}
    first, again = (drift_error(PcmLike(), seed=5, **kwargs) for _ in range(2))
    np.testing.assert_array_equal(first.error_with, again.error_with)
    assert (first.error_with != drift_error(PcmLike(), seed=6, **kwargs).error_with).all()


def test_weights_are_clipped():
    weights = gaussian_weights(300, 300, np.random.default_rng(0))
    assert np.abs(weights).max() == 1
    assert np.median(np.abs(weights)) == pytest.approx(0.337, abs=0.01)
    # 4.55 % of a normal lie beyond two sigma.
    assert (np.abs(weights) == 1).mean() == pytest.approx(0.0455, abs=0.003)


@pytest.mark.parametrize(("change", "message"), [
    ({"ages_s": []}, "ages_s must hold rising ages in seconds, not []"),
    ({"ages_s": [5, 5]}, "ages_s must hold rising ages in seconds, not [5.0, 5.0]"),
    ({"ages_s": [-1]}, "ages_s must be at least 0, not -1.0"),
    ({"rows": 0}, "rows must be an integer in 1..4096, not 0"),
    ({"vectors": 0}, "vectors must be an integer in 1..65536, not 0"),
    ({"seed": -1}, "seed must be an integer in 0..9223372036854775807, not -1"),
])
def test_refused(change, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        drift_error(Ideal(), **{"ages_s": [0], "seed": 0, **change})
