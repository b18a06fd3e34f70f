"""Program-and-verify: hand-worked steps, a cell-by-cell model, yields, cells that cannot."""

import re

import numpy as np
import pytest

from golden.array.cell_read import forming_yield
from golden.array.crossbar import Crossbar
from golden.array.device import Ideal, PcmLike
from golden.array.program import program_and_verify, program_once
from golden.array.pulse_response import PulseDevices, PulseResponse
from golden.array.verify import VerifySettings, first_current, verify_step

# 35 MHz/µA * 0.2 V * 512 ns: what the golden converter counts per µS.
COUNTS_PER_US = 3.584


def exact(g_set_us, *, g_reset_us=0.0, half_ua=400.0, **noise):
    """Noiseless devices, width 50 µA."""
    g_set_us = np.asarray(g_set_us, float)
    return PulseDevices(g_set_us=g_set_us, g_reset_us=np.full(g_set_us.shape, g_reset_us),
                        half_ua=np.full(g_set_us.shape, half_ua), width_ua=50.0,
                        **{"cycle_sigma_ua": 0.0, "read_sigma": 0.0, **noise})


def program(target, devices, *, counts_per_us=1.0, seed=0, **settings):
    return program_and_verify(np.asarray(target), devices, counts_per_us=counts_per_us,
                              rng=np.random.default_rng(seed), settings=VerifySettings(**settings))


def test_hand_worked_step():
    # Gain 2.5 in U(4,4): errors of 5, 6, 7, -5, 40 move by 12.5 -> 12, 15, 17.5 -> 18, -12, 100.
    settings = VerifySettings(gain=40)
    error, good, current = verify_step(np.full(6, 50), np.array([55, 56, 57, 45, 90, 54]),
                                       np.array([300, 300, 300, 300, 650, 300]), settings)
    assert error.tolist() == [5, 6, 7, -5, 40, 4]
    assert good.tolist() == [False, False, False, False, False, True]
    assert current.tolist() == [312, 315, 318, 288, 700, 300]


def test_current_stays_within_its_bounds():
    settings = VerifySettings(gain=255)
    _, _, current = verify_step(np.array([4095, 0]), np.array([0, 4095]), np.array([400, 400]),
                                settings)
    assert current.tolist() == [125, 700]
    assert first_current(np.array([0, 1, 80]), settings).tolist() == [700, 125, 125]


def test_pulse_response_at_its_marks():
    # Half way at the half current; 1/(1 + e) = 0.2689414 one width above.
    devices = exact([10.0, 10.0, 10.0], g_reset_us=2.0)
    np.testing.assert_array_equal(devices.g_us, [2.0, 2.0, 2.0])
    devices.set(np.array([True, True, False]))
    np.testing.assert_array_equal(devices.g_us, [10.0, 10.0, 2.0])
    devices.pulse(np.array([400.0, 450.0, 400.0]), np.array([True, True, False]), 0)
    np.testing.assert_allclose(devices.g_us, [6.0, 2 + 8 * 0.2689414213699951, 2.0], rtol=1e-14)
    devices.pulse(np.array([1e9, -1e9, 0.0]), np.ones(3, bool), 0)
    np.testing.assert_allclose(devices.g_us, [2.0, 10.0, 10 - 8 / (1 + np.exp(8.0))], rtol=1e-12)


def test_hand_worked_cell():
    """SET 90, target 45, gain 1/count: error 45 each, until the current reaches the flank."""
    # 125 + 45 = 170: 90/(1 + e^-4.6) = 89.1 -> 89; 214: 87.9; ... the model below agrees.
    result = program([45], exact(np.full((1, 2, 1), 90.0)), gain=16, max_rounds=2)
    assert (result.rounds.item(), result.current_ua.item()) == (2, 170 + 44)
    assert (result.read.item(), result.error.item(), result.converged.item()) == (87, 42, False)


def one_cell(target, g_set, half, settings):
    """The published loop for one noiseless one-device cell, without arrays."""
    magnitude = abs(target)
    g, current, rounds = (g_set if target else 0.0), (700 if target == 0 else 125), 0
    while True:
        error = int(g) - magnitude
        if abs(error) < settings.margin or rounds == settings.max_rounds:
            return (1 if target >= 0 else -1) * int(g), rounds, current
        current = min(max(current + round(error * settings.gain / 16), 125), 700)
        rounds += 1
        g = g_set / (1 + np.exp((current - half) / 50))


def test_batch_equals_one_cell_after_the_other():
    rng = np.random.default_rng(4)
    target = rng.integers(-100, 101, 400)
    g_set, half = rng.uniform(60, 120, (1, 2, 400)), rng.uniform(250, 550, (1, 2, 400))
    devices = PulseDevices(g_set_us=g_set, g_reset_us=np.zeros_like(g_set), half_ua=half,
                           width_ua=50.0, cycle_sigma_ua=0.0, read_sigma=0.0)
    settings = VerifySettings(max_rounds=12)
    result = program(target, devices, max_rounds=12)
    wanted = [one_cell(t, g_set[0, int(t < 0), k], half[0, int(t < 0), k], settings)
              for k, t in enumerate(target.tolist())]
    np.testing.assert_array_equal(
        np.stack([result.read, result.rounds, result.current_ua], axis=1), wanted)
    assert 0.5 < result.share < 1, "both outcomes must occur"
    np.testing.assert_array_equal(result.error, result.read - target)
    np.testing.assert_array_equal(result.converged, np.abs(result.error) < 5)


@pytest.mark.parametrize(("target", "g_us"), [
    # Both SET reads are below: the lower one is iterated and the other stays at its SET.
    (150, [[100.0, None], [0, 0]]), (-150, [[0, 0], [None, 100.0]]),
    # One SET read is enough: the higher one is iterated and the other is RESET.
    (60, [[None, 0], [0, 0]]), (-60, [[0, 0], [0, None]]),
    # Not above both: 90 is above one.
    (90, [[None, 0], [0, 0]]),
    (0, [[0, 0], [0, 0]]),
])
def test_choice_of_the_device(target, g_us):
    devices = exact([[[100.0], [80.0]], [[80.0], [100.0]]])
    result = program([target], devices)
    assert result.converged.all()
    for polarity, pair in enumerate(g_us):
        for k, wanted in enumerate(pair):
            got = result.g_us[k, polarity, 0]
            assert 0 < got < 100 if wanted is None else got == wanted
    assert (result.rounds > 0).item() == (target != 0)


def test_cells_that_cannot():
    """A stuck device, a target beyond SET, a RESET that leaks: 30 pulses, at the limits."""
    devices = PulseDevices(
        g_set_us=np.array([[[20.0, 60.0, 60.0]] * 2]), half_ua=np.full((1, 2, 3), 400.0),
        g_reset_us=np.array([[[20.0, 0.0, 12.0]] * 2]), width_ua=50.0, cycle_sigma_ua=0.0,
        read_sigma=0.0)
    result = program([80, -80, 40], devices)
    # Leaks of minus devices count against the target: 20, -60, and 40 within the margin of it.
    assert result.converged.tolist() == [False, False, True]
    assert result.rounds.tolist()[:2] == [30, 30]
    assert result.current_ua.tolist()[:2] == [125, 125]
    assert result.error.tolist()[:2] == [0 - 80, 80 - 59]


def test_already_there_needs_no_pulse():
    result = program([90, 0], exact(np.full((1, 2, 2), 90.5)))
    assert (result.rounds.tolist(), result.share) == ([0, 0], 1.0)
    assert result.current_ua.tolist() == [125, 700]


@pytest.mark.parametrize(("devices", "g_max"), [(1, 80), (2, 160)])
def test_yields(devices, g_max):
    """Published: more than 99 % of cells form, 99.9 % and more of the weights converge."""
    rng = np.random.default_rng(1)
    population = PulseResponse().sample((devices, 2, 128, 128), rng)
    target = np.clip(np.round(rng.normal(0, g_max / 2, (128, 128))), -g_max, g_max).astype(int)
    assert forming_yield(population, counts_per_us=COUNTS_PER_US, rng=rng) > 0.99
    result = program_and_verify(target, population, counts_per_us=COUNTS_PER_US, rng=rng)
    assert result.share > 0.999
    reached = (result.g_us[:, 0] - result.g_us[:, 1]).sum(axis=0) * COUNTS_PER_US
    # Of uniform errors within +-5 counts sigma is 2.9; noise of read and pulses adds to it.
    assert 1.5 < (reached - target)[result.converged].std() < 3.5
    assert result.rounds[result.converged].max() < 30


def test_forming_yield_counts_the_bad():
    devices = PulseDevices(
        g_set_us=[50.9, 51.0, 90.0, 90.0], g_reset_us=[0.0, 4.9, 5.0, 4.9], half_ua=[400.0] * 4,
        width_ua=50.0, cycle_sigma_ua=0.0, read_sigma=0.0)
    assert forming_yield(devices, counts_per_us=1.0, rng=np.random.default_rng(0)) == 0.5


def test_same_seed_same_result_and_cells_do_not_meet():
    def run(target, seed=0):
        devices = PulseResponse().sample((1, 2, 50), np.random.default_rng(9))
        return program(target, devices, counts_per_us=COUNTS_PER_US, seed=seed)

    target = np.linspace(-80, 80, 50).astype(int)
    first, again, other = run(target), run(target), run(target, seed=1)
    np.testing.assert_array_equal(first.g_us, again.g_us)
    assert (first.g_us != other.g_us).any()
    # The neighbours of a cell may be programmed to anything: its own noise stays.
    for k in range(50):
        alone = run(np.where(np.arange(50) == k, target, 0))
        for name in ("g_us", "read", "rounds", "current_ua", "converged"):
            np.testing.assert_array_equal(getattr(alone, name)[..., k],
                                          getattr(first, name)[..., k])


def test_every_device_has_noise_of_its_own():
    devices = exact(np.full(1000, 50.0), cycle_sigma_ua=4.0, read_sigma=0.01)
    rng = np.random.default_rng(0)
    devices.pulse(np.full(1000, 400.0), np.ones(1000, bool), rng.standard_normal(1000))
    # 50/4 per width at the half current: 4/50 of a width moves 50 * 0.08/4 = 1 µS.
    assert devices.g_us.std() == pytest.approx(1.0, rel=0.1)
    read = devices.read_us(rng.standard_normal(1000)) / devices.g_us
    assert (read.mean(), read.std()) == pytest.approx((1, 0.01), abs=0.001)


def test_programming_once():
    target = np.array([[0, 50, -50], [89, -89, 1]])
    ideal = program_once(target, Ideal(), counts_per_us=3.56, rng=np.random.default_rng(0))
    np.testing.assert_allclose((ideal.g_us[0, 0] - ideal.g_us[0, 1]) * 3.56, target, rtol=1e-12)
    assert (np.abs(ideal.error) <= 1).all() and ideal.share == 1
    assert not ideal.rounds.any() and not ideal.current_ua.any()

    # Spread at 45 of 89.6 counts: 0.953 µS or 3.4 counts, so 86 % are within +-5 counts.
    many = program_once(np.full(20000, 45), PcmLike(), counts_per_us=COUNTS_PER_US,
                        rng=np.random.default_rng(0))
    assert many.g_us.shape == (1, 2, 20000)
    assert many.error.std() == pytest.approx(3.5, abs=0.2)
    assert 0.75 < many.share < 0.9


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"low": 701}, ValueError, "low must be an integer in 0..700, not 701"),
    ({"start": 124}, ValueError, "start must be an integer in 125..700, not 124"),
    ({"margin": 0}, ValueError, "margin must be an integer in 1..4095, not 0"),
    ({"max_rounds": 256}, ValueError, "max_rounds must be an integer in 0..255, not 256"),
    ({"gain": 256}, ValueError, "gain must be an integer in 0..255, not 256"),
    ({"gain": 1}, ValueError,
     "gain must move the current at an error of 5 counts, not 1 in U(4,4)"),
    ({"gain_format": None}, TypeError, "gain_format must be an unsigned QFormat, not None"),
])
def test_refused_settings(change, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        VerifySettings(**change)


@pytest.mark.parametrize(("target", "shape", "cpu", "error", "message"), [
    ([0.5], (1, 2, 1), 1.0, TypeError, "target must hold integers that fit in int64, not float64"),
    ([5000], (1, 2, 1), 1.0, ValueError, "target must be in -4095..4095 counts, not 5000"),
    ([1], (3, 2, 1), 1.0, ValueError,
     "devices must have shape (1 or 2, 2, *(1,)), not (3, 2, 1)"),
    ([1], (1, 2, 1), 0, ValueError, "counts_per_us must be greater than 0, not 0.0"),
])
def test_refused_programming_changes_nothing(target, shape, cpu, error, message):
    devices = exact(np.full(shape, 50.0))
    devices.set(np.ones(shape, bool))
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        program(target, devices, counts_per_us=cpu)
    assert (devices.g_us == 50).all()


def test_refused_devices():
    with pytest.raises(ValueError, match="^width_ua must be greater than 0, not 0.0$"):
        PulseResponse(width_ua=0)
    with pytest.raises(ValueError, match=r"^half_ua must have the shape of g_set_us, \(1,\), not "):
        PulseDevices(g_set_us=[1.0], g_reset_us=[0.0], half_ua=[1.0, 2.0], width_ua=1,
                     cycle_sigma_ua=0, read_sigma=0)
    with pytest.raises(ValueError, match=r"^target_us must be finite and in 0\.\.25, not 100\.0$"):
        program_once(np.array([100]), Ideal(), counts_per_us=1.0, rng=np.random.default_rng(0))


def test_of_equal_devices_the_first_counts_as_the_higher():
    low = program([60], exact(np.full((2, 2, 1), 90.0))).g_us[:, 0, 0]
    both = program([150], exact(np.full((2, 2, 1), 90.0))).g_us[:, 0, 0]
    assert 0 < low[0] < 90 and low[1] == 0
    assert both[0] == 90 and 0 < both[1] < 90


def test_a_crossbar_takes_the_result():
    rng = np.random.default_rng(0)
    target = rng.integers(-140, 141, (6, 5))
    devices = PulseResponse(g_set_sigma_us=0).sample((2, 2, 6, 5), rng)
    result = program_and_verify(target, devices, counts_per_us=COUNTS_PER_US, rng=rng)
    array = Crossbar.from_conductances(result.g_us, device=Ideal(), rng=rng)
    plus, minus = array.conductances_us() * COUNTS_PER_US
    assert result.share == 1
    assert np.abs(plus - minus - target).max() < 5 + 1 + 0.05 * 140
