"""golden.tile: pulses, counts and results of a batch, and what it refuses."""

import re
from dataclasses import replace

import numpy as np
import pytest

from golden.nmpu import Coefficients, clip_sums, process
from golden.presets import hermes, tiny
from golden.settings import Settings
from golden.tile import PIECE, run_tile


def coefficients():
    """Scale 1, normalisation one half."""
    return Coefficients(scale=np.full((2, 8), 128), offset=np.zeros((2, 8), np.int64),
                        norm_scale=np.full(8, 64), norm_bias=np.zeros(8, np.int64)).validate(tiny)


def column_array(read):
    """Row and column have the same number; plus devices conduct 3, minus devices 1."""
    length = np.abs(read.lengths)
    plus, minus = 3 * length * (read.sides != "minus"), length * (read.sides != "plus")
    positive = read.lengths > 0
    return np.stack([np.where(positive, plus, minus), np.where(positive, minus, plus)], axis=1)


def test_result_by_hand():
    # Row 0 at 5 clocks: P counts 5 * 3 = 15, N counts 5 * 1 = 5; two reads: 20.
    # Raw: 20 * 2**7 (scale) * 64 (norm_scale) = 20 * 2**13; shift 14 leaves 10.
    x = np.zeros((2, 8), np.int64)
    x[:, 0] = 5
    run = run_tile(x, column_array, coefficients(), Settings(reads=2, shift=14), tiny)
    assert run.results.shape == (1, 8)
    np.testing.assert_array_equal(run.results[0], [10, 0, 0, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(run.lengths(), x)
    assert run.counts.shape == (2, 1, 2, 8)
    assert run.counts[:, 0, :, 0].tolist() == [[15, 5], [15, 5]]
    assert not run.input_clipped and not run.count_full


# x = 13 = 001 101 in slices of 3 bits: 5 and 1; -6 = 110. Counts of (P, N) per read.
MODES = {
    "one_phase": ([[39, 13]], [[6, 18]]),
    # (plus, > 0), (plus, < 0), (minus, > 0), (minus, < 0)
    "four_phase": ([[39, 0], [0, 0], [0, 13], [0, 0]], [[0, 0], [0, 18], [0, 0], [6, 0]]),
    "split": ([[15, 5], [3, 1]], [[6, 18], [0, 0]]),
    # Five clocks per bit, least significant first: 1011000 and 0110000.
    "bit_serial": ([[15, 5], [0, 0], [15, 5], [15, 5], [0, 0], [0, 0], [0, 0]],
                   [[0, 0], [5, 15], [5, 15], [0, 0], [0, 0], [0, 0], [0, 0]]),
}


@pytest.mark.parametrize("mode", MODES)
def test_modes_by_hand(mode):
    x = np.zeros((2, 8), np.int64)
    x[0, 2], x[1, 2] = 13, -6
    # 13 * (3 - 1) and -6 * (3 - 1); norm_scale 1/2; a bit-serial pulse has five clocks.
    unit = 5 if mode == "bit_serial" else 1
    run = run_tile(x, column_array, coefficients(), Settings(read_mode=mode, shift=14), tiny)
    assert run.counts[:, :, :, 2].tolist() == list(MODES[mode])
    assert run.results[:, 2].tolist() == [13 * unit, -6 * unit]
    assert not np.delete(run.results, 2, axis=1).any()
    assert len(run.reads) == run.counts.shape[1] == len(Settings(read_mode=mode).weights)


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "bit_serial"])
def test_vectors_of_a_result_add_up_in_every_mode(mode):
    # Two of bit_serial weigh more than max_reads.
    x = np.zeros((4, 8), np.int64)
    x[:, 2] = [13, -6, 1, 1]
    run = run_tile(x, column_array, coefficients(), Settings(read_mode=mode, shift=14, reads=2),
                   tiny)
    assert run.results[:, 2].tolist() == [7, 2]


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "bit_serial"])
def test_two_tiles_add_up_to_one_that_is_twice_as_tall(mode):
    # Not bit_serial: its weights leave no room for partial sums.
    tall, rng = tiny.replace(array={"rows": 16}), np.random.default_rng(4)
    x = rng.integers(-127, 128, (6, 16))
    g = rng.integers(0, 3, (2, 16, 8))  # 16 rows of 2 for 127 clocks: no counter is full

    def counts_of(rows):
        def read(given):
            plus, minus = np.maximum(given.lengths, 0), np.maximum(-given.lengths, 0)
            a, b = g[:, rows] * [[[given.sides != "minus"]], [[given.sides != "plus"]]]
            return np.stack([plus @ a + minus @ b, plus @ b + minus @ a], axis=1)
        return read

    random = Coefficients.random(tiny, rng)
    offsets = rng.integers(-32, 32, (2, 2, 8))
    upper, lower = (replace(random, offset=offset) for offset in offsets)
    both = replace(random, offset=offsets.sum(axis=0))
    settings = Settings(read_mode=mode, shift=15, relu_first=True, residual=True,
                        residual_scale=200, residual_shift=6)
    received = rng.integers(-128, 128, (6, 8))
    wanted = run_tile(x, counts_of(slice(16)), both, settings, tall, received=received)
    assert not wanted.count_full and len(np.unique(wanted.results)) > 10

    first = run_tile(x[:, :8], counts_of(slice(8)), upper, Settings(read_mode=mode), tiny)
    sums, clipped = clip_sums(first.accumulated, tiny)
    second = run_tile(x[:, 8:], counts_of(slice(8, 16)), lower, settings, tiny, start=sums,
                      received=received)
    assert not clipped
    np.testing.assert_array_equal(second.accumulated, wanted.accumulated)
    np.testing.assert_array_equal(second.results, wanted.results)


def test_start_and_residuals_of_many_results_stay_with_theirs():
    # More than one piece.
    n, settings = PIECE + 3, Settings(shift=14, residual=True, residual_scale=128,
                                      residual_shift=7)
    start, received = np.zeros((2, n, 8), np.int64)
    start[:, 0], received[:, 1] = 256 * np.arange(n) % 12_800, np.arange(n) % 100
    run = run_tile(np.zeros((n, 8), int), column_array, coefficients(), settings, tiny,
                   start=start, received=received)
    # Raw start times 2**6 over 2**14; a byte of 2**14 each.
    np.testing.assert_array_equal(run.results[:, 0], np.arange(n) % 50)
    np.testing.assert_array_equal(run.results[:, 1], np.arange(n) % 100)
    np.testing.assert_array_equal(run.accumulated, start)


def test_lengths_in_the_order_of_the_pins():
    x = np.zeros((2, 8), np.int64)
    x[:, 0] = [13, -6]
    run = run_tile(x, column_array, coefficients(), Settings(read_mode="split"), tiny)
    assert run.lengths().shape == (4, 8)
    assert run.lengths()[:, 0].tolist() == [5, 1, -6, 0]
    # A vector is read whole for a block of columns before the next block.
    assert run.lengths(2)[:, 0].tolist() == [5, 1, 5, 1, -6, 0, -6, 0]
    assert run.lengths(4)[:, 0].tolist() == [5, 1] * 4 + [-6, 0] * 4
    assert not run.lengths(4)[:, 1:].any()


def test_the_array_is_told_side_and_window():
    seen = []

    def array(read):
        seen.append((read.sides, read.window_clocks))
        return column_array(read)

    x = np.ones((1, 8), np.int64)
    run_tile(x, array, coefficients(), Settings(read_mode="four_phase", input_bits=6), tiny)
    assert seen == [("plus", 32), ("plus", 32), ("minus", 32), ("minus", 32)]


def test_flags():
    counts = np.zeros((1, 2, 8), np.int64)
    x = np.full((1, 8), 7)
    settings = Settings(input_bits=4)
    assert not run_tile(x, lambda _: counts, coefficients(), settings, tiny).input_clipped
    x[0, 3] = -8
    run = run_tile(x, lambda _: counts, coefficients(), settings, tiny)
    assert run.input_clipped and run.lengths()[0, 3] == -7 and not run.count_full
    counts[0, 1, 5] = 4095
    run = run_tile(x, lambda _: counts, coefficients(), settings, tiny)
    assert run.count_full and np.flatnonzero(run.saturated).tolist() == [5]
    counts[0, 1, 5] = 4094
    run = run_tile(x, lambda _: counts, coefficients(), settings, tiny)
    assert not run.count_full and run.saturated.shape == (8,)


def test_any_read_of_any_vector_may_saturate():
    def array(read):
        counts = np.zeros((3, 2, 8), np.int64)
        if read.weight == 8:
            counts[1, 0, 4] = counts[2, 1, 6] = 4095
        return counts

    run = run_tile(np.zeros((3, 8), int), array, coefficients(), Settings(read_mode="split"), tiny)
    assert np.flatnonzero(run.saturated).tolist() == [4, 6]


def test_pieces_make_no_difference():
    rng = np.random.default_rng(0)
    x = rng.integers(-127, 128, (2 * PIECE + 3, 8))
    settings = Settings(read_mode="split", shift=14)
    whole = run_tile(x, column_array, coefficients(), settings, tiny)
    parts = [run_tile(row[None], column_array, coefficients(), settings, tiny) for row in x]
    np.testing.assert_array_equal(whole.results, np.concatenate([p.results for p in parts]))
    none = run_tile(x[:0], column_array, coefficients(), settings, tiny)
    assert none.results.shape == (0, 8) and none.lengths().shape == (0, 8)


@pytest.mark.parametrize("value", [-1, 4096])
def test_counts_beyond_the_counter(value):
    counts = np.zeros((1, 2, 8), np.int64)
    counts[0, 0, 0] = value
    with pytest.raises(ValueError, match=r"^counts must be from 0 to 4095, not "):
        run_tile(np.zeros((1, 8), int), lambda _: counts, coefficients(), Settings(), tiny)


@pytest.mark.parametrize("x", [np.full((1, 8), np.nan), np.full((1, 8), 0.7)])
def test_inputs_are_integers(x):
    with pytest.raises(TypeError, match=r"^x must hold integers that fit in int64, not float64$"):
        run_tile(x, None, coefficients(), Settings(), tiny)


def test_settings_come_first():
    with pytest.raises(ValueError, match=r"^reads must be from 1 to 128 in one_phase of 8-bit "
                                         r"inputs, not 0$"):
        run_tile(np.zeros((1, 8), int), None, coefficients(), Settings(reads=0), tiny)


@pytest.mark.parametrize("shape", [(8,), (1, 7), (3, 8)])
def test_shape(shape):
    with pytest.raises(ValueError, match=r"^x must be \(a multiple of 2, 8\), not "):
        run_tile(np.zeros(shape, int), None, coefficients(), Settings(reads=2), tiny)


def test_counts_have_the_shape_of_the_array():
    with pytest.raises(ValueError, match=r"^counts_of must give \(1, 2, 8\), not \(1, 2, 7\)$"):
        run_tile(np.zeros((1, 8), int), lambda _: np.zeros((1, 2, 7), int), coefficients(),
                 Settings(), tiny)


@pytest.mark.parametrize(("field", "value", "allowed"), [
    ("reads", 129, "from 1 to 128 in one_phase of 8-bit inputs"),
    ("reads", 0, "from 1 to 128 in one_phase of 8-bit inputs"),
    ("shift", 32, "in range(0, 32)"), ("output_bits", 7, "in [8, 6, 4]"),
    ("input_bits", 5, "in [8, 6, 4]")])
def test_settings_refused(field, value, allowed):
    message = f"{field} must be {allowed}, not {value}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        process(np.zeros((1, 1, 2, 8), int), coefficients(), Settings(**{field: value}), tiny)


def test_a_mode_that_was_not_built():
    config = hermes.replace(drive={"read_modes": ("one_phase", "four_phase")})
    with pytest.raises(ValueError) as error:
        run_tile(np.zeros((1, 256), int), None, None, Settings(read_mode="split"), config)
    assert str(error.value) == "read_mode must be in ('one_phase', 'four_phase'), not 'split'"


def test_number_of_reads():
    with pytest.raises(ValueError, match=r"^counts must hold 2 reads, not 1$"):
        process(np.zeros((1, 1, 2, 8), int), coefficients(), Settings(reads=2), tiny)
