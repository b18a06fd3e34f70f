"""The crossbar: hand-worked currents, noise against a device-by-device sum, ageing, refusals."""

import math

import numpy as np
import pytest

from golden.array.cell import Cell
from golden.array.crossbar import Crossbar
from golden.array.device import Ideal, PcmLike
from golden.array.devices import make_device
from golden.array.effects import ArrayEffects
from golden.array.noise import ReadNoise
from golden.array.spans import BLOCK

WINDOW = 128
VOLTAGE_V = 0.25


def ideal_pair_array(precision="float32", **effects):
    # Three rows, two columns. Plus devices, then minus devices, in µS.
    plus_us = [[8.0, 0.0], [4.0, 2.0], [0.0, 16.0]]
    minus_us = [[0.0, 4.0], [2.0, 0.0], [1.0, 0.0]]
    return Crossbar(target_us=np.array([plus_us, minus_us]), device=Ideal(),
                    rng=np.random.default_rng(0), precision=precision,
                    effects=ArrayEffects(**effects))


def noisy_array(rows=24, columns=6, seed=5, precision="float64", effects=None, cell=None,
                device=None, **scales):
    weights = np.random.default_rng(1).standard_normal((rows, columns))
    return Crossbar.from_weights(weights, device=device or PcmLike(**scales), cell=cell,
                                 rng=np.random.default_rng(seed), precision=precision,
                                 effects=effects)


def lengths(batch, rows, seed=2):
    return np.random.default_rng(seed).integers(-127, 128, (batch, rows))


def read(crossbar, x, seed=9, **part):
    return crossbar.currents_ua(x, window_clocks=WINDOW, read_voltage_v=VOLTAGE_V, seed=seed,
                                **part)


def normals(vectors, columns, seed=9):
    numbers = np.empty((2, vectors, columns), np.float32)
    ReadNoise(seed, columns).fill(0, numbers)
    return numbers.swapaxes(0, 1).astype(np.float64)


def by_device(crossbar, x, device):
    """Mean and sigma of every current, added up one device and one polarity at a time."""
    g_us = crossbar.conductances_us()
    sigma_us = g_us * device.read_sigma_relative(crossbar._g_prog_us[0], crossbar.time_s)
    mean = np.zeros((len(x), 2, crossbar.columns))
    variance = np.zeros_like(mean)
    for n, row, polarity in np.ndindex(len(x), crossbar.rows, 2):
        volts = VOLTAGE_V * abs(x[n, row]) / WINDOW
        oscillator = polarity if x[n, row] > 0 else 1 - polarity
        mean[n, oscillator] += volts * g_us[polarity, row]
        variance[n, oscillator] += (volts * sigma_us[polarity, row]) ** 2
    return mean, np.sqrt(variance)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_hand_worked_currents(precision):
    crossbar = ideal_pair_array(precision)
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
    assert got.dtype == precision
    np.testing.assert_array_equal(got, wanted)


def test_full_int8_range_does_not_wrap():
    # abs(int8 -128) is -128: a window longer than 128 must see the length 128.
    crossbar = ideal_pair_array()
    x = np.array([[-128, 0, 0]], dtype=np.int8)
    got = crossbar.currents_ua(x, window_clocks=256, read_voltage_v=1.0, seed=0)
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
    assert sigma.min() > 0
    wanted = mean + sigma * normals(4, crossbar.columns)
    np.testing.assert_allclose(read(crossbar, x), wanted, rtol=1e-12)
    single = noisy_array(precision="float32")
    single.advance(age_s)
    # Sums of 48 positive terms in float32: each step rounds by 2^-24 at most.
    np.testing.assert_allclose(read(single, x), wanted, rtol=100 * 2.0**-24)


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


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_vector_gives_the_same_currents_in_any_batch(precision):
    crossbar = noisy_array(rows=100, columns=33, precision=precision,
                           effects=ArrayEffects(ir_drop_scale=1.0, output_noise=0.04))
    total = 2 * BLOCK + 37
    x = lengths(total, 100)
    whole = read(crossbar, x)
    for cuts in ([0, 1, 2, total], [0, 7, 7, BLOCK, BLOCK + 1, total], [0, BLOCK - 1, total],
                 [*range(0, total, 50), total]):
        parts = [read(crossbar, x[a:b], first=a) for a, b in zip(cuts, cuts[1:], strict=False)]
        assert (np.concatenate(parts) == whole).all(), cuts
    alone = [read(crossbar, x[n:n + 1], first=n)[0] for n in range(0, total, 17)]
    assert (np.array(alone) == whole[::17]).all()
    # The same vector at another index, and another seed, see other noise.
    assert (read(crossbar, x, first=1) != whole).any(axis=(1, 2)).all()
    assert (read(crossbar, x, seed=10) != whole).any(axis=(1, 2)).all()


def test_all_zeros_give_exactly_nothing():
    crossbar = noisy_array(precision="float32", effects=ArrayEffects(ir_drop_scale=1.0))
    assert not read(crossbar, np.zeros((3, 24), np.int64)).any()


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
    ideal = Crossbar.from_weights(weights, device=Ideal(), rng=np.random.default_rng(5),
                                  precision="float64")
    off.advance(1e6)
    x = lengths(4, 24)
    np.testing.assert_array_equal(read(off, x), read(ideal, x))


def test_frozen_noise_is_one_draw_for_ever():
    fresh = noisy_array()
    frozen = noisy_array(effects=ArrayEffects(read_noise="frozen"))
    # The same devices underneath.
    np.testing.assert_array_equal(frozen.conductances_us(), fresh.conductances_us())
    x = np.repeat(lengths(1, 24), 50, axis=0)
    got = read(frozen, x)
    assert (got == got[0]).all()
    np.testing.assert_array_equal(read(frozen, x, seed=10), got)
    assert (read(fresh, x)[0] != read(fresh, x)[1]).all()
    # Another array draws another spread around the same mean.
    mean, sigma = by_device(fresh, x[:1], PcmLike())
    assert 0 < np.abs(got[0] - mean[0]).max() < 6 * sigma.max()


def test_frozen_noise_has_the_published_spread():
    # One device per column: N columns are N draws; mean and sigma within 5 standard errors.
    n = 20_000
    device = PcmLike(programming_scale=0.0)
    crossbar = Crossbar(target_us=np.stack([np.full((1, n), 12.5), np.zeros((1, n))]),
                        device=device, rng=np.random.default_rng(3), precision="float64",
                        effects=ArrayEffects(read_noise="frozen"))
    crossbar.advance(60.0)
    g_us = crossbar.conductances_us()[0, 0]
    seen_us = read(crossbar, [[127]])[0, 0] * WINDOW / 127 / VOLTAGE_V
    z = (seen_us / g_us - 1) / device.read_sigma_relative(12.5, 60.0)
    assert abs(z.mean()) < 5 / math.sqrt(n)
    assert abs(z.std() - 1) < 5 / math.sqrt(2 * n)


def test_ir_drop_by_hand():
    # Two rows, one column, devices at full scale, driven by 127 of 127 clocks: load 1 + 1.
    # a = 2 * 2/5.7143e5; profile 1 - (1 - j/2)^2 = 0, 3/4.
    crossbar = Crossbar(target_us=[[[25.0], [25.0]], [[0.0], [0.0]]], device=Ideal(),
                        rng=np.random.default_rng(0), precision="float64",
                        effects=ArrayEffects(ir_drop_scale=1000.0))
    a = 4 / 5.7143e5
    c = a * (a * (0.05 * a - 0.2) + 0.5)
    unit = 127 * 25 * VOLTAGE_V / WINDOW
    got = read(crossbar, [[127, 127], [127, 0], [0, 127]])
    half = a / 2 * (a / 2 * (0.05 * a / 2 - 0.2) + 0.5)
    wanted = [unit * (2 - 1000 * c * 0.75), unit, unit * (1 - 1000 * half * 0.75)]
    np.testing.assert_allclose(got[:, 0, 0], wanted, rtol=1e-13)
    assert got[2, 0, 0] < got[1, 0, 0]
    assert not got[:, 1].any()


def test_output_noise_has_its_sigma():
    # On the difference of P and N: 0.04 of a full device, half of it on each, with opposite sign.
    n = 40_000
    weights = np.full((24, 2), 0.5)
    weights[::2] = -0.5
    crossbar = Crossbar.from_weights(weights, device=Ideal(), rng=np.random.default_rng(0),
                                     effects=ArrayEffects(output_noise=0.04), precision="float64")
    x = np.full((n, 24), 100)
    quiet = Crossbar.from_weights(weights, device=Ideal(), rng=np.random.default_rng(0),
                                  precision="float64")
    error = read(crossbar, x) - read(quiet, x[:1])
    sigma = 0.04 * 25.0 * VOLTAGE_V
    for value, wanted in [(error[:, 0] - error[:, 1], sigma), (error[:, 0], sigma / 2),
                          (error[:, 1], sigma / 2)]:
        assert (np.abs(value.mean(axis=0)) < 5 * wanted / math.sqrt(n)).all()
        assert (np.abs(value.std(axis=0) - wanted) < 5 * wanted / math.sqrt(2 * n)).all()


def test_asymmetry_belongs_to_n_of_a_read_of_both_sides():
    plain, skewed = ideal_pair_array(), ideal_pair_array(polarity_asymmetry=0.25)
    x = [[127, -64, 32], [-5, 9, 100]]
    np.testing.assert_array_equal(read(skewed, x)[:, 0], read(plain, x)[:, 0])
    np.testing.assert_array_equal(read(skewed, x)[:, 1], 1.25 * read(plain, x)[:, 1])
    for side in ("plus", "minus"):
        np.testing.assert_array_equal(read(skewed, x, sides=side), read(plain, x, sides=side))
    # The noise of N grows with its mean.
    x = lengths(5, 24)
    plain, skewed = noisy_array(), noisy_array(effects=ArrayEffects(polarity_asymmetry=0.25))
    np.testing.assert_allclose(read(skewed, x), read(plain, x) * [[1.0], [1.25]], rtol=1e-12)


def test_sides_add_up():
    crossbar = noisy_array(read_scale=0.0)
    x = lengths(5, 24)
    one_by_one = read(crossbar, x, sides="plus") + read(crossbar, x, sides="minus")
    np.testing.assert_allclose(one_by_one, read(crossbar, x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("rows", "columns"), [
    (slice(3, 17), slice(2, 5)), (slice(0, 1), None), (None, slice(5, 6)), (slice(20, None), None)])
def test_part_of_an_array(rows, columns):
    crossbar = noisy_array(effects=ArrayEffects(ir_drop_scale=1.0))
    x = lengths(4, 24)
    part = np.zeros_like(x)
    part[:, rows or slice(None)] = x[:, rows or slice(None)]
    got = read(crossbar, x[:, rows or slice(None)], rows=rows, columns=columns)
    # Rows not named are idle; columns see the noise they always see.
    wanted = read(crossbar, part)[..., columns or slice(None)]
    np.testing.assert_allclose(got, wanted, rtol=1e-12)


def test_two_devices_per_side_add_in_mean_and_variance():
    device = make_device("hermes_one_device")
    crossbar = noisy_array(device=device, cell=Cell(devices=2, set_spread=0.1))
    g_us = crossbar._g_prog_us
    assert g_us.shape == (2, 2, 24, 6)
    np.testing.assert_array_equal(crossbar.conductances_us(), g_us.sum(axis=0))
    variance_us = ((g_us * device.read_sigma_relative(g_us, 0.0))**2).sum(axis=0)
    x = np.full((1, 24), 100)
    wanted = (100 * crossbar.conductances_us().sum(axis=1)
              + 100 * np.sqrt(variance_us.sum(axis=1)) * normals(1, 6)[0])
    np.testing.assert_allclose(read(crossbar, x)[0], wanted * VOLTAGE_V / WINDOW, rtol=1e-12)


def test_conductances_programmed_elsewhere():
    g_us = np.random.default_rng(4).uniform(0.0, 26.0, (1, 2, 5, 3))
    crossbar = Crossbar.from_conductances(g_us, device=PcmLike(), rng=np.random.default_rng(6))
    np.testing.assert_array_equal(crossbar.conductances_us(), g_us[0])
    nu = PcmLike().drift_coefficients(np.minimum(g_us, 25.0), np.random.default_rng(6))
    crossbar.advance(60.0)
    np.testing.assert_allclose(crossbar.conductances_us(), (g_us * 4.0**-nu)[0], rtol=1e-14)
    with pytest.raises(ValueError, match=r"^g_prog_us must have shape \(devices, 2, rows, columns"):
        Crossbar.from_conductances(g_us[0], device=PcmLike(), rng=np.random.default_rng(6))

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
    ({"cell": 2}, TypeError, "^cell must be a Cell, not 2$"),
    ({"effects": "none"}, TypeError, "^effects must be ArrayEffects, not 'none'$"),
    ({"precision": "float16"}, ValueError,
     "^precision must be one of float32, float64, not 'float16'$"),
    ({"device": make_device("hermes_two_device"), "cell": Cell(devices=2)}, ValueError,
     "^devices must be 1 with HermesTwoDevice, which stands for 2 devices already, not 2$"),
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


def test_from_weights_refuses_what_is_no_cell():
    with pytest.raises(TypeError, match="^cell must be a Cell, not 2$"):
        Crossbar.from_weights([[1.0]], device=Ideal(), rng=np.random.default_rng(0), cell=2)


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
    ({"seed": -1}, ValueError, r"^seed must be an integer in 0\.\.\d+, not -1$"),
    ({"seed": (1, "a")}, TypeError, r"^seed must be an integer in 0\.\.\d+, not 'a'$"),
    ({"first": -1}, ValueError, r"^first must be an integer in 0\.\.\d+, not -1$"),
    ({"rows": slice(0, 4)}, ValueError,
     r"^rows must be a slice with 0 <= start < stop <= 3, not slice\(0, 4, None\)$"),
    ({"columns": slice(1, 1)}, ValueError, "^columns must be a slice with 0 <= start < stop <= 2"),
    ({"columns": 1}, TypeError, "^columns must be a slice .* not 1$"),
    ({"sides": "left"}, ValueError, "^sides must be one of both, plus, minus, not 'left'$"),
])
def test_refused_reads(change, error, message):
    arguments = {"x": [[0, 0, 0]], "window_clocks": 128, "read_voltage_v": 0.2, "seed": 0}
    with pytest.raises(error, match=message):
        ideal_pair_array().currents_ua(**(arguments | change))


@pytest.mark.parametrize(("field", "value", "error", "message"), [
    ("read_noise", "old", ValueError, "^read_noise must be 'fresh' or 'frozen', not 'old'$"),
    ("ir_drop_scale", -1, ValueError, r"^ir_drop_scale must be at least 0, not -1\.0$"),
    ("output_noise", math.nan, ValueError, "^output_noise must be at least 0, not nan$"),
    ("polarity_asymmetry", -1, ValueError,
     r"^polarity_asymmetry must be greater than -1, not -1\.0$"),
])
def test_refused_effects(field, value, error, message):
    with pytest.raises(error, match=message):
        ArrayEffects(**{field: value})


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


@pytest.mark.parametrize("part", [slice(0, 3), slice(2, 7), slice(4, 9), slice(6, 9)])
def test_output_noise_of_some_columns_is_that_of_all(part):
    crossbar = Crossbar.from_weights(np.full((6, 9), 0.5), device=Ideal(),
                                     rng=np.random.default_rng(0),
                                     effects=ArrayEffects(output_noise=0.1), precision="float64")
    x = np.full((5, 6), 90)
    whole = read(crossbar, x)
    assert len(np.unique(whole[:, 0])) == 45, "a number was drawn twice"
    np.testing.assert_array_equal(read(crossbar, x, columns=part), whole[..., part])
