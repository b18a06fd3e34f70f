"""Array and oscillators together: the law, splits of a batch, modes, streams, refusals."""

import tracemalloc
from functools import partial

import numpy as np
import pytest

from golden.array.counter import ArrayCounter
from golden.array.crossbar import Crossbar
from golden.array.device import Ideal, PcmLike
from golden.array.effects import ArrayEffects
from golden.array.modes import READ_MODES, combine, read_mode
from golden.array.spans import BLOCK
from golden.convert.oscillator import OscillatorBank

VOLTAGE_V = 0.2


def counter(rows=64, columns=40, device=None, bank=None, precision="float32", clock_ns=1.0,
            scale=1.0, **effects):
    rng = np.random.default_rng(4)
    weights = scale * rng.uniform(-1, 1, (rows, columns))
    crossbar = Crossbar.from_weights(weights, device=device or PcmLike(), rng=rng, w_max=1.0,
                                     precision=precision, effects=ArrayEffects(**effects))
    bank = bank or OscillatorBank.sample(columns, 12, rng)
    return crossbar, bank, ArrayCounter(crossbar=crossbar, bank=bank, read_voltage_v=VOLTAGE_V,
                                        clock_ns=clock_ns)


def lengths(batch, rows=64, seed=2):
    return np.random.default_rng(seed).integers(-127, 128, (batch, rows))


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("scale", [0.2, 1.0])
def test_the_law_is_the_one_of_the_bank(precision, scale):
    rng = np.random.default_rng(7)
    bank = OscillatorBank(gain_mhz_per_ua=rng.uniform(28, 42, (2, 40)),
                          nonlinearity_per_ua=rng.uniform(-1e-3, 1e-3, (2, 40)),
                          offset_mhz=rng.uniform(-30, 30, (2, 40)), counter_bits=8)
    crossbar, _, counted = counter(bank=bank, precision=precision, scale=scale)
    x = lengths(500)
    current_ua = crossbar.currents_ua(x, window_clocks=128, read_voltage_v=VOLTAGE_V, seed=1)
    wanted = bank.counts(current_ua, window_ns=128.0)
    got = counted.counts(x, window_clocks=128, seed=1)
    if scale == 1.0:
        assert wanted.max() == 255, "the full counter is not exercised"
    if precision == "float64":
        assert (got == wanted).all()
    # Ten roundings of 2^-24 each move a count of up to 255 by 1.5e-4, so about one in 6,600
    # may cross a truncation edge.
    assert np.abs(got - wanted).max() <= 1
    assert (got != wanted).mean() < 5e-4


def test_current_limit():
    rng = np.random.default_rng(0)
    crossbar = Crossbar.from_weights(np.ones((64, 3)), device=Ideal(), rng=rng)
    counted = ArrayCounter(crossbar=crossbar, bank=OscillatorBank.ideal(3, 12),
                           read_voltage_v=VOLTAGE_V)
    # 64 devices of 25 µS at 0.2 V would be 317 µA; the limit of 100 µA is 448 counts.
    assert (counted.counts(np.full((1, 64), 127), window_clocks=128, seed=0)[:, 0] == 448).all()
    assert (counted.counts(np.zeros((1, 64), int), window_clocks=128, seed=0) == 0).all()


def test_an_offset_below_zero_counts_nothing():
    bank = OscillatorBank(gain_mhz_per_ua=np.full((2, 40), 35.0),
                          nonlinearity_per_ua=np.zeros((2, 40)),
                          offset_mhz=np.full((2, 40), -30.0), counter_bits=12)
    assert not counter(bank=bank)[2].counts(np.zeros((2, 64), int), window_clocks=128,
                                            seed=0).any()


def test_counts_do_not_depend_on_the_split():
    _, _, counted = counter(ir_drop_scale=1.0, output_noise=0.04, polarity_asymmetry=0.01)
    total = 3 * BLOCK + 50
    x = lengths(total)
    whole = counted.counts(x, window_clocks=128, seed=(1, 2))
    assert whole.dtype == np.int32
    rng = np.random.default_rng(5)
    for _ in range(5):
        cuts = [0, *np.sort(rng.integers(0, total, 6)).tolist(), total]
        parts = [counted.counts(x[a:b], window_clocks=128, seed=(1, 2), first=a)
                 for a, b in zip(cuts, cuts[1:], strict=False)]
        assert (np.concatenate(parts) == whole).all(), cuts
    streamed = list(counted.stream(np.split(x, [1, 40, BLOCK, 300]), window_clocks=128,
                                   seed=(1, 2)))
    assert (np.concatenate(streamed) == whole).all()
    backwards = [counted.counts(x[n:n + 1], window_clocks=128, seed=(1, 2), first=n)[0]
                 for n in reversed(range(0, total, 11))]
    assert (np.array(backwards[::-1]) == whole[::11]).all()


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32, np.int64])
def test_the_type_of_the_input_does_not_matter(kind):
    _, _, counted = counter()
    x = lengths(10)
    got = counted.counts(x.astype(kind), window_clocks=128, seed=1)
    assert (got == counted.counts(x, window_clocks=128, seed=1)).all()


@pytest.mark.parametrize("name", READ_MODES)
def test_a_mode_is_its_reads_added(name):
    mode = read_mode(name)
    _, _, counted = counter()
    x = lengths(9)
    parts = [counted.counts(read.lengths, window_clocks=read.window_clocks, seed=(6, k),
                            sides=read.sides) for k, read in enumerate(mode.reads(x))]
    whole = counted.read(x, mode, seed=6)
    assert (whole == combine(mode.reads(x), parts)).all()
    assert whole.dtype == np.int64
    assert (np.concatenate([counted.read(x[:4], mode, seed=6),
                            counted.read(x[4:], mode, seed=6, first=4)]) == whole).all()


@pytest.mark.parametrize("name", READ_MODES)
def test_modes_agree_up_to_truncation_on_an_ideal_array(name):
    # Each read drops less than one count per oscillator, times its weight.
    mode = read_mode(name)
    bank = OscillatorBank.ideal(40, 24)
    _, _, counted = counter(device=Ideal(g_max_us=2.0), bank=bank, clock_ns=64.0)
    x = lengths(50)
    unit = mode.clocks_per_unit
    exact = unit * counted.read(x, read_mode("one_phase"), seed=0)
    dropped = exact - counted.read(x, mode, seed=0)
    assert dropped.max() <= sum(read.weight for read in mode.reads(x))
    assert dropped.min() >= -unit
    if name != "one_phase":
        assert dropped.any()


def test_four_phases_do_not_see_the_asymmetry():
    skewed, plain = (counter(device=Ideal(), bank=OscillatorBank.ideal(40, 12), scale=0.3,
                             polarity_asymmetry=value)[2] for value in (0.2, 0.0))
    x = lengths(20)
    four, one = read_mode("four_phase"), read_mode("one_phase")
    assert (skewed.read(x, four, seed=0) == plain.read(x, four, seed=0)).all()
    difference = skewed.read(x, one, seed=0) - plain.read(x, one, seed=0)
    assert not difference[:, 0].any()
    assert difference[:, 1].any()


def test_part_of_an_array():
    _, _, counted = counter()
    x = lengths(6)
    part = np.zeros_like(x)
    part[:, 5:20] = x[:, 5:20]
    whole = counted.counts(part, window_clocks=128, seed=3)[..., 7:30]
    got = counted.counts(x[:, 5:20], window_clocks=128, seed=3, rows=slice(5, 20),
                         columns=slice(7, 30))
    # Products of another shape may round another way.
    assert np.abs(got - whole).max() <= 1
    assert (got != whole).mean() < 0.01


def test_ageing_reaches_the_counts():
    crossbar, _, counted = counter()
    fresh = counted.counts(lengths(50), window_clocks=128, seed=1)
    crossbar.advance(86400.0)
    ratio = counted.counts(lengths(50), window_clocks=128, seed=1).sum() / fresh.sum()
    # 4321^-0.049 = 0.66 for strong devices, less for weak ones.
    assert 0.5 < ratio < 0.7


def test_a_long_stream_needs_the_memory_of_one_batch():
    _, _, counted = counter(columns=256, rows=256)
    batch = lengths(1024, 256).astype(np.int8)
    tracemalloc.start()
    total = sum(len(counts) for counts in counted.stream([batch] * 20, window_clocks=128, seed=1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 20 * 1024
    # Two results of 2 MB, one of them still with the caller, and blocks of some 2 MB.
    assert peak < 10e6


GOOD = {"crossbar": counter(4, 4)[0], "bank": OscillatorBank.ideal(4, 12), "read_voltage_v": 0.2}


@pytest.mark.parametrize(("call", "error", "message"), [
    (partial(ArrayCounter, **(GOOD | {"crossbar": 1})), TypeError,
     "^crossbar must be a Crossbar, not 1$"),
    (partial(ArrayCounter, **(GOOD | {"bank": 1})), TypeError,
     "^bank must be an OscillatorBank, not 1$"),
    (partial(ArrayCounter, **(GOOD | {"bank": OscillatorBank.ideal(5, 12)})), ValueError,
     "^bank must have 4 columns, not 5$"),
    (partial(ArrayCounter, **(GOOD | {"bank": OscillatorBank.ideal(4, 25)})), ValueError,
     "^counter_bits must be at most 24, not 25$"),
    (partial(ArrayCounter, **(GOOD | {"read_voltage_v": -0.2})), ValueError,
     r"^read_voltage_v must be greater than 0, not -0\.2$"),
    (partial(ArrayCounter, **GOOD, clock_ns=0), ValueError, "^clock_ns must be greater than 0"),
    (lambda: ArrayCounter(**GOOD).read([[0] * 4], "split", seed=0), TypeError,
     "^mode must be a ReadMode, not 'split'$"),
    (lambda: ArrayCounter(**GOOD).counts([[0] * 3], window_clocks=128, seed=0), ValueError,
     r"^x must have shape \(batch, 4\), not \(1, 3\)$"),
])
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()
