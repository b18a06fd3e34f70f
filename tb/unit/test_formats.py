"""The proven bounds: reached exactly by extreme operands, and by brute force on a small format."""

import itertools

import numpy as np
import pytest

from golden.array.modes import READ_MODES, read_mode
from golden.config import ConfigError
from golden.formats import Interval, NmpuFormats
from golden.nmpu import Coefficients, combine, gather, normalise
from golden.presets import PRESETS, hermes, tiny
from golden.qformat import QFormat
from golden.settings import Settings, most_reads
from tb.cases.configs import CONFIGS


def extremes(config):
    """Combined, accumulated and normalised numbers of the worst operands, one column each."""
    nmpu, top = config.nmpu, (1 << config.readout.counter_bits) - 1
    cases = list(itertools.product((0, 1), repeat=2))
    pick = np.array([(fmt.min, fmt.max) for fmt in (nmpu.norm_scale, nmpu.norm_bias)])
    norm_scale, norm_bias = (np.array([row[case[k]] for case in cases] * 2)
                             for k, row in enumerate(pick))
    p_wins = np.repeat([True, False], len(cases))
    counts = np.where(p_wins, [[top], [0]], [[0], [top]])
    offset = np.where(p_wins, [[nmpu.offset.max], [nmpu.offset.min]],
                      [[nmpu.offset.min], [nmpu.offset.max]])
    coefficients = Coefficients(scale=np.full(counts.shape, nmpu.scale.max), offset=offset,
                                norm_scale=norm_scale, norm_bias=norm_bias)
    combined = combine(np.broadcast_to(counts, (nmpu.max_reads, *counts.shape)), coefficients,
                       config)
    top = {"exponent": config.exponents[-1]}
    accumulated = gather(combined, [1] * nmpu.max_reads, config, **top)
    # As much weight on one read is the same sum.
    np.testing.assert_array_equal(gather(combined[:1], [nmpu.max_reads], config, **top),
                                  accumulated)
    return {"combined": combined, "accumulated": accumulated,
            "normalised": normalise(accumulated, coefficients, config)}


@pytest.mark.parametrize("config", [*PRESETS.values(), *CONFIGS.values()],
                         ids=[*PRESETS, *CONFIGS])
def test_bounds_are_reached(config):
    formats = NmpuFormats.of(config)
    for name, values in extremes(config).items():
        bounds = getattr(formats, name)
        assert (values.min(), values.max()) == (bounds.low, bounds.high), name
        assert bounds.fmt.holds(bounds.low, bounds.high), name


def test_brute_force():
    config = tiny.replace(
        readout={"counter_bits": 4},
        drive={"read_modes": ("one_phase",)},
        nmpu={"scale": QFormat(False, 1, 1), "offset": QFormat(True, 2, 0), "max_reads": 3,
              "norm_scale": QFormat(True, 1, 1), "norm_bias": QFormat(True, 1, 2),
              "accumulator_bits": 11})
    nmpu, formats = config.nmpu, NmpuFormats.of(config)
    n, s = np.arange(16), np.arange(nmpu.scale.min, nmpu.scale.max + 1)
    o = np.arange(nmpu.offset.min, nmpu.offset.max + 1)
    branch = (s * n[:, None])[..., None] + (o << 1)  # scale has one fraction bit, offset none
    combined = np.unique(branch.ravel()[:, None] - branch.ravel())
    assert (combined.min(), combined.max()) == (formats.combined.low, formats.combined.high)
    pairs = combined[:, None] + combined
    # Two reads with weights 1 and 2, and three of weight 1, span the same.
    weighted = combined[:, None] + 2 * combined
    sums = np.unique((np.unique(pairs)[:, None] + combined).ravel())
    assert (weighted.min(), weighted.max()) == (sums.min(), sums.max())
    sums = np.union1d(sums, 2 * sums)  # a bank may have exponent 1
    assert (sums.min(), sums.max()) == (formats.accumulated.low, formats.accumulated.high)
    k = np.arange(nmpu.norm_scale.min, nmpu.norm_scale.max + 1)
    b = np.arange(nmpu.norm_bias.min, nmpu.norm_bias.max + 1)
    # Product and bias both have two fraction bits.
    z = np.unique((sums[:, None] * k).ravel()[:, None] + b)
    assert (z.min(), z.max()) == (formats.normalised.low, formats.normalised.high)


def test_by_hand():
    formats = NmpuFormats.of(tiny.replace(drive={"read_modes": ("one_phase",)},
                                          drift={"engine": False},
                                          readout={"counter_bits": 12}, nmpu={
        "scale": QFormat(False, 1, 7), "offset": QFormat(True, 7, 1), "max_reads": 16,
        "accumulator_bits": 26, "norm_scale": QFormat(True, 1, 11),
        "norm_bias": QFormat(True, 16, 4)}))
    # 4095 * 255 = 1 044 225; offsets -128..127 in halves, aligned to 7 fraction bits.
    assert formats.product == Interval(0, 1_044_225, QFormat(False, 13, 7))
    assert formats.combined.high == 1_044_225 + (127 + 128) * 64 == 1_060_545
    assert formats.combined.low == -1_060_545
    assert formats.accumulated == Interval(-16 * 1_060_545, 16 * 1_060_545, QFormat(True, 19, 7))
    # Bias has 4 fraction bits, the product 7 + 11 = 18.
    assert formats.normalised.low == 16 * 1_060_545 * -2048 - (1 << 19) * 2**14
    assert formats.normalised.high == 16 * 1_060_545 * 2048 + ((1 << 19) - 1) * 2**14
    assert formats.normalised.fmt == QFormat(True, 19, 18)


def test_the_default_by_hand():
    formats = NmpuFormats.of(hermes)
    # 128 * 1 060 545 = 135 749 760, twice that with the exponent: between 2^28 and 2^29, so 30
    # bits with sign.
    assert formats.accumulated == Interval(-271_499_520, 271_499_520, QFormat(True, 23, 7))
    assert formats.normalised.low == 271_499_520 * -128 - (1 << 19) * 2**10 == -35_288_809_472
    assert formats.normalised.high == 271_499_520 * 128 + ((1 << 19) - 1) * 2**10
    assert formats.normalised.fmt == QFormat(True, 23, 14)


@pytest.mark.parametrize("engine", [False, True])
@pytest.mark.parametrize(("max_reads", "bits"), [
    (1, 22), (2, 23), (4, 24), (9, 25), (16, 26), (32, 27), (64, 28), (127, 29), (128, 29),
    (256, 30)])
def test_accumulator_bits_by_hand(max_reads, bits, engine):
    """1 060 545 lies between 2^20 and 2^21, so each doubling takes a bit more, and so does the
    exponent that a drift engine brings."""
    one = hermes.replace(drive={"read_modes": ("one_phase",)}, drift={"engine": engine})
    assert (max_reads * 1_060_545).bit_length() + 1 == bits
    bits += engine
    one.replace(nmpu={"max_reads": max_reads, "accumulator_bits": bits})
    with pytest.raises(ConfigError, match=f"^nmpu.accumulator_bits must be at least {bits} to "):
        one.replace(nmpu={"max_reads": max_reads, "accumulator_bits": bits - 1})


def full_scale(config, name, bits, reads):
    """Accumulated worst operands, P full in column 0 and N in column 1, in all reads."""
    settings = Settings(read_mode=name, input_bits=bits, reads=reads)
    nmpu, weights = config.nmpu, settings.weights * reads
    coefficients = Coefficients(
        scale=np.full((2, 2), nmpu.scale.max), norm_scale=np.zeros(2, int),
        offset=np.array([[nmpu.offset.max, nmpu.offset.min], [nmpu.offset.min, nmpu.offset.max]]),
        norm_bias=np.zeros(2, int))
    counts = np.broadcast_to([[4095, 0], [0, 4095]], (len(weights), 2, 2))
    return gather(combine(counts, coefficients, config), weights, config, exponent=1)


@pytest.mark.parametrize("bits", [8, 6, 4])
@pytest.mark.parametrize("name", READ_MODES)
def test_the_largest_results_of_every_mode_fit(name, bits):
    most = most_reads(hermes, read_mode=name, input_bits=bits)
    weight = read_mode(name, input_bits=bits).weight
    got = full_scale(hermes, name, bits, most)
    assert got.tolist() == [2 * most * weight * 1_060_545, -2 * most * weight * 1_060_545]
    # One vector more is refused as soon as it exceeds what is proven.
    with pytest.raises(OverflowError, match="^accumulator spans "):
        full_scale(hermes, name, bits, most + 1)


def test_check():
    bounds = Interval.of(-3, 2, frac_bits=0)
    inside = np.array([-3, 0, 2])
    assert bounds.check(inside, "sum") is inside
    empty = np.array([], dtype=np.int64)
    assert bounds.check(empty, "sum") is empty
    for outside in ([-4, 0], [0, 3]):
        with pytest.raises(OverflowError, match=r"^sum spans .* outside -3 to 2$"):
            bounds.check(np.array(outside), "sum")
