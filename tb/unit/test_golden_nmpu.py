"""The golden NMPU against worked numbers, and at both ends of every range."""

import re
from dataclasses import replace

import numpy as np
import pytest

from golden.formats import NmpuFormats
from golden.fp16 import Fp16Coefficients, process_fp16
from golden.nmpu import (
    Coefficients,
    accumulate,
    clip_sums,
    combine,
    finish,
    gather,
    normalise,
    process,
    residual,
)
from golden.presets import tiny
from golden.qformat import QFormat
from golden.readout import capture, groups
from golden.reference import process_real
from golden.requantise import Rounding
from golden.settings import Settings

# Two columns of small formats, so that every number below can be followed by hand.
CONFIG = tiny.replace(array={"columns": 2}, drive={
    "read_modes": ("one_phase", "four_phase", "split")}, nmpu={
    "max_reads": 18, "accumulator_bits": 27,
    "scale": QFormat(False, 1, 7), "offset": QFormat(True, 7, 1),
    "norm_scale": QFormat(True, 1, 11), "norm_bias": QFormat(True, 16, 4)})


def coefficients(**real):
    ideal = {"scale": np.ones((2, 2)), "offset": np.zeros((2, 2)),
             "norm_scale": np.full(2, 0.5), "norm_bias": np.zeros(2)}
    return Coefficients.from_real(CONFIG, **{**ideal, **real})


def test_combine_by_hand():
    given = coefficients(scale=[[1.0, 0.5], [1.5, 1.0]], offset=[[0.5, -64.0], [-1.0, 63.5]])
    # Column 0: (1.0*100 + 0.5) - (1.5*40 - 1.0) = 100.5 - 59 = 41.5
    # Column 1: (0.5*7 - 64) - (1.0*9 + 63.5) = -60.5 - 72.5 = -133
    got = combine(np.array([[100, 7], [40, 9]]), given, CONFIG)
    assert (got / 2**7).tolist() == [41.5, -133.0]


def test_process_by_hand():
    given = coefficients(norm_scale=[0.25, -0.5], norm_bias=[-3.0, 0.0625])
    counts = np.array([[[10, 8], [4, 8]], [[0, 9], [2, 2]]])  # two reads of (P, N)
    # Column 0: reads 6 and -2, sum 4; 4*0.25 - 3 = -2.
    # Column 1: reads 0 and 7, sum 7; 7*-0.5 + 0.0625 = -3.4375.
    z = normalise(gather(combine(counts, given, CONFIG), [1, 1], CONFIG), given, CONFIG)
    assert (z / 2**18).tolist() == [-2.0, -3.4375]
    # Shifted by 18: -2 and -3.4375 -> -3. By 17: -4 and -6.875 -> -7. Both 0 after ReLU.
    for shift, relu, wanted in ((18, False, [-2, -3]), (17, False, [-4, -7]), (17, True, [0, 0])):
        got = process(counts, given, Settings(reads=2, shift=shift, relu=relu), CONFIG)
        assert got.tolist() == wanted


def test_weights_by_hand():
    given = coefficients(offset=[[0.5, 0.0], [0.0, -1.0]])
    combined = combine(np.array([[[10, 8], [4, 8]], [[0, 9], [2, 2]], [[1, 1], [1, 1]]]), given,
                       CONFIG)
    # Column 0: 6.5, -1.5, 0.5; column 1: 1, 8, 1. Times 1, 2 and 8; offsets weigh as the counts.
    got = gather(combined, [1, 2, 8], CONFIG)
    assert (got / 2**7).tolist() == [6.5 - 3 + 4, 1 + 16 + 8]
    assert gather(combined, [1, 1, 1], CONFIG).tolist() == combined.sum(axis=0).tolist()
    # Leading axes are free.
    batch = np.stack([combined, 2 * combined])[:, None]
    np.testing.assert_array_equal(gather(batch, [1, 2, 8], CONFIG), [[got], [2 * got]])


def test_an_exponent_doubles_scales_and_offsets_and_nothing_else():
    given = coefficients(scale=[[1.0, 0.5], [1.5, 1.0]], offset=[[0.5, -64.0], [-1.0, 63.5]],
                         norm_bias=[4.0, 200.0])
    double = replace(given, exponent=1)
    counts = np.array([[[100, 7], [40, 9]]])
    # 41.5 and -133 as above; doubled 83 and -266; halved by norm_scale; the bias once.
    for bank, wanted in ((given, [20.75 + 4, -66.5 + 200]), (double, [41.5 + 4, -133.0 + 200])):
        got = gather(combine(counts, bank, CONFIG), [1], CONFIG, exponent=bank.exponent)
        assert (normalise(got, bank, CONFIG) / 2**18).tolist() == wanted
    # 45.5 is a tie and goes to the even 46.
    assert process(counts, double, Settings(shift=18), CONFIG).tolist() == [46, 67]
    assert double.real(CONFIG)["scale"].tolist() == [[2.0, 1.0], [3.0, 2.0]]
    assert double.real(CONFIG)["offset"].tolist() == [[1.0, -128.0], [-2.0, 127.0]]
    assert double.real(CONFIG)["norm_bias"].tolist() == [4.0, 200.0]


@pytest.mark.parametrize(("engine", "exponent", "message"), [
    (True, 2, "exponent must be from 0 to 1, not 2"),
    (True, -1, "exponent must be from 0 to 1, not -1"),
    (True, True, "exponent must be from 0 to 1, not True"),
    (True, 1.0, "exponent must be from 0 to 1, not 1.0"),
    (False, 1, "exponent must be from 0 to 0, not 1")])
def test_refused_exponents(engine, exponent, message):
    config = CONFIG.replace(drift={"engine": engine})
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        replace(coefficients(), exponent=exponent).validate(config)
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        gather(np.zeros((1, 2), int), [1], config, exponent=exponent)


def test_process_in_every_mode_by_hand():
    given = coefficients(offset=[[0.5, 0.0], [0.0, 0.0]])
    one = np.array([[10, 8], [4, 8]])    # 6.5 and 0
    two = np.array([[0, 9], [2, 2]])     # -1.5 and 7
    for mode, counts, wanted in (
            ("four_phase", [one, two, two, two], [6.5 - 4.5, 21]),
            ("split", [one, two], [6.5 - 12, 56]),              # 3 low bits: weights 1 and 8
            ("split", [one, two, one, two], [13 - 24, 112])):   # two vectors
        settings = Settings(reads=len(counts) // len(Settings(read_mode=mode).weights),
                            shift=18, read_mode=mode)
        got = process(np.array(counts), given, settings, CONFIG)
        # norm_scale is one half; ties to even.
        assert got.tolist() == [round(value / 2) for value in wanted], mode
        real = process_real(np.array(counts), given.real(CONFIG), settings, CONFIG)
        assert real.tolist() == [value / 2 for value in wanted], mode
    # Of 6 bits the low slice has 2: weights 1 and 4.
    got = process(np.array([one, two]), given, Settings(shift=18, read_mode="split", input_bits=6),
                  CONFIG)
    assert got.tolist() == [round((6.5 - 6) / 2), 14]


def test_bit_serial_by_hand():
    config = CONFIG.replace(drive={"read_modes": ("one_phase", "bit_serial")},
                            nmpu={"max_reads": 127, "accumulator_bits": 30})
    counts = np.zeros((7, 2, 2), int)
    counts[:, 0, 0] = [1, 0, 1, 0, 0, 0, 1]       # 1 + 4 + 64
    counts[:, 1, 1] = [0, 1, 0, 0, 0, 0, 0]       # -2
    got = process(counts, coefficients(), Settings(shift=17, read_mode="bit_serial"), config)
    assert got.tolist() == [69, -2]


def test_bypass_by_hand():
    given = coefficients(norm_scale=[0.25, -0.5], norm_bias=[-3.0, 77.0])
    counts = np.array([[[10, 8], [4, 0]]])
    # 6 and 8 themselves.
    got = process(counts, given, Settings(shift=18, bypass=True), CONFIG)
    assert got.tolist() == [6, 8]
    real = process_real(counts, given.real(CONFIG), Settings(shift=18, bypass=True), CONFIG)
    assert real.tolist() == [6, 8]


@pytest.mark.parametrize(("relu_first", "relu", "wanted"), [
    # -3 + 5 and -3 - 5; the first ReLU makes them 5 and -5, the second cuts what is below 0.
    (False, False, [2, -8]), (False, True, [2, 0]), (True, False, [5, -5]), (True, True, [5, 0])])
def test_residuals_and_both_activations_by_hand(relu_first, relu, wanted):
    counts = np.array([[[0, 0], [6, 6]]])
    settings = Settings(shift=18, relu_first=relu_first, relu=relu, residual=True,
                        residual_scale=128, residual_shift=11)
    received = np.array([5, -5])
    got = process(counts, coefficients(), settings, CONFIG, received=received)
    assert got.tolist() == wanted
    real = process_real(counts, coefficients().real(CONFIG), settings, CONFIG, received=received)
    assert real.tolist() == wanted
    # The same order as the published unit, on numbers that float16 holds.
    half, _ = process_fp16(counts[0], Fp16Coefficients(
        scale=np.ones((2, 2)), offset=np.zeros((2, 2)), norm_scale=np.full(2, 0.5),
        norm_bias=np.zeros(2)), relu=relu_first, received=received, received_scale=1.0,
        relu_after=relu)
    assert half.tolist() == wanted


def test_residuals_at_every_end():
    formats = NmpuFormats.of(CONFIG)
    most = formats.residual_shift
    ends = residual(np.array([-128, 127, 0]), CONFIG, scale=255, shift=most)
    assert ends.tolist() == [-32640 << most, 32385 << most, 0]
    assert ends[0] == formats.residual.low
    # As large as a normalised number may be, and not half as large.
    assert formats.residual.high <= formats.normalised.high < 2 * formats.residual.high
    assert residual(np.array([-128, 127]), CONFIG, scale=1, shift=0).tolist() == [-128, 127]
    with pytest.raises(OverflowError, match="^residual spans "):
        residual(np.array([-128]), CONFIG, scale=255, shift=most + 1)
    with pytest.raises(ValueError, match="^residual must be from -128 to 127, not -129 to 0$"):
        residual(np.array([-129, 0]), CONFIG, scale=1, shift=0)


def test_accumulators_start_where_they_are_told():
    given = coefficients()
    counts = np.array([[[10, 8], [4, 8]]])
    settings = Settings(shift=18, bypass=True)
    alone = accumulate(counts, given, settings, CONFIG)
    assert (alone / 2**7).tolist() == [6, 0]
    resumed = accumulate(counts, given, settings, CONFIG, start=alone)
    assert (resumed / 2**7).tolist() == [12, 0]
    assert finish(resumed, given, settings, CONFIG).tolist() == [12, 0]
    both = process(np.concatenate([counts, counts]), given,
                   Settings(shift=18, bypass=True, reads=2), CONFIG)
    assert both.tolist() == [12, 0]


def test_partial_sums_are_clipped_to_half_of_the_accumulator():
    half = 9 * 2 * 1_060_545  # max_reads // 2 reads of exponent 1
    words = np.array([half, half + 1, -half, -half - 1, 0, 1 << 31, -1 << 31])
    sums, clipped = clip_sums(words, CONFIG)
    assert sums.tolist() == [half, half, -half, -half, 0, half, -half]
    assert clipped
    assert clip_sums(words[[0, 2, 4]], CONFIG)[1] is False
    # With as many of the largest reads again they just fit, one more does not.
    full = np.full((9, 2), 1_060_545)
    got = gather(full, [1] * 9, CONFIG, exponent=1, start=np.array([half, 0]))
    assert got[0] == NmpuFormats.of(CONFIG).accumulated.high
    with pytest.raises(OverflowError, match="^accumulator spans "):
        gather(np.full((10, 2), 1_060_545), [1] * 10, CONFIG, exponent=1,
               start=np.array([half, 0]))


@pytest.mark.parametrize(("rule", "wanted"), [
    (Rounding.FLOOR, [-2, 1]), (Rounding.HALF_UP, [-1, 2]),
    (Rounding.HALF_AWAY, [-2, 2]), (Rounding.HALF_EVEN, [-2, 2])])
def test_ties(rule, wanted):
    # Counts of -3 and 3 halved: -1.5 and 1.5, ties of both signs.
    config = CONFIG.replace(nmpu={"rounding": rule})
    got = process(np.array([[[0, 3], [3, 0]]]), coefficients(), Settings(shift=18), config)
    assert got.tolist() == wanted


@pytest.mark.parametrize("relu", [False, True])
@pytest.mark.parametrize("bits", [8, 6, 4])
@pytest.mark.parametrize("shift", [0, 1, 18, 31])
def test_large_sums_saturate_and_never_wrap(shift, bits, relu):
    reads, top = CONFIG.nmpu.max_reads, 4095
    given = coefficients(scale=np.full((2, 2), 255 / 128), norm_scale=[-1.0, -1.0],
                         offset=[[-64, 63.5], [63.5, -64]], norm_bias=[32767.9375, -32768.0])
    # Column 0: P empty and N full, so the most negative sum, times -1 the most positive number.
    counts = np.broadcast_to(np.array([[0, top], [top, 0]]), (reads, 2, 2))
    low, high = (0 if relu else -(1 << bits - 1)), (1 << bits - 1) - 1
    settings = Settings(reads=reads, shift=shift, output_bits=bits, relu=relu)
    got = process(counts, given, settings, CONFIG)
    # 18*(4095*255/128 + 127.5) + 32767.9375 = 181 907.1, raw times 2^18; over 2^31 it is 22.21.
    wanted = [min(high, 22), max(low, -22)] if shift == 31 else [high, low]
    assert got.tolist() == wanted


def test_batches_are_independent():
    rng = np.random.default_rng(5)
    given = Coefficients.random(CONFIG, rng)
    counts = rng.integers(0, 4096, (3, 4, 2, 2, 2))
    settings = Settings(reads=2, shift=16)
    whole = process(counts, given, settings, CONFIG)
    assert whole.shape == (3, 4, 2)
    np.testing.assert_array_equal(whole[1, 3], process(counts[1, 3], given, settings, CONFIG))


@pytest.mark.parametrize(("settings", "message"), [
    ({"reads": 0}, "reads must be from 1 to 18 in one_phase of 8-bit inputs, not 0"),
    ({"reads": 19}, "reads must be from 1 to 18 in one_phase of 8-bit inputs, not 19"),
    ({"shift": 32}, "shift must be in range(0, 32), not 32"),
    ({"shift": -1}, "shift must be in range(0, 32), not -1"),
    ({"output_bits": 5}, "output_bits must be in [8, 6, 4], not 5"),
    ({"input_bits": 0}, "input_bits must be in [8, 6, 4], not 0"),
])
def test_refused_settings(settings, message):
    config = CONFIG.replace(nmpu={"shift_bits": 5})
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Settings(**settings).validate(config)


def test_refusals():
    given = coefficients()
    with pytest.raises(ValueError, match=r"^counts must hold 2 reads, not 1$"):
        process(np.zeros((1, 2, 2), dtype=int), given, Settings(reads=2), CONFIG)
    with pytest.raises(ValueError, match=r"^counts must hold 4 reads, not 2$"):
        process(np.zeros((2, 2, 2), dtype=int), given, Settings(reads=2, read_mode="split"),
                CONFIG)
    steepest = coefficients(scale=np.full((2, 2), 255 / 128))
    with pytest.raises(ValueError, match=r"^counts must be from 0 to 4095, not 0 to 4096$"):
        combine(np.array([[4096, 0], [0, 0]]), steepest, CONFIG)
    with pytest.raises(TypeError, match=r"^counts must hold integers .*, not float64$"):
        combine(np.array([[3.9, 0], [0, 0]]), steepest, CONFIG)
    with pytest.raises(OverflowError, match=r"^accumulator spans "):
        gather(np.full((19, 1), 1_060_545), [1] * 19, CONFIG, exponent=1)
    with pytest.raises(ValueError, match="^residuals must be given with settings.residual, and "):
        process(np.zeros((1, 2, 2), dtype=int), given, Settings(residual=True), CONFIG)
    with pytest.raises(ValueError, match="^residuals must be given with settings.residual, and "):
        process(np.zeros((1, 2, 2), dtype=int), given, Settings(), CONFIG, received=np.zeros(2))
    with pytest.raises(ValueError, match=r"^start must be \(2,\), not \(3,\)$"):
        process(np.zeros((1, 2, 2), dtype=int), given, Settings(), CONFIG,
                start=np.zeros(3, int))
    with pytest.raises(OverflowError, match=r"^start spans "):
        process(np.zeros((1, 2, 2), dtype=int), given, Settings(), CONFIG,
                start=np.full(2, 1 << 40))
    with pytest.raises(ValueError, match=r"^weights must be 3, one per read, not 2$"):
        gather(np.zeros((3, 1), int), [1, 1], CONFIG)
    with pytest.raises(ValueError, match=r"^scale 2 does not fit U\(1,7\): allowed are 0 to 1\.99"):
        coefficients(scale=np.full((2, 2), 2.0))
    with pytest.raises(ValueError, match=r"^offset must be int64 of shape \(2, 2\), not int64 of "):
        Coefficients(scale=given.scale, offset=given.offset[:1], norm_scale=given.norm_scale,
                     norm_bias=given.norm_bias).validate(CONFIG)
    with pytest.raises(ValueError, match=r"^norm_bias spans .* outside S\(16,4\)$"):
        Coefficients(scale=given.scale, offset=given.offset, norm_scale=given.norm_scale,
                     norm_bias=given.norm_bias + (1 << 19)).validate(CONFIG)


def test_real_gives_back_what_was_exact():
    real = coefficients(offset=[[0.5, -64.0], [-1.0, 63.5]]).real(CONFIG)
    assert real["offset"].tolist() == [[0.5, -64.0], [-1.0, 63.5]]
    assert real["norm_scale"].tolist() == [0.5, 0.5]


def test_capture_and_groups():
    counts, full = capture(np.array([[[1, 15], [0, 0]], [[14, 0], [2, 3]]]), counter_bits=4)
    assert full.tolist() == [[False, True], [False, False]]
    assert groups(counts[0, 0], lanes=1).tolist() == [[1], [15]]
    assert groups(np.arange(6), lanes=2).tolist() == [[0, 1], [2, 3], [4, 5]]
    for bad in (-1, 16):
        with pytest.raises(ValueError, match="^counts must be from 0 to 15, not "):
            capture(np.full((2, 2), bad), counter_bits=4)
