"""Calibration from three currents, and the linearity that is left."""

import re

import numpy as np
import pytest

from golden.convert.calibrate import CURRENTS_UA, Calibration, gain_spread, measure, solve
from golden.convert.linearity import linearity, sweep
from golden.convert.oscillator import OscillatorBank
from golden.presets import hermes
from golden.requantise import quantise

WINDOW_NS = 128.0


def bank_of(gain, bend, offset, counter_bits=12):
    return OscillatorBank(gain_mhz_per_ua=gain, nonlinearity_per_ua=bend, offset_mhz=offset,
                          counter_bits=counter_bits)


def exact_counts(gain, bend, offset, currents=CURRENTS_UA):
    """Mean counts of the law, half a count dropped, by the formula and not by the model."""
    i = np.asarray(currents)[:, None, None]
    return (gain * i / (1 + bend * i) + offset) * WINDOW_NS / 1000 - 0.5


@pytest.fixture(scope="module")
def sampled():
    bank = OscillatorBank.sample(256, 12, np.random.default_rng(1))
    calibration = solve(*measure(bank, window_ns=WINDOW_NS), window_ns=WINDOW_NS, counter_bits=12)
    return bank, calibration


def test_solves_the_law_exactly():
    rng = np.random.default_rng(0)
    gain, bend = rng.uniform(25, 45, (2, 50)), rng.uniform(-1e-3, 1e-3, (2, 50))
    offset = rng.uniform(-50, 50, (2, 50))
    got = solve(CURRENTS_UA, exact_counts(gain, bend, offset), window_ns=WINDOW_NS,
                counter_bits=12)
    np.testing.assert_allclose(got.gain_mhz_per_ua, gain, rtol=1e-9)
    np.testing.assert_allclose(got.nonlinearity_per_ua, bend, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(got.offset_mhz, offset, atol=1e-8)


def test_hand_worked_measurement():
    # 31.25 MHz/µA in 128 ns: 4 periods per µA. Steps of 0.5 µA up to 10: 8.5, 9, 9.5, 10.
    bank = bank_of(np.full((2, 1), 31.25), np.zeros((2, 1)), np.zeros((2, 1)))
    currents, counts = measure(bank, window_ns=WINDOW_NS, currents_ua=(10, 20, 30), repeats=4,
                               dither_ua=2.0)
    # Middles of the four steps: 8.25, 8.75, 9.25, 9.75 µA, 33 .. 39 periods.
    assert currents.tolist() == [9.0, 19.0, 29.0]
    assert counts[:, 0, 0].tolist() == [36.0, 76.0, 116.0]


def test_repeats_average_truncation(sampled):
    bank, calibration = sampled
    once = solve(*measure(bank, window_ns=WINDOW_NS, repeats=1, dither_ua=0.0),
                 window_ns=WINDOW_NS, counter_bits=12)
    error = [np.abs(c.nonlinearity_per_ua - bank.nonlinearity_per_ua).max()
             for c in (once, calibration)]
    assert error[1] < error[0] / 8
    assert np.abs(calibration.offset_mhz).max() * WINDOW_NS / 1000 < 0.15


def test_gain_spread_before_and_after(sampled):
    """Published: 7.09 % before. Target: 0.5 % after, in the 8-bit coefficients too."""
    bank, calibration = sampled
    assert gain_spread(bank.gain_mhz_per_ua) == pytest.approx(0.0709, abs=0.007)
    scale, _ = calibration.affine(window_ns=WINDOW_NS)
    # Gain of the chord to 100 µA.
    chord = bank.gain_mhz_per_ua / (1 + 100 * bank.nonlinearity_per_ua)
    np.testing.assert_allclose(chord * scale, 35, rtol=3e-4)
    assert gain_spread(chord * scale) < 1e-4
    raw = quantise(scale, hermes.nmpu.scale)
    assert 0.001 < gain_spread(chord * raw) < 0.005


def test_corrected_counts_stay_within_one_count(sampled):
    """Half a bend, 0.4 counts, and half a period, 0.63 counts of the slowest oscillator."""
    bank, calibration = sampled
    scale, offset = calibration.affine(window_ns=WINDOW_NS)
    current, counts = sweep(bank, window_ns=WINDOW_NS, points=4001)
    ideal = (35 * 0.128 * current)[1:, None, None]
    error = scale * counts[1:] + offset - ideal
    assert np.abs(error).max() < 1.03
    assert abs(error.mean()) < 0.02, "the half count of truncation is given back"
    middle = np.abs(error - error.mean()) <= 1
    assert middle.mean() > 0.9999


def test_line_leaves_half_the_bend():
    """An exaggerated bend, no truncation: the largest error has equal size on both sides."""
    gain, bend = np.full((2, 1), 35.0), np.array([[1e-3], [-1e-3]])
    offset = np.full((2, 1), 20.0)
    calibration = Calibration(gain_mhz_per_ua=gain, nonlinearity_per_ua=bend, offset_mhz=offset)
    scale, shift = calibration.affine(window_ns=WINDOW_NS)
    i = np.linspace(0, 100, 10001)
    error = scale * (exact_counts(gain, bend, offset, i)) + shift - 4.48 * i[:, None, None]
    np.testing.assert_allclose(error.max(axis=0), -error.min(axis=0), rtol=1e-4)
    # N B I/4 = 448 * 0.1/4 = 11.2 counts of bend, a little changed by its own size.
    np.testing.assert_allclose(error.max(axis=0), 11.2 / 2, rtol=0.06)


def test_lower_limit_follows_the_slope_there():
    calibration = Calibration(gain_mhz_per_ua=np.full((2, 1), 35.0),
                              nonlinearity_per_ua=np.full((2, 1), 1e-3),
                              offset_mhz=np.zeros((2, 1)))
    scale, offset = calibration.affine(window_ns=WINDOW_NS, limit_ua=20.0)
    assert scale[0, 0] == pytest.approx(1.02)
    # Half a count times the scale, less half of 89.6 * 0.02/4 * (1 - ...).
    assert offset[0, 0] == pytest.approx(0.51 - 0.22, abs=0.005)


def test_linearity_of_a_straight_column():
    bank = OscillatorBank.ideal(1, 12)
    current, counts = sweep(bank, window_ns=WINDOW_NS, points=44801)
    result = linearity(current, counts[:, 0, 0])
    assert (result.codes[0], result.codes[-1]) == (1, 448)
    assert np.abs(result.inl).max() < 0.02
    assert np.abs(result.dnl).max() < 0.02


def test_hand_worked_linearity():
    # Transitions at 1, 2, 4, 5: step 4/3; DNL -1/4, 1/2, -1/4; INL 0, -1/4, 1/4, 0.
    current = np.arange(7.0)
    result = linearity(current, [0, 1, 2, 2, 3, 4, 4])
    assert result.codes.tolist() == [1, 2, 3, 4]
    assert result.transition_ua.tolist() == [1, 2, 4, 5]
    np.testing.assert_allclose(result.dnl, [-0.25, 0.5, -0.25])
    np.testing.assert_allclose(result.inl, [0, -0.25, 0.25, 0], atol=1e-15)
    # A missing code: 2 and 3 appear together.
    assert linearity(current, [0, 0, 1, 3, 3, 4, 4]).dnl.min() == -1


def test_bank_is_linear_within_one_count(sampled):
    """Published: INL within +-1 LSB. The bound of B allows 0.96."""
    bank, _ = sampled
    current, counts = sweep(bank, window_ns=WINDOW_NS)
    inl = [np.abs(linearity(current, counts[:, p, c]).inl).max()
           for p in (0, 1) for c in range(0, 256, 8)]
    assert 0.5 < max(inl) < 1.0


def test_the_bend_of_inl_is_predicted():
    bank = bank_of(np.full((2, 1), 35.0), np.array([[7e-5], [-7e-5]]), np.zeros((2, 1)))
    current, counts = sweep(bank, window_ns=WINDOW_NS)
    low, high = (linearity(current, counts[:, p, 0]).inl for p in (0, 1))
    # 448 * 7e-3/4 = 0.784 counts; a falling slope delays transitions of the second half.
    assert low.min() == pytest.approx(-0.784, abs=0.03)
    assert high.max() == pytest.approx(0.784, abs=0.03)


@pytest.mark.parametrize(("counts", "rule"), [
    ((0, 200, 400), "must reach 1 count at the low current"),
    ((40, 200, 4095), "must stay below the full counter of 4095"),
    ((40, 200, 200), "must rise with the current"),
    ((4, 1000, 1001), "must follow f = A i/(1 + B i) + C with A > 0 and no pole"),
])
def test_impossible_measurements(counts, rule):
    message = f"counts of P of column 0 {rule}, not {', '.join(map(str, counts))}"
    counts = np.broadcast_to(np.array(counts)[:, None, None], (3, 2, 2))
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        solve(CURRENTS_UA, counts, window_ns=WINDOW_NS, counter_bits=12)


def test_whatever_is_accepted_is_a_law():
    """1000 rising triples: refused, or A > 0, no pole, and the law gives the counts back."""
    rng = np.random.default_rng(0)
    refused = 0
    for triple in np.sort(rng.uniform(1, 4094, (1000, 3)), axis=1):
        counts = np.broadcast_to(triple[:, None, None], (3, 2, 1))
        try:
            got = solve(CURRENTS_UA, counts, window_ns=WINDOW_NS, counter_bits=12)
        except ValueError:
            refused += 1
            continue
        law = (got.gain_mhz_per_ua, got.nonlinearity_per_ua, got.offset_mhz)
        assert law[0].min() > 0 and law[1].min() > -0.01
        np.testing.assert_allclose(exact_counts(*law), counts, rtol=1e-3, atol=1e-3)
    assert 20 < refused < 200


def test_the_bad_oscillator_is_named():
    counts = np.broadcast_to(np.array([44.0, 246, 447])[:, None, None], (3, 2, 5)).copy()
    counts[1, 1, 3] = 10
    with pytest.raises(ValueError, match="^counts of N of column 3 must rise with the current, "):
        solve(CURRENTS_UA, counts, window_ns=WINDOW_NS, counter_bits=12)


def test_a_saturated_converter_is_noticed():
    """Six bits hold 63: a real bank whose counters are too narrow."""
    bank = OscillatorBank.ideal(2, 6)
    with pytest.raises(ValueError, match="must stay below the full counter of 63, not "):
        solve(*measure(bank, window_ns=WINDOW_NS, currents_ua=(5, 10, 100)), window_ns=WINDOW_NS,
              counter_bits=6)


@pytest.mark.parametrize(("call", "message"), [
    (lambda b: measure(b, window_ns=128, currents_ua=(1, 5, 9)),
     "currents_ua must start above dither_ua 2.0, not at 1.0"),
    (lambda b: measure(b, window_ns=128, currents_ua=(10, 10, 20)),
     "currents_ua must be three rising currents above 0, not [10.0, 10.0, 20.0]"),
    (lambda b: measure(b, window_ns=128, repeats=0),
     "repeats must be an integer in 1..65536, not 0"),
    (lambda b: solve(CURRENTS_UA, np.ones((3, 2)), window_ns=128, counter_bits=12),
     "counts must have shape (3, 2, columns), not (3, 2)"),
    (lambda b: Calibration(gain_mhz_per_ua=np.ones(1), nonlinearity_per_ua=np.array([-0.02]),
                           offset_mhz=np.zeros(1)).affine(window_ns=128),
     "limit_ua must stay below the pole of every oscillator at 50, not 100.0"),
    (lambda b: linearity([0, 1, 2], [0, 2, 1]),
     "counts must not fall while the current rises"),
    (lambda b: linearity([0, 1, 2], [0, 1, 1]), "counts must rise by at least 2 over the ramp"),
    (lambda b: linearity([0, 0, 2], [0, 1, 2]), "current_ua must rise from point to point"),
    (lambda b: linearity([0, 1], [0, 2]), "counts must not rise all at one point"),
    (lambda b: linearity([0, 1], [0, 1, 2]),
     "counts must have the shape of current_ua, (2,) with one axis, not (3,)"),
])
def test_refused(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call(OscillatorBank.ideal(1, 12))
