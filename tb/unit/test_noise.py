"""Normal numbers by vector index: addressing, statistics, refusals."""

import math

import numpy as np
import pytest

from golden.array.noise import MAX_VECTORS, ReadNoise


def numbers(first, count, *, seed=3, columns=5):
    out = np.empty((2, count, columns), np.float32)
    ReadNoise(seed, columns).fill(first, out)
    return out


def test_a_number_depends_on_seed_vector_and_column_only():
    whole = numbers(0, 300)
    for first, count in [(0, 1), (1, 1), (299, 1), (37, 200)]:
        assert (numbers(first, count) == whole[:, first:first + count]).all()
    noise = ReadNoise(3, 5)
    for first, count in [(10, 7), (17, 20), (0, 4), (200, 100)]:  # onwards, back and ahead
        out = np.empty((2, count, 5), np.float32)
        noise.fill(first, out)
        assert (out == whole[:, first:first + count]).all()
    assert (numbers(0, 300, seed=4) != whole).all()
    for other in [(3, 1), (3, 0), (0, 3), 3 + (1 << 32)]:
        assert (numbers(0, 300, seed=other) != whole).all()
    assert np.unique(whole).size > 0.999 * whole.size


def test_far_vectors():
    far = numbers(MAX_VECTORS, 3)
    assert np.isfinite(far).all()
    assert (numbers(MAX_VECTORS - 2, 3)[:, 2] == far[:, 0]).all()


@pytest.mark.parametrize("word", [0, -(2**31)])
def test_the_ends_of_the_radius(word):
    # The rarest word gives the largest number, and no word an infinite one.
    class Bits:
        def random_raw(self, count):
            return np.full(2 * count, word, np.int32).view(np.uint64)

    noise = ReadNoise(1, 3)
    noise._bits = Bits()
    out = np.empty((2, 4, 3), np.float32)
    noise.fill(0, out)
    wanted = math.sqrt(64 * math.log(2)) if word == 0 else 0.0
    np.testing.assert_allclose(np.hypot(*out), wanted, rtol=1e-6)


def test_statistics():
    # N numbers: mean 1/sqrt(N), variance sqrt(2/N), skewness sqrt(6/N), kurtosis sqrt(24/N),
    # share beyond a limit sqrt(p/N), each within 5 standard errors; so is every correlation.
    n = 2_000_000
    z = numbers(0, n // 10, columns=5).astype(np.float64)
    flat = z.reshape(-1)
    assert flat.size == n
    assert abs(flat.mean()) < 5 / math.sqrt(n)
    assert abs((flat**2).mean() - 1) < 5 * math.sqrt(2 / n)
    assert abs((flat**3).mean()) < 5 * math.sqrt(15 / n)
    assert abs((flat**4).mean() - 3) < 5 * math.sqrt(96 / n)
    for limit in (0.5, 1.0, 2.0, 3.0, 4.0):
        share = math.erfc(limit / math.sqrt(2))
        assert abs((np.abs(flat) > limit).mean() - share) < 5 * math.sqrt(share / n)
    p, q = z
    for a, b in [(p, q), (p**2, q**2), (p[1:], p[:-1]), (p[:, 1:], p[:, :-1]),
                 (p[:, 1:], q[:, :-1])]:
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 5 / math.sqrt(a.size)


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: ReadNoise(1.0, 4), TypeError, "^seed must be an integer in .* not 1.0$"),
    (lambda: ReadNoise((), 4), TypeError, r"^seed must be an integer in .* not \(\)$"),
    (lambda: ReadNoise(1, 0), ValueError, r"^columns must be an integer in 1\.\.65536, not 0$"),
    (lambda: numbers(-1, 1), ValueError, "^first must be an integer in .* not -1$"),
])
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()
