"""The crossbar: hand-worked currents, noise against a device-by-device sum, ageing, refusals."""

import math

import numpy as np
import pytest

from golden.array.crossbar import Crossbar
from golden.array.device import Ideal, PcmLike

WINDOW = 128
VOLTAGE_V = 0.25


def ideal_pair_array():
    # Three rows, two columns. Plus devices, then minus devices, in µS.
    plus_us = [[8.0, 0.0], [4.0, 2.0], [0.0, 16.0]]
    minus_us = [[0.0, 4.0], [2.0, 0.0], [1.0, 0.0]]
    return Crossbar(target_us=np.array([plus_us, minus_us]), device=Ideal(),
                    rng=np.random.default_rng(0))


def noisy_array(rows=24, columns=6, seed=5, **scales):
    weights = np.random.default_rng(1).standard_normal((rows, columns))
    return Crossbar.from_weights(weights, device=PcmLike(**scales),
                                 rng=np.random.default_rng(seed))


def lengths(batch, rows, seed=2):
    return np.random.default_rng(seed).integers(-127, 128, (batch, rows))


def read(crossbar, x, seed=9):
    return crossbar.currents_ua(x, window_clocks=WINDOW, read_voltage_v=VOLTAGE_V,
                                rng=np.random.default_rng(seed))


def by_device(crossbar, x, device):
    """Mean and sigma of every current, added up one device and one polarity at a time."""
    g_us = crossbar.conductances_us()
    sigma_us = g_us * device.read_sigma_relative(crossbar._g_prog_us, crossbar.time_s)
    mean = np.zeros((len(x), 2, crossbar.columns))
    variance = np.zeros_like(mean)
    for n, row, polarity in np.ndindex(len(x), crossbar.rows, 2):
        volts = VOLTAGE_V * abs(x[n, row]) / WINDOW
        oscillator = polarity if x[n, row] > 0 else 1 - polarity
        mean[n, oscillator] += volts * g_us[polarity, row]
        variance[n, oscillator] += (volts * sigma_us[polarity, row]) ** 2
    return mean, np.sqrt(variance)


def test_hand_worked_currents():
    crossbar = ideal_pair_array()
    # 0.25 V/128 = 1/512 V per clock; in 1/512 µA, column by column:
    # x = (64, 0, 0)      P 64*8, 64*0                     N 64*0, 64*4
    # x = (-64, 0, 0)     the same with P and N exchanged
    # x = (127, -64, 32)  P 127*8 + 64*2 + 32*0 = 1144,    127*0 + 64*0 + 32*16 = 512
    #                     N 127*0 + 64*4 + 32*1 = 288,     127*4 + 64*2 + 32*0 = 636
    x = [[64, 0, 0], [-64, 0, 0], [127, -64, 32], [0, 0, 0]]
    wanted = np.array([
        [[512, 0], [0, 256]],
        [[0, 256], [512, 0]],
        [[1144, 512], [288, 636]],
        [[0, 0], [0, 0]],
    ]) / 512
    got = read(crossbar, x)
    assert got.dtype == np.float64
    np.testing.assert_array_equal(got, wanted)


def test_full_int8_range_does_not_wrap():
    # abs(int8 -128) is -128: a window longer than 128 must see the length 128.
    crossbar = ideal_pair_array()
    x = np.array([[-128, 0, 0]], dtype=np.int8)
    got = crossbar.currents_ua(x, window_clocks=256, read_voltage_v=1.0,
                               rng=np.random.default_rng(0))
    np.testing.assert_array_equal(got, [[[0.0, 2.0], [4.0, 0.0]]])


def test_from_weights_uses_one_device_per_weight():
    weights = np.array([[2.0, -1.0, 0.0], [-4.0, 0.5, 3.0]])
    crossbar = Crossbar.from_weights(weights, device=Ideal(), rng=np.random.default_rng(0))
    assert (crossbar.rows, crossbar.columns, crossbar.time_s) == (2, 3, 0.0)
    # 25 µS for the largest magnitude, 4: 6.25 µS per unit.
    np.testing.assert_array_equal(crossbar.conductances_us(), [
        [[12.5, 0.0, 0.0], [0.0, 3.125, 18.75]],
        [[0.0, 6.25, 0.0], [25.0, 0.0, 0.0]],
    ])
    wider = Crossbar.from_weights(weights, device=Ideal(), rng=np.random.default_rng(0), w_max=5)
    assert wider.conductances_us()[0, 0, 0] == 10.0
    zeros = Crossbar.from_weights(np.zeros((2, 2)), device=Ideal(), rng=np.random.default_rng(0))
    assert not zeros.conductances_us().any()


def test_programming_and_drift_are_drawn_once_from_the_target():
    device = PcmLike()
    target_us = np.random.default_rng(4).uniform(0.0, 25.0, (2, 5, 3))
    crossbar = Crossbar(target_us=target_us, device=device, rng=np.random.default_rng(6))
    rng = np.random.default_rng(6)
    g_us = device.program(target_us, rng)
    nu = device.drift_coefficients(target_us, rng)
    np.testing.assert_array_equal(crossbar.conductances_us(), g_us)
    crossbar.advance(60.0)
    crossbar.advance(100.0)
    assert crossbar.time_s == 160.0
    # 160 s after the read at 20 s: t/t0 = 9. In two steps as in one, whatever lies between.
    np.testing.assert_allclose(crossbar.conductances_us(), g_us * 9.0 ** -nu, rtol=1e-14)


@pytest.mark.parametrize("age_s", [0.0, 86400.0])
def test_currents_are_the_sum_over_devices(age_s):
    crossbar = noisy_array()
    crossbar.advance(age_s)
    x = lengths(4, crossbar.rows)
    mean, sigma = by_device(crossbar, x, PcmLike())
    normal = np.random.default_rng(9).standard_normal(mean.shape)
    assert sigma.min() > 0
    np.testing.assert_allclose(read(crossbar, x), mean + sigma * normal, rtol=1e-12)


def test_statistics_of_the_read_noise():
    # N reads of one vector: mean within 5 sigma/sqrt(N), sigma within 5 sigma/sqrt(2 N). The
    # sum lies more than 10 sigma above 0, so its clamp is not felt.
    n = 40_000
    crossbar = noisy_array()
    x = lengths(1, crossbar.rows)
    mean, sigma = by_device(crossbar, x, PcmLike())
    assert (mean > 10 * sigma).all()
    got = read(crossbar, np.repeat(x, n, axis=0))
    assert (np.abs(got.mean(axis=0) - mean[0]) < 5 * sigma[0] / math.sqrt(n)).all()
    assert (np.abs(got.std(axis=0) - sigma[0]) < 5 * sigma[0] / math.sqrt(2 * n)).all()


def test_noise_of_the_two_oscillators_is_independent():
    # Correlation of N independent pairs: standard error 1/sqrt(N).
    n = 40_000
    crossbar = noisy_array(columns=1)
    got = read(crossbar, np.repeat(lengths(1, crossbar.rows), n, axis=0))
    assert abs(np.corrcoef(got[:, 0, 0], got[:, 1, 0])[0, 1]) < 5 / math.sqrt(n)


def test_a_batch_in_pieces_sees_the_same_noise():
    crossbar = noisy_array()
    x = lengths(8, crossbar.rows)
    whole = read(crossbar, x)
    rng = np.random.default_rng(9)
    pieces = [crossbar.currents_ua(piece, window_clocks=WINDOW, read_voltage_v=VOLTAGE_V, rng=rng)
              for piece in (x[:3], x[3:3], x[3:])]
    assert pieces[1].shape == (0, 2, crossbar.columns)
    np.testing.assert_allclose(np.concatenate(pieces), whole, rtol=1e-12)
    assert not np.allclose(read(crossbar, x, seed=10), whole, rtol=1e-6)


def test_no_current_is_negative():
    # One device of 0.5 µS at a relative noise of some 30 %, made ten times worse.
    crossbar = Crossbar(target_us=[[[0.5]], [[0.0]]],
                        device=PcmLike(programming_scale=0.0, read_scale=10.0),
                        rng=np.random.default_rng(0))
    got = read(crossbar, np.full((1000, 1), 127))
    assert got.min() == 0.0
    assert got.max() > 0.0
    # Nothing drives N: exactly nothing comes out of it.
    assert not got[:, 1].any()


def test_without_effects_the_array_is_the_ideal_one():
    weights = np.random.default_rng(1).standard_normal((24, 6))
    off = noisy_array(programming_scale=0.0, drift_scale=0.0, read_scale=0.0)
    ideal = Crossbar.from_weights(weights, device=Ideal(), rng=np.random.default_rng(5))
    off.advance(1e6)
    x = lengths(4, 24)
    np.testing.assert_array_equal(read(off, x), read(ideal, x))
    rng = np.random.default_rng(0)
    state = rng.bit_generator.state
    ideal.currents_ua(x, window_clocks=WINDOW, read_voltage_v=VOLTAGE_V, rng=rng)
    assert rng.bit_generator.state == state


def test_returned_conductances_are_a_copy():
    crossbar = ideal_pair_array()
    crossbar.conductances_us()[:] = 1.0
    assert crossbar.conductances_us()[0, 0, 0] == 8.0


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"target_us": np.zeros((2, 3))}, ValueError,
     r"^target_us must have shape \(2, rows, columns\), not \(2, 3\)$"),
    ({"target_us": np.zeros((3, 2, 2))}, ValueError, r"not \(3, 2, 2\)$"),
    ({"target_us": np.zeros((2, 0, 2))}, ValueError, r"not \(2, 0, 2\)$"),
    ({"target_us": np.full((2, 1, 1), 26.0)}, ValueError,
     r"^target_us must be finite and in 0\.\.25, not 26\.0$"),
    ({"device": None}, TypeError, "^device must be a Device, not None$"),
    ({"rng": 1}, TypeError, r"^rng must be a numpy\.random\.Generator, not 1$"),
])
def test_refused_arrays(change, error, message):
    arguments = {"target_us": np.zeros((2, 1, 1)), "device": Ideal(),
                 "rng": np.random.default_rng(0)}
    with pytest.raises(error, match=message):
        Crossbar(**(arguments | change))


@pytest.mark.parametrize(("weights", "w_max", "error", "message"), [
    ([1.0], None, ValueError, r"^weights must have shape \(rows, columns\), not \(1,\)$"),
    ([[math.nan]], None, ValueError, r"^weights must be finite and in -inf\.\.inf, not nan$"),
    ([[True]], None, TypeError, "^weights must hold real numbers, not bool$"),
    ([[-2.0]], 1.0, ValueError, r"^weights must be in -w_max\.\.w_max with w_max 1\.0, not 2\.0$"),
    ([[0.0]], 0.0, ValueError, r"^w_max must be greater than 0, not 0\.0$"),
])
def test_refused_weights(weights, w_max, error, message):
    with pytest.raises(error, match=message):
        Crossbar.from_weights(weights, device=Ideal(), rng=np.random.default_rng(0), w_max=w_max)


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"x": [[0, 0]]}, ValueError, r"^x must have shape \(batch, 3\), not \(1, 2\)$"),
    ({"x": [0, 0, 0]}, ValueError, r"^x must have shape \(batch, 3\), not \(3,\)$"),
    ({"x": [[0, 0, 128]]}, ValueError, r"^x must be in -127\.\.127 clocks, not 128$"),
    ({"x": [[-128, 0, 0]]}, ValueError, r"^x must be in -127\.\.127 clocks, not -128$"),
    ({"x": [[0.0, 0, 0]]}, TypeError, "^x must hold integers that fit in int64, not float64$"),
    ({"window_clocks": 0}, ValueError,
     r"^window_clocks must be an integer in 1\.\.65536, not 0$"),
    ({"window_clocks": 8.0}, TypeError,
     r"^window_clocks must be an integer in 1\.\.65536, not 8\.0$"),
    ({"read_voltage_v": 0}, ValueError, r"^read_voltage_v must be greater than 0, not 0\.0$"),
    ({"rng": None}, TypeError, r"^rng must be a numpy\.random\.Generator, not None$"),
])
def test_refused_reads_draw_nothing(change, error, message):
    crossbar = ideal_pair_array()
    rng = np.random.default_rng(0)
    state = rng.bit_generator.state
    arguments = {"x": [[0, 0, 0]], "window_clocks": 128, "read_voltage_v": 0.2, "rng": rng}
    with pytest.raises(error, match=message):
        crossbar.currents_ua(**(arguments | change))
    assert rng.bit_generator.state == state


@pytest.mark.parametrize(("seconds", "error", "message"), [
    (-1.0, ValueError, r"^seconds must be at least 0, not -1\.0$"),
    (math.nan, ValueError, "^seconds must be at least 0, not nan$"),
    (1.7e308, ValueError, "^time_s must be finite, not inf$"),
    ("1", TypeError, "^seconds must be a number, not '1'$"),
])
def test_a_refused_advance_changes_nothing(seconds, error, message):
    crossbar = noisy_array()
    crossbar.advance(1.7e308 if seconds == 1.7e308 else 5.0)
    before_s, before_us = crossbar.time_s, crossbar.conductances_us()
    with pytest.raises(error, match=message):
        crossbar.advance(seconds)
    assert crossbar.time_s == before_s
    np.testing.assert_array_equal(crossbar.conductances_us(), before_us)
