"""What a measurement drives, adds and reports; and the proven formats of the engine."""

import re
from dataclasses import replace

import numpy as np
import pytest

from golden.drift.formats import DriftFormats
from golden.drift.measure import calibration_vectors, measure
from golden.nmpu import Coefficients
from golden.presets import PRESETS, hermes, tiny
from golden.qformat import QFormat

TWO = tiny.replace(array={"columns": 2, "rows": 3}, stream={"x_bits": 8},
                   program={"engine": False})


def neutral(**real):
    return Coefficients.from_real(TWO, **{
        "scale": np.ones((2, 2)), "offset": np.zeros((2, 2)), "norm_scale": np.full(2, 0.5),
        "norm_bias": np.zeros(2), **real})


def test_constant_and_one_hot_by_hand():
    assert calibration_vectors(TWO, "constant", repeats=2, value=-9).tolist() == [[-9] * 3] * 2
    assert calibration_vectors(TWO, "one_hot", repeats=5, value=7).tolist() == [
        [7, 0, 0], [0, 7, 0], [0, 0, 7], [7, 0, 0], [0, 7, 0]]


def test_stored_vectors_repeat():
    stored = np.array([[1, 2, 3], [-128, 0, 127]])
    got = calibration_vectors(TWO, "stored", repeats=3, stored=stored)
    assert got.tolist() == [[1, 2, 3], [-128, 0, 127], [1, 2, 3]]


def test_sums_by_hand():
    base = neutral(scale=[[1.5, 1.0], [1.0, 0.5]], offset=[[-1.0, 0.0], [0.5, 2.0]])
    counts = np.array([[[[10, 4], [4, 4]]], [[[2, 0], [6, 9]]]])
    # Column 0: 15 - 1 - 4 - 0.5 = 9.5 and 3 - 1 - 6 - 0.5 = -4.5.
    # Column 1: 4 - 2 - 2 = 0 and 0 - 4.5 - 2 = -6.5.
    signed = measure(counts, base, TWO, absolute=False)
    absolute = measure(counts, base, TWO, absolute=True)
    assert (signed.sums / 2**7).tolist() == [5.0, -6.5]
    assert (absolute.sums / 2**7).tolist() == [14.0, 6.5]
    assert (signed.absolute, absolute.absolute) == (False, True)
    assert (signed.repeats, signed.weight, signed.saturated) == (2, 1, False)


def test_reads_of_a_vector_are_weighed_before_the_absolute_value():
    counts = np.array([[[[5, 0], [0, 1]], [[0, 1], [2, 0]]]])
    # Reads 5 and -2, weights 1 and 8: -11; -1 and 1: 7.
    for absolute, wanted in ((False, [-11, 7]), (True, [11, 7])):
        got = measure(counts, neutral(), TWO, absolute=absolute, weights=(1, 8))
        assert (got.sums / 2**7).tolist() == wanted
        assert got.weight == 9


def test_a_full_counter_is_told_wherever_it_stands():
    for place in np.ndindex(2, 1, 2, 2):
        counts = np.zeros((2, 1, 2, 2), int)
        counts[place] = 4094
        assert not measure(counts, neutral(), TWO, absolute=True).saturated
        counts[place] = 4095
        assert measure(counts, neutral(), TWO, absolute=True).saturated


def test_the_largest_sum_fits():
    """Every repeat the worst readout, at the most weight; the exponent leaves another bit."""
    base = neutral(scale=np.full((2, 2), 255 / 128), offset=[[63.5, -64], [-64, 63.5]])
    counts = np.broadcast_to([[4095, 0], [0, 4095]], (256, 1, 2, 2))
    got = measure(counts, base, TWO, absolute=False, weights=(128,))
    wanted = 256 * 128 * 1_060_545
    assert got.sums.tolist() == [wanted, -wanted]
    assert DriftFormats.of(TWO).sum.high == 2 * wanted


def test_formats_of_hermes_by_hand():
    formats = DriftFormats.of(hermes)
    most = 256 * 271_499_520
    assert (formats.sum.low, formats.sum.high) == (-most, most)
    assert formats.sum.fmt == QFormat(True, 31, 7)
    assert (formats.difference.high, formats.difference.fmt.width) == (2 * most, 39)
    assert (formats.total.low, formats.total.high) == (0, 512 * most)
    # 255 * 65535 + 2^14; (127 or -128) * (65535 + 16384), with 2^14 on top.
    assert (formats.scaled.high, formats.scaled.fmt) == (16_727_809, QFormat(True, 4, 21))
    assert (formats.shifted.low, formats.shifted.high) == (-10_485_632, 10_420_097)
    assert formats.line.low == -most * 81_919
    # Half a step: 2^(7 + 14 - 1 + 15 - 1).
    assert formats.line.high == most * 81_919 + 2**35
    assert formats.line.fmt.width == 54


@pytest.mark.parametrize("name", [name for name in PRESETS if name != "lean"])
def test_every_preset_with_an_engine_has_formats(name):
    for bounds in vars(DriftFormats.of(PRESETS[name])).values():
        assert bounds.fmt.holds(bounds.low, bounds.high)
    assert PRESETS[name].drift.engine and not PRESETS["lean"].drift.engine


@pytest.mark.parametrize(("kind", "given", "message"), [
    ("random", {}, "kind must be one of constant, one_hot, stored, not 'random'"),
    ("constant", {"repeats": 0, "value": 1}, "repeats must be an integer in 1..256, not 0"),
    ("constant", {"repeats": 257, "value": 1}, "repeats must be an integer in 1..256, not 257"),
    ("one_hot", {"value": 128}, "value must be an integer in -128..127, not 128"),
    ("stored", {"stored": np.zeros((5, 3), int)}, "stored must be (1 to 4, 3), not (5, 3)"),
    ("stored", {"stored": np.zeros((0, 3), int)}, "stored must be (1 to 4, 3), not (0, 3)"),
    ("stored", {"stored": np.zeros((2, 4), int)}, "stored must be (1 to 4, 3), not (2, 4)"),
    ("stored", {"stored": np.full((1, 3), 128)}, "stored must hold -128 to 127, not 128 to 128")])
def test_refused_inputs(kind, given, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        calibration_vectors(TWO, kind, **{"repeats": 4, **given})


def test_refused_measurements():
    zero = np.zeros((1, 1, 2, 2), int)
    with pytest.raises(ValueError, match=r"^base must have exponent 0, not 1$"):
        measure(zero, replace(neutral(), exponent=1), TWO, absolute=True)
    with pytest.raises(ValueError, match=r"^counts must be \(repeats, reads, 2, columns\), not "):
        measure(zero[0], neutral(), TWO, absolute=True)
    with pytest.raises(ValueError, match=r"^repeats must be an integer in 1..256, not 257$"):
        measure(np.zeros((257, 1, 2, 2), int), neutral(), TWO, absolute=True)
    with pytest.raises(ValueError, match=r"^weights must be 1, one per read, not 2$"):
        measure(zero, neutral(), TWO, absolute=True, weights=(1, 2))
