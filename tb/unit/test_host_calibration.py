"""golden.host.calibration: words, sums, the offset of every read mode, and a whole calibration."""

import re

import numpy as np
import pytest

from golden.array.counter import ArrayCounter
from golden.array.crossbar import Crossbar
from golden.array.device import Ideal
from golden.array.modes import READ_MODES
from golden.convert.calibrate import Calibration, gain_spread, measure
from golden.convert.oscillator import GAIN_LIMIT, GAIN_SIGMA, OscillatorBank
from golden.host.calibration import (
    Plan,
    Run,
    calibrate,
    correct,
    correction,
    golden_sums,
    plan,
    report,
)
from golden.nmpu import Coefficients, combine
from golden.presets import hermes, tiny
from golden.qformat import QFormat
from golden.registers import REGISTERS, unpack
from golden.requantise import quantise
from golden.settings import Settings

LSB_UA = 0.1
"""Of 10 bits, up to 102.3 µA."""

TWELVE = tiny.replace(readout={"reference_bits": 12})


def bank_of(gain, bend, offset, counter_bits=12):
    return OscillatorBank(gain_mhz_per_ua=gain, nonlinearity_per_ua=bend, offset_mhz=offset,
                          counter_bits=counter_bits)


def test_plan_by_hand():
    # 12 bits of 25 nA: 2 µA are 80 codes, so 16 repeats step by 5; they end at 400, 2200, 4000.
    found = plan(TWELVE, lsb_ua=0.025, repeats=16)
    assert [(run.code, run.step, run.repeats, run.negative) for run in found.runs] == [
        (325, 5, 16, False), (325, 5, 16, True), (2125, 5, 16, False), (2125, 5, 16, True),
        (3925, 5, 16, False), (3925, 5, 16, True)]
    # The means are 7.5 steps below the ends: 362.5, 2162.5, 3962.5 codes.
    np.testing.assert_allclose(found.currents_ua, [9.0625, 54.0625, 99.0625], rtol=1e-15)
    assert [run.mean_code for run in found.runs[::2]] == [362.5, 2162.5, 3962.5]
    assert found.runs[0].codes.tolist() == list(range(325, 401, 5))
    assert (found.input_bits, found.window_ns) == (8, 128.0)


def test_step_is_at_least_one_code():
    # 2 µA are 20 codes of 0.1 µA; 64 repeats take 64 codes.
    found = plan(hermes, lsb_ua=LSB_UA)
    assert [(run.code, run.step) for run in found.runs[::2]] == [(37, 1), (487, 1), (937, 1)]
    np.testing.assert_allclose(found.currents_ua, [6.85, 51.85, 96.85], rtol=1e-14)
    # 20 codes in 13.3 repeats and more round to one code, in fewer to two.
    assert plan(hermes, lsb_ua=LSB_UA, repeats=14).runs[0].step == 1
    assert plan(hermes, lsb_ua=LSB_UA, repeats=13).runs[0].step == 2


def test_without_dither_the_current_stands():
    found = plan(hermes, lsb_ua=LSB_UA, repeats=9, dither_ua=0)
    assert all(run.step == 0 for run in found.runs)
    np.testing.assert_allclose(found.currents_ua, [10, 55, 100])


@pytest.mark.parametrize("lsb_ua", [0.1, 0.3, 0.7, 1.1])
def test_whole_codes_are_not_lost_to_rounding(lsb_ua):
    """3 * 0.1 / 0.1 is 3 and 0.7 * 3 / 0.7 a hair less; the last code is the one asked for."""
    for code in range(3, 90):
        found = plan(hermes, lsb_ua=lsb_ua, repeats=1, dither_ua=0,
                     currents_ua=[lsb_ua * code, lsb_ua * (code + 1), lsb_ua * (code + 2)])
        assert [run.code for run in found.runs[::2]] == [code, code + 1, code + 2]


def test_currents_between_codes_round_down():
    found = plan(hermes, lsb_ua=0.5, repeats=1, dither_ua=0, currents_ua=(10.49, 55.99, 100.2))
    assert [run.code for run in found.runs[::2]] == [20, 111, 200]


def test_writes_by_hand():
    run = Run(code=0x3F2, step=7, repeats=64, negative=True)
    assert run.writes == ((0x38, 0x0007_03F2), (0x3C, 0x8001_0040))
    assert Run(code=1, step=0, repeats=4096, negative=False).writes == (
        (0x38, 0x0000_0001), (0x3C, 0x8000_1000))


@pytest.mark.parametrize("config", [hermes, TWELVE])
def test_the_tile_accepts_every_run(config):
    """What the register map refuses: a last code that does not fit."""
    bits = config.readout.reference_bits
    for run in plan(config, lsb_ua=102.3 / ((1 << bits) - 1)).runs:
        (_, reference), (_, measure_word) = run.writes
        fields = {**unpack("REFERENCE", reference), **unpack("MEASURE", measure_word)}
        assert fields["code"] + fields["step"] * (fields["repeats"] - 1) < 1 << bits
        assert (fields["start"], fields["repeats"]) == (1, 64)
        assert max(fields["code"], fields["step"]) < 1 << bits
    assert [address for address, _ in run.writes] == [
        REGISTERS["REFERENCE"].offset, REGISTERS["MEASURE"].offset]


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"lsb_ua": 0}, ValueError, "lsb_ua must be greater than 0, not 0.0"),
    ({"lsb_ua": "1"}, TypeError, "lsb_ua must be a number, not '1'"),
    ({"repeats": 0}, ValueError, "repeats must be an integer in 1..4096, not 0"),
    ({"repeats": 4097}, ValueError, "repeats must be an integer in 1..4096, not 4097"),
    ({"repeats": 1.0}, TypeError, "repeats must be an integer in 1..4096, not 1.0"),
    ({"dither_ua": -1}, ValueError, "dither_ua must be at least 0, not -1.0"),
    ({"clock_ns": 0}, ValueError, "clock_ns must be greater than 0, not 0.0"),
    ({"input_bits": 7}, ValueError, "input_bits must be one of 8, 6, 4, not 7"),
    ({"currents_ua": (10, 10, 20)}, ValueError,
     "currents_ua must be three rising currents above 0, not [10.0, 10.0, 20.0]"),
    ({"lsb_ua": 0.05}, ValueError,
     "currents_ua must end below 51.2, what 10 bits of 0.05 reach, not at 100"),
    # 1024 codes of 0.1 µA: 102.4 is the first that is not there.
    ({"currents_ua": (10, 55, 102.4)}, ValueError,
     "currents_ua must end below 102.4, what 10 bits of 0.1 reach, not at 102.4"),
    ({"repeats": 101}, ValueError, ("currents_ua must start at 10.1 or above, for 101 repeats in "
                                    "steps of 0.1, not at 10")),
    ({"currents_ua": (10, 55, 55.05)}, ValueError,
     "currents_ua must differ by at least 0.1, one code, not [10.0, 55.0, 55.05]"),
])
def test_refused_plans(options, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        plan(hermes, **{"lsb_ua": LSB_UA, **options})


def test_the_last_plan_that_fits():
    found = plan(hermes, lsb_ua=LSB_UA, repeats=100, currents_ua=(10, 55, 102.3))
    assert (found.runs[0].code, found.runs[-1].codes[-1]) == (1, 1023)


def test_narrow_inputs_measure_in_their_window():
    config = tiny.replace(drive={"input_bits": 6})
    found = plan(config, lsb_ua=LSB_UA, clock_ns=2.0)
    assert (found.input_bits, found.window_ns) == (6, 64.0)
    assert plan(hermes, lsb_ua=LSB_UA, input_bits=4).window_ns == 8.0
    with pytest.raises(ValueError, match="^input_bits must be one of 6, 4, not 8$"):
        plan(config, lsb_ua=LSB_UA, input_bits=8)


def test_sums_by_hand():
    # 31.25 MHz/µA in 128 ns: 4 periods per µA; N half of it. Codes 17 .. 20 of 0.5 µA are
    # 34, 36, 38, 40 periods, in N 17 .. 20.
    bank = bank_of(np.array([[31.25], [15.625]]), np.zeros((2, 1)), np.zeros((2, 1)))
    found = plan(hermes, lsb_ua=0.5, repeats=4, currents_ua=(10, 20, 30))
    assert golden_sums(found, bank).tolist() == [[[148], [74]], [[308], [154]], [[468], [234]]]


def test_same_means_as_the_golden_measurement():
    """Stepped alike, the sums are those of `golden.convert.calibrate.measure`."""
    bank = OscillatorBank.sample(8, 12, np.random.default_rng(3))
    # Codes of 31.25 nA are exact; measure stands in the middle of steps of two codes.
    found = plan(TWELVE, lsb_ua=0.03125, repeats=32, currents_ua=(10, 55, 100))
    currents, counts = measure(bank, window_ns=128.0, repeats=32, dither_ua=2.0,
                               currents_ua=found.currents_ua + 1.0)
    np.testing.assert_array_equal(currents, found.currents_ua)
    np.testing.assert_array_equal(golden_sums(found, bank), 32 * counts)


@pytest.mark.parametrize(("sums", "error", "message"), [
    (np.zeros((3, 2, 7), int), ValueError, "sums must have shape (3, 2, 8), not (3, 2, 7)"),
    (np.zeros((3, 2, 8)), TypeError, "sums must hold integers that fit in int64, not float64"),
    (np.full((3, 2, 8), -1), ValueError, "sums must be from 0 to 262080, not -1 to -1"),
    (np.full((3, 2, 8), 262081), ValueError, "sums must be from 0 to 262080, not 262081 to 262081"),
    (np.full((3, 2, 8), 6400), ValueError,
     "counts of P of column 0 must rise with the current, not 100, 100, 100"),
])
def test_refused_sums(sums, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        calibrate(plan(tiny, lsb_ua=LSB_UA), sums, tiny)


def test_a_counter_that_fills_in_the_last_windows_is_noticed():
    """9 bits hold 511. The mean current of 96.85 µA would fit, the last one does not."""
    config = tiny.replace(readout={"counter_bits": 9})
    gain = np.full((2, 8), 35.0)
    found = plan(config, lsb_ua=LSB_UA)
    calibrate(found, golden_sums(found, bank_of(gain, 0 * gain, 0 * gain, 9)), config)
    gain[1, 5] = 41.0   # 508 periods in the mean, 525 in the end
    sums = golden_sums(found, bank_of(gain, 0 * gain, 0 * gain, 9))
    assert sums[2, 1, 5] / 64 < 509
    with pytest.raises(ValueError, match=r"^counts of N of column 5 must stay below the full "
                                         r"counter of 511 up to 100 µA, not reach 52\d\.\d$"):
        calibrate(found, sums, config)


# Mean windows by hand: 128; (1 * 8 + 8 * 16)/9; 6; and of 4-bit inputs (1 * 2 + 2 * 4)/3.
@pytest.mark.parametrize(("mode", "bits", "window"), [
    ("one_phase", 8, 128), ("one_phase", 4, 8), ("split", 8, 136 / 9), ("split", 4, 10 / 3),
    ("bit_serial", 8, 6), ("bit_serial", 6, 6)])
def test_offset_by_hand(mode, bits, window):
    # 28 MHz/µA, bend 1e-3 * 100 = 0.1, C = 10 MHz: s = 35/28 * 1.1 = 1.375.
    law = Calibration(gain_mhz_per_ua=np.full((2, 1), 28.0),
                      nonlinearity_per_ua=np.full((2, 1), 1e-3),
                      offset_mhz=np.full((2, 1), 10.0))
    scale, offset = correction(law, Settings(read_mode=mode, input_bits=bits))
    np.testing.assert_allclose(scale, 1.375)
    # Largest bend: 3.5 counts per ns * 0.1/(1 + sqrt 1.1)^2 = 0.0833 counts per ns.
    half_bend = 3.5 * 0.1 / (1 + np.sqrt(1.1))**2 / 2
    np.testing.assert_allclose(offset, -1.375 * (0.01 * window - 0.5) - half_bend * window)
    # Twice the clock, twice the window.
    _, slower = correction(law, Settings(read_mode=mode, input_bits=bits), clock_ns=2.0)
    np.testing.assert_allclose(slower, -1.375 * (0.02 * window - 0.5) - half_bend * 2 * window)


def test_a_shorter_linear_range():
    law = Calibration(gain_mhz_per_ua=np.full((2, 1), 28.0),
                      nonlinearity_per_ua=np.full((2, 1), 1e-3), offset_mhz=np.zeros((2, 1)))
    scale, offset = correction(law, Settings(), limit_ua=20.0)
    # 1 + 20e-3 of 35/28; the largest bend is 35 * 0.128 * 20 * 0.02/(1 + sqrt 1.02)^2.
    np.testing.assert_allclose(scale, 1.275)
    np.testing.assert_allclose(offset, 0.6375 - 89.6 * 0.02 / (1 + np.sqrt(1.02))**2 / 2)


@pytest.mark.parametrize(("offset_mhz", "resting"), [(0.0, 0), (30.0, 3), (-30.0, 0)])
def test_offset_of_four_phases_by_hand(offset_mhz, resting):
    law = Calibration(gain_mhz_per_ua=np.full((2, 1), 28.0), nonlinearity_per_ua=np.zeros((2, 1)),
                      offset_mhz=np.full((2, 1), offset_mhz))
    scale, offset = correction(law, Settings(read_mode="four_phase"))
    # Two reads with current and two without: 30 MHz make 3.84 periods, 3 whole ones.
    driven = -1.25 * (0.128 * offset_mhz - 0.5)
    np.testing.assert_allclose(offset, (2 * driven - 2 * 1.25 * resting) / 4, atol=1e-12)


@pytest.mark.parametrize("mode", READ_MODES)
def test_every_mode_is_right_in_the_mean(mode):
    """Straight oscillators with offsets: corrected sums of P and of N have no mean error."""
    rng = np.random.default_rng(READ_MODES.index(mode))
    columns, vectors = 40, 400
    law = Calibration(gain_mhz_per_ua=rng.uniform(28, 42, (2, columns)),
                      nonlinearity_per_ua=np.zeros((2, columns)),
                      offset_mhz=rng.uniform(-20, 40, (2, columns)))
    bank = bank_of(law.gain_mhz_per_ua, law.nonlinearity_per_ua, law.offset_mhz)
    crossbar = Crossbar.from_weights(rng.uniform(-1, 1, (64, columns)), device=Ideal(), rng=rng,
                                     w_max=1.0, precision="float64")
    settings = Settings(read_mode=mode)
    x = rng.integers(-127, 128, (vectors, 64))
    sums = ArrayCounter(crossbar=crossbar, bank=bank, read_voltage_v=0.2).read(
        x, settings.mode, seed=0)
    wanted = sum(0.035 * read.weight * read.window_clocks * crossbar.currents_ua(
        read.lengths, window_clocks=read.window_clocks, read_voltage_v=0.2, seed=0,
        sides=read.sides) for read in settings.mode.reads(x))
    scale, offset = correction(law, settings)
    error = scale * sums + offset * settings.mode.weight - wanted
    # Each driven read drops uniformly 0 .. 1 count: sigma s/sqrt 12 times its weight.
    weights = np.array(settings.weights) / (2 if settings.mode.phases == 4 else 1)
    sigma = scale * np.sqrt((weights**2).sum() / 12 / vectors) * np.sqrt(
        2 if settings.mode.phases == 4 else 1)
    assert np.abs(error.mean(axis=0) / sigma).max() < 5
    assert np.abs((error.mean(axis=0) / sigma).mean()) < 5 / np.sqrt(2 * columns)


def test_without_half_the_offset_four_phases_were_wrong():
    """The mean test can see it: taking the offset of one phase is a count off in the sum."""
    law = Calibration(gain_mhz_per_ua=np.full((2, 1), 35.0), nonlinearity_per_ua=np.zeros((2, 1)),
                      offset_mhz=np.zeros((2, 1)))
    four, one = (correction(law, Settings(read_mode=mode))[1]
                 for mode in ("four_phase", "one_phase"))
    np.testing.assert_allclose(4 * (one - four), 1.0)


def neutral(config):
    """Coefficients as they are before a calibration: counts go through, normalisation one half."""
    columns = config.array.columns
    return Coefficients.from_real(config, scale=np.ones((2, columns)),
                                  offset=np.zeros((2, columns)), norm_scale=np.full(columns, 0.5),
                                  norm_bias=np.zeros(columns))


def test_correct_changes_scale_and_offset_only():
    before = neutral(tiny)
    after = correct(before, np.full((2, 8), 0.9), np.full((2, 8), -1.3), tiny)
    # 0.9 * 128 = 115.2, -1.3 * 2 = -2.6
    assert set(after.scale.ravel()) == {115} and set(after.offset.ravel()) == {-3}
    assert after.norm_scale is before.norm_scale and after.norm_bias is before.norm_bias
    for scale, offset, message in (
            (2.0, 0.0, "scale 2 does not fit U(1,7): allowed are 0 to 1.99219"),
            (1.0, 64.0, "offset 64 does not fit S(7,1): allowed are -64 to 63.5")):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            correct(before, np.full((2, 8), scale), np.full((2, 8), offset), tiny)


@pytest.fixture(scope="module", params=[1, 2, 3])
def calibrated(request):
    """A sampled bank, its calibration as the tile would measure it, and what the formats keep."""
    bank = OscillatorBank.sample(256, 12, np.random.default_rng(request.param),
                                 gain_sigma=GAIN_SIGMA, gain_limit=GAIN_LIMIT)
    found = plan(hermes, lsb_ua=LSB_UA)
    law = calibrate(found, golden_sums(found, bank), hermes)
    scale, offset = correction(law, Settings())
    return bank, found, law, scale, offset, correct(neutral(hermes), scale, offset, hermes)


def lagrange(nodes, x):
    """Weights of three points in the parabola through them, (3, points)."""
    x = np.asarray(x, float)
    return np.array([np.prod([(x - other) / (node - other) for other in nodes if other != node],
                             axis=0) for node in nodes])


MEAN_ERROR = 0.25 + 0.002
"""Largest error of a mean count. A code adds 0.354 to 0.542 periods, so the phases of the windows
lie most unevenly near 1/2, on two places half a count apart, whose mean is off by a quarter at
most; the bend within 6.3 µA adds 542 * 7e-5 * 6.3^2/12/100 = 0.0013."""


def test_means_are_as_exact_as_the_steps_allow(calibrated):
    bank, found, *_ = calibrated
    current = found.currents_ua[:, None, None]
    law = bank.gain_mhz_per_ua * current / (1 + bank.nonlinearity_per_ua * current)
    error = golden_sums(found, bank) / 64 - (0.128 * law - 0.5)
    assert 0.1 < np.abs(error).max() <= MEAN_ERROR


def test_gains_agree_after_calibration(calibrated):
    """Published: 7.09 % before. After: what U(1,7) leaves, within the 0.5 % asked for."""
    bank, found, _, scale, _, coefficients = calibrated
    chord = bank.gain_mhz_per_ua / (1 + 100 * bank.nonlinearity_per_ua)
    assert gain_spread(chord) == pytest.approx(GAIN_SIGMA, abs=3.3 * GAIN_SIGMA / np.sqrt(2 * 512))
    # The chord of the parabola through three points that are off by MEAN_ERROR each.
    ends = np.abs(np.diff(lagrange(found.currents_ua, [0, 100]), axis=1)).sum()
    np.testing.assert_array_less(np.abs(scale * chord / 35 - 1),
                                 1.01 * MEAN_ERROR * ends / (12.8 * chord))
    assert gain_spread(scale * chord) < 2e-4
    # Rounding to 1/128: uniform, sigma (1/128)/sqrt 12 relative to each scale; 512 of them know
    # it to sqrt((9/5 - 1)/4/512) = 2 %, of which five are allowed.
    kept = coefficients.real(hermes)["scale"]
    expected = np.sqrt(np.mean((1 / 128 / np.sqrt(12) / scale)**2))
    assert gain_spread(kept * chord) == pytest.approx(expected, rel=0.1)
    assert gain_spread(kept * chord) <= 0.005
    np.testing.assert_array_less(np.abs(kept - scale), 1 / 256 + 1e-12)


def test_corrected_counts_stay_within_what_is_rounded(calibrated):
    """Every point of a ramp, against the sum of all that can be wrong with it."""
    bank, found, law, scale, _, coefficients = calibrated
    kept = coefficients.real(hermes)
    bend = 100 * law.nonlinearity_per_ua
    half_bend = np.abs(448 * bend / (1 + np.sqrt(1 + bend))**2) / 2
    for current in np.linspace(0.05, 100, 400):
        counts = bank.counts(np.full((1, 2, 256), current), window_ns=128.0)[0]
        error = kept["scale"] * counts + kept["offset"] - 4.48 * current
        measured = 1.01 * MEAN_ERROR * np.abs(lagrange(found.currents_ua, current)).sum()
        # Half a count of truncation, the error of the law, half a bend, half a step of each
        # format.
        bound = scale * (0.5 + measured) + half_bend + counts / 256 + 1 / 4
        np.testing.assert_array_less(np.abs(error), bound + 1e-9)


def test_report(calibrated):
    """INL within one count of the linear range, before and after; the target of 0.5 % is met."""
    bank, _, _, scale, offset, coefficients = calibrated
    kept = coefficients.real(hermes)
    found = report(bank, kept["scale"], kept["offset"], window_ns=128.0)
    chord = bank.gain_mhz_per_ua / (1 + 100 * bank.nonlinearity_per_ua)
    # A transition is seen up to a point late: one in 20,000 of the span.
    assert found.gain_sigma_before == pytest.approx(gain_spread(chord), rel=0.005)
    assert found.gain_sigma_after == pytest.approx(gain_spread(chord * kept["scale"]), rel=0.02)
    assert found.gain_sigma_after <= 0.005
    # 448 * 7e-3/4 = 0.784 corrected counts at most, whatever the gain; a point of the ramp is
    # 0.0224, at either end and in between; half a step of the scale.
    largest = np.abs(bank.nonlinearity_per_ua).max()
    predicted = 448 * largest * 100 / 4
    assert predicted - 0.045 < found.inl_after < 1.005 * predicted + 0.045 < 1
    assert found.inl_before < 1
    # The bound of the test above where it is largest, for the fastest oscillator at 100 µA:
    # 0.83 (0.5 + 0.33) + 0.39 + 542/256 + 1/4; without rounding for the slowest next to 0:
    # 1.27 (0.5 + 0.42) + 0.39.
    assert found.error_after < 3.45
    exact = report(bank, scale, offset, window_ns=128.0, points=4001)
    # One point in 4000, at both ends.
    assert exact.gain_sigma_after < np.sqrt(2 / 12) / 4000 + gain_spread(scale * chord)
    assert exact.error_after < 1.56


def test_report_of_straight_oscillators():
    gain = np.array([[35.0, 28.0], [42.0, 35.0]])
    bank = bank_of(gain, 0 * gain, 0 * gain)
    # Raising the gain of one by 1 % is seen, as is an offset of two counts.
    scale = 35 / gain * np.array([[1.01, 1.0], [1.0, 1.0]])
    found = report(bank, scale, 0.5 * scale + 2.0, window_ns=128.0)
    # Gains of 0.8, 1, 1, 1.2: sigma sqrt(0.08/4).
    assert found.gain_sigma_before == pytest.approx(np.sqrt(0.02), rel=1e-3)
    assert found.gain_worst_after == pytest.approx(0.01, rel=0.02)
    # 1.01, 1, 1, 1 around 1.0025: sigma 0.01 sqrt(3)/4.
    assert found.gain_sigma_after == pytest.approx(0.00433 / 1.0025, rel=0.03)
    assert max(found.inl_before, found.inl_after) < 0.05
    # 1 % of 448, two counts, and half a period of 1.01 counts.
    assert 6.4 < found.error_after < 7.0


def test_report_keeps_to_the_bank():
    """An offset of 2.56 counts; a linear range that ends at 50 µA, half as far."""
    gain = np.full((2, 1), 35.0)
    bank = OscillatorBank(gain_mhz_per_ua=gain, nonlinearity_per_ua=0 * gain,
                          offset_mhz=gain * 0 + 20.0, counter_bits=12, current_limit_ua=50.0)
    # Truncation leaves 1.56 to 2.56 counts, and a scale of 1.01 adds 1 % of 224 and of 2.56.
    found = report(bank, gain / 35 * 1.01, 0 * gain, window_ns=128.0)
    assert 2.56 + 2.24 - 0.1 < found.error_after < 2.59 + 2.24
    found = report(bank, gain / 35, 0 * gain, window_ns=128.0)
    assert 2.5 < found.error_after < 2.56 + 1e-9


def test_sums_of_windows_are_whole_counts():
    """The tile adds whole counts, so the sum is never that of the mean current."""
    bank = OscillatorBank.sample(8, 12, np.random.default_rng(0))
    found = plan(tiny, lsb_ua=LSB_UA, repeats=64)
    sums = golden_sums(found, bank)
    assert sums.dtype == np.int64 and sums.shape == (3, 2, 8)
    run = found.runs[3]    # middle current into N
    windows = [int(bank.counts(np.full((1, 2, 8), LSB_UA * code), window_ns=128.0)[0, 1, 4])
               for code in run.codes]
    assert sums[1, 1, 4] == sum(windows)


def test_finer_codes_give_better_means():
    """12 bits: 0.089 to 0.136 periods a code, so the phases lie on eight places or more, 1/16."""
    bank = OscillatorBank.sample(256, 12, np.random.default_rng(1))
    found = plan(TWELVE, lsb_ua=0.025, dither_ua=0.025 * 64)
    assert found.runs[0].step == 1
    current = found.currents_ua[:, None, None]
    law = bank.gain_mhz_per_ua * current / (1 + bank.nonlinearity_per_ua * current)
    error = np.abs(golden_sums(found, bank) / 64 - (0.128 * law - 0.5)).max()
    # And a period of up to 1/0.089 windows that the 64 do not complete: 1/8 of it in excess.
    assert 0.03 < error < 1 / 16 + 1 / 0.089 / 8 / 64 < MEAN_ERROR / 2


@pytest.mark.parametrize("mode", READ_MODES)
def test_modes_end_to_end_through_the_nmpu(mode):
    """Measured, quantised, combined and gathered: full-scale inputs read as nominal converters."""
    # Offsets weigh up to 127-fold, so they want a finer step than S(7,1) has.
    config = tiny.replace(nmpu={"scale": QFormat(False, 1, 11), "offset": QFormat(True, 7, 9),
                                "accumulator_bits": 35})
    bank = OscillatorBank.sample(8, 12, np.random.default_rng(5))
    found = plan(config, lsb_ua=LSB_UA)
    settings = Settings(read_mode=mode)
    scale, offset = correction(calibrate(found, golden_sums(found, bank), config), settings)
    coefficients = correct(neutral(config), scale, offset, config)
    rng = np.random.default_rng(6)
    crossbar = Crossbar.from_weights(rng.uniform(-1, 1, (8, 8)), device=Ideal(), rng=rng,
                                     w_max=1.0, precision="float64")
    counter = ArrayCounter(crossbar=crossbar, bank=bank, read_voltage_v=0.2)
    x = rng.integers(-127, 128, (300, 8))
    reads = settings.mode.reads(x)
    counts = np.stack([counter.counts(read.lengths, window_clocks=read.window_clocks,
                                      sides=read.sides, seed=0) for read in reads], axis=1)
    wanted = sum(0.035 * read.weight * read.window_clocks * crossbar.currents_ua(
        read.lengths, window_clocks=read.window_clocks, read_voltage_v=0.2, seed=0,
        sides=read.sides) for read in reads)
    total = (combine(counts, coefficients, config) / 2**11
             * np.array(settings.weights)[:, None]).sum(axis=1)
    error = total - (wanted[:, 0] - wanted[:, 1])
    # Half a period dropped more or less than in the mean, by each read with current: half of
    # four phases. In proportion to their windows: the error of the law, up to 1.66 times
    # that of a mean, and half of the largest bend. Half a step of each format.
    driven = settings.mode.weight / (2 if mode == "four_phase" else 1)
    windows = sum(read.weight * read.window_clocks for read in reads) / 128
    windows *= driven / settings.mode.weight
    law = 1.01 * MEAN_ERROR * np.abs(lagrange(found.currents_ua, 0)).sum() + 0.4
    weighted = (counts * np.array(settings.weights)[:, None, None]).sum(axis=1)
    bound = (scale * (driven / 2 + law * windows) + settings.mode.weight / 2**10
             + weighted / 2**12).sum(axis=1)
    np.testing.assert_array_less(np.abs(error), bound)
    # The bound is not idle: half of it is met.
    assert (np.abs(error) / bound).max() > 0.4


def test_plan_is_a_value():
    assert plan(hermes, lsb_ua=LSB_UA) == plan(hermes, lsb_ua=LSB_UA)
    assert isinstance(plan(hermes, lsb_ua=LSB_UA), Plan)


def test_quantised_as_any_coefficient():
    scale = np.full((2, 8), 1 + 1 / 256)    # a tie, to even
    after = correct(neutral(tiny), scale, 0 * scale, tiny)
    np.testing.assert_array_equal(after.scale, quantise(scale, tiny.nmpu.scale))
    assert set(after.scale.ravel()) == {128}
