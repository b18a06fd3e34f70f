"""Oscillators and counters: hand-worked counts, edges, spread after calibration, correction."""

import math

import numpy as np
import pytest

from golden.convert.oscillator import OscillatorBank


def bank(gain=31.25, bend=0.0, offset=0.0, counter_bits=12, columns=1, **fields):
    shape = (2, columns)
    return OscillatorBank(
        gain_mhz_per_ua=np.full(shape, gain), nonlinearity_per_ua=np.full(shape, bend),
        offset_mhz=np.full(shape, offset), counter_bits=counter_bits, **fields)


def count(oscillators, current_ua, window_ns=128.0):
    """Count of P at ``current_ua``; N, at half of it, must differ where it should."""
    current = np.stack([np.asarray(current_ua), np.asarray(current_ua) / 2], axis=1)[..., None]
    return oscillators.counts(current, window_ns=window_ns)[:, 0, 0].tolist()


def test_published_full_scale():
    # 35 MHz/µA * 100 µA = 3500 MHz; * 128 ns = 448 periods; in 32 ns 112, in 8 ns 28.
    ideal = OscillatorBank.ideal(3, 12)
    current = np.full((2, 2, 3), 100.0)
    for window_ns, wanted in [(128.0, 448), (32.0, 112), (8.0, 28)]:
        counts = ideal.counts(current, window_ns=window_ns)
        assert counts.dtype == np.int64
        np.testing.assert_array_equal(counts, np.full((2, 2, 3), wanted))


def test_truncation_edges():
    # 31.25 MHz/µA * 128 ns = 4 periods per µA. 3 µA are exactly 12 periods.
    below, above = np.nextafter(3.0, 0.0), np.nextafter(3.0, 4.0)
    assert count(bank(), [below, 3.0, above, 3.249, 3.25]) == [11, 12, 12, 12, 13]
    assert count(bank(), [0.0, 0.2499, 0.25]) == [0, 0, 1]


def test_full_counter_holds():
    # Four bits hold 15: 15 periods at 3.75 µA, 16 at 4 µA.
    assert count(bank(counter_bits=4), [3.7499, 3.75, 3.9999, 4.0, 4.25, 99.0]) == [
        14, 15, 15, 15, 15, 15]
    assert count(bank(counter_bits=5), [4.0]) == [16]


def test_current_limit():
    # 100 µA are 400 periods; the frequency grows no more above.
    assert count(bank(), [99.75, 100.0, 100.25, 1e9]) == [399, 400, 400, 400]
    assert count(bank(current_limit_ua=50.0), [49.75, 50.0, 50.25]) == [199, 200, 200]


def test_offset_and_other_polarity():
    # 62.5 MHz * 128 ns = 8 periods, with and without current; never below 0.
    assert count(bank(offset=62.5), [0.0, 3.0, -5.0]) == [8, 20, 8]
    assert count(bank(offset=-62.5), [0.0, 2.0, 2.25, 3.0]) == [0, 0, 1, 4]
    assert count(bank(), [-1.0]) == [0]


def test_nonlinearity():
    # i/(1 + B i) with B = 1/16: 16/(1 + 1) = 8 µA, 48/(1 + 3) = 12 µA, four periods each.
    # With B = -1/128: 64/(1 - 1/2) = 128 µA.
    assert count(bank(bend=1 / 16), [16.0, 48.0]) == [32, 48]
    assert count(bank(bend=-1 / 128), [64.0]) == [512]


def test_every_column_and_polarity_has_its_own_law():
    gains = np.array([[31.25, 62.5, 125.0], [250.0, 15.625, 7.8125]])
    bends = np.array([[0.0, 0.125, 0.0], [0.0, 0.0, 0.0]])
    offsets = np.array([[0.0, 0.0, 7.8125], [0.0, 15.625, 0.0]])
    oscillators = OscillatorBank(gain_mhz_per_ua=gains, nonlinearity_per_ua=bends,
                                 offset_mhz=offsets, counter_bits=12)
    # 8 µA: P 32, 64/2 = 32, 128 + 1; N 256, 16 + 2, 8.  4 µA: P 16, 32/1.5 = 21, 65; N 128, 10, 4.
    counts = oscillators.counts(np.stack([np.full((2, 3), 8.0), np.full((2, 3), 4.0)]),
                                window_ns=128)
    assert counts.tolist() == [[[32, 32, 129], [256, 18, 8]], [[16, 21, 65], [128, 10, 4]]]


def test_ideal_bank():
    ideal = OscillatorBank.ideal(5, 10)
    assert (ideal.columns, ideal.counter_bits, ideal.current_limit_ua) == (5, 10, 100.0)
    np.testing.assert_array_equal(ideal.gain_mhz_per_ua, np.full((2, 5), 35.0))
    assert not ideal.nonlinearity_per_ua.any()
    assert not ideal.offset_mhz.any()


def test_statistics_of_a_sampled_bank():
    # 2 * 50,000 oscillators: mean within 5 sigma/sqrt(N), sigma within 5 sigma/sqrt(2 N). The
    # clip at 21 % is at 2.96 sigma and takes 0.3 % off sigma: 7.07 % instead of 7.09 %.
    n = 100_000
    sampled = OscillatorBank.sample(n // 2, 12, np.random.default_rng(1))
    error = sampled.gain_mhz_per_ua / 35.0 - 1
    a = 0.21 / 0.0709
    tail = math.erfc(a / math.sqrt(2)) / 2
    density = math.exp(-a * a / 2) / math.sqrt(2 * math.pi)
    sigma = 0.0709 * math.sqrt(1 - 2 * tail - 2 * a * density + 2 * a * a * tail)
    assert abs(error.mean()) < 5 * sigma / math.sqrt(n)
    assert abs(error.std() - sigma) < 5 * sigma / math.sqrt(2 * n)
    assert error.min() == pytest.approx(-0.21, rel=1e-12)
    assert error.max() == pytest.approx(0.21, rel=1e-12)
    # B uniform in +-7e-5: sigma 7e-5/sqrt(3).
    bend = sampled.nonlinearity_per_ua
    assert abs(bend.mean()) < 5 * 7e-5 / math.sqrt(3 * n)
    assert 6.99e-5 < np.abs(bend).max() <= 7e-5
    assert not sampled.offset_mhz.any()


def test_sampling_without_spread_is_ideal():
    rng = np.random.default_rng(1)
    flat = OscillatorBank.sample(4, 12, rng, gain_sigma=0.0, nonlinearity_limit_per_ua=0.0)
    ideal = OscillatorBank.ideal(4, 12)
    np.testing.assert_array_equal(flat.gain_mhz_per_ua, ideal.gain_mhz_per_ua)
    np.testing.assert_array_equal(flat.nonlinearity_per_ua, ideal.nonlinearity_per_ua)
    again = [OscillatorBank.sample(4, 12, np.random.default_rng(8)) for _ in range(2)]
    np.testing.assert_array_equal(again[0].gain_mhz_per_ua, again[1].gain_mhz_per_ua)


@pytest.mark.parametrize("bend", [-7e-5, 7e-5])
def test_sampled_nonlinearity_stays_within_one_count(bend):
    # Largest distance from the line between the end points, at the largest gain, 128 ns.
    i_ua = np.linspace(0.0, 100.0, 100_001)
    periods = 1.21 * 35 * i_ua / (1 + bend * i_ua) * 0.128
    distance = np.abs(periods - periods[-1] * i_ua / 100).max()
    assert 0.9 < distance < 1.0


def test_bank_does_not_change():
    gains = np.full((2, 1), 35.0)
    oscillators = OscillatorBank(gain_mhz_per_ua=gains, nonlinearity_per_ua=np.zeros((2, 1)),
                                 offset_mhz=np.zeros((2, 1)), counter_bits=12)
    gains[:] = 1.0
    assert oscillators.gain_mhz_per_ua[0, 0] == 35.0
    with pytest.raises(ValueError, match="read-only"):
        oscillators.gain_mhz_per_ua[0, 0] = 1.0
    with pytest.raises(AttributeError):
        oscillators.counter_bits = 8


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"gain": 0.0}, ValueError, r"^gain_mhz_per_ua must be greater than 0, not 0\.0$"),
    ({"gain": math.nan}, ValueError, r"^gain_mhz_per_ua must be finite and in .*, not nan$"),
    ({"bend": -0.01}, ValueError,
     r"^nonlinearity_per_ua must be greater than -0\.01, not -0\.01$"),
    ({"offset": math.inf}, ValueError, r"^offset_mhz must be finite and in .*, not inf$"),
    ({"offset": "0"}, TypeError, "^offset_mhz must hold real numbers, not <U1$"),
    ({"counter_bits": 0}, ValueError, r"^counter_bits must be an integer in 1\.\.32, not 0$"),
    ({"counter_bits": 33}, ValueError, r"^counter_bits must be an integer in 1\.\.32, not 33$"),
    ({"counter_bits": True}, TypeError,
     r"^counter_bits must be an integer in 1\.\.32, not True$"),
    ({"current_limit_ua": 0}, ValueError, r"^current_limit_ua must be greater than 0, not 0\.0$"),
])
def test_refused_banks(change, error, message):
    with pytest.raises(error, match=message):
        bank(**change)


def test_refused_shapes():
    with pytest.raises(ValueError, match=r"^gain_mhz_per_ua must have shape \(2, columns\), not "):
        OscillatorBank(gain_mhz_per_ua=[35.0, 35.0], nonlinearity_per_ua=np.zeros((2, 1)),
                       offset_mhz=np.zeros((2, 1)), counter_bits=12)
    with pytest.raises(ValueError, match=r"^offset_mhz must have the shape of gain_mhz_per_ua, "
                                         r"\(2, 1\), not \(2, 3\)$"):
        OscillatorBank(gain_mhz_per_ua=np.ones((2, 1)), nonlinearity_per_ua=np.zeros((2, 1)),
                       offset_mhz=np.zeros((2, 3)), counter_bits=12)


@pytest.mark.parametrize(("current", "window_ns", "error", "message"), [
    (np.zeros((1, 2, 2)), 128, ValueError,
     r"^current_ua must have shape \(batch, 2, 1\), not \(1, 2, 2\)$"),
    (np.zeros((2, 1)), 128, ValueError,
     r"^current_ua must have shape \(batch, 2, 1\), not \(2, 1\)$"),
    (np.full((1, 2, 1), math.nan), 128, ValueError,
     r"^current_ua must be finite and in -inf\.\.inf, not nan$"),
    (np.zeros((1, 2, 1)), 0, ValueError, r"^window_ns must be greater than 0, not 0\.0$"),
    (np.zeros((1, 2, 1)), "128", TypeError, "^window_ns must be a number, not '128'$"),
])
def test_refused_currents(current, window_ns, error, message):
    with pytest.raises(error, match=message):
        bank().counts(current, window_ns=window_ns)


def test_refused_samples():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"^columns must be an integer in 1\.\.65536, not 0$"):
        OscillatorBank.sample(0, 12, rng)
    with pytest.raises(ValueError, match=r"^gain_limit must be at least 0, not -0\.1$"):
        OscillatorBank.sample(1, 12, rng, gain_limit=-0.1)
    with pytest.raises(TypeError, match=r"^rng must be a numpy\.random\.Generator, not None$"):
        OscillatorBank.sample(1, 12, None)
