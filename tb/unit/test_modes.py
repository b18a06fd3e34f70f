"""Read modes: pulse lengths, weights and what their sum must be."""

import numpy as np
import pytest

from golden.array.modes import READ_MODES, Read, ReadMode, combine, read_mode

ALL = np.arange(-127, 128)[None]


def charges(read, g):
    """P and N of an ideal column (plus, minus) per row, in clocks times conductance."""
    length = np.abs(read.lengths)
    plus, minus = g * np.array([[read.sides != "minus"], [read.sides != "plus"]])
    positive = read.lengths > 0
    p = (length * np.where(positive, plus, minus)).sum(axis=1)
    n = (length * np.where(positive, minus, plus)).sum(axis=1)
    return np.stack([p, n], axis=1)[..., None]


@pytest.mark.parametrize("mode", [
    *(read_mode(name, input_bits=bits) for bits in (8, 6, 4) for name in READ_MODES),
    ReadMode(slice_bits=(3, 4), phases=4), ReadMode(slice_bits=(2, 1, 4), clocks_per_unit=3)])
def test_every_mode_adds_up_to_the_product(mode):
    top = mode.limit
    every = np.resize(np.arange(-top, top + 1), (1, 255))
    x = np.random.default_rng(1).integers(-top, top + 1, (20, 255))
    x = np.concatenate([x, every, 0 * every])
    g = np.random.default_rng(2).integers(0, 100, (2, 255))
    reads = mode.reads(x)
    total = combine(reads, [charges(read, g) for read in reads])
    one = charges(Read(lengths=x, window_clocks=top + 1, sides="both", weight=1), g)
    assert (total == mode.clocks_per_unit * one).all()
    assert (total[:, 0, 0] - total[:, 1, 0] == mode.clocks_per_unit * (x @ (g[0] - g[1]))).all()
    for read in reads:
        assert np.abs(read.lengths).max() == read.window_clocks - 1
    assert mode.weight == sum(read.weight for read in reads)
    assert mode.clocks == sum(read.window_clocks for read in reads)


# Per mode and width: (weight, window) of each read, by hand.
BY_HAND = {
    ("one_phase", 8): [(1, 128)], ("one_phase", 6): [(1, 32)], ("one_phase", 4): [(1, 8)],
    ("four_phase", 8): [(1, 128)] * 4, ("four_phase", 6): [(1, 32)] * 4,
    ("four_phase", 4): [(1, 8)] * 4,
    ("split", 8): [(1, 8), (8, 16)], ("split", 6): [(1, 4), (4, 8)],
    ("split", 4): [(1, 2), (2, 4)],
    ("bit_serial", 8): [(1, 6), (2, 6), (4, 6), (8, 6), (16, 6), (32, 6), (64, 6)],
    ("bit_serial", 6): [(1, 6), (2, 6), (4, 6), (8, 6), (16, 6)],
    ("bit_serial", 4): [(1, 6), (2, 6), (4, 6)],
}


@pytest.mark.parametrize(("name", "bits"), BY_HAND)
def test_weights_and_windows_by_hand(name, bits):
    mode = read_mode(name, input_bits=bits)
    assert mode.limit == {8: 127, 6: 31, 4: 7}[bits]
    reads = mode.reads([[mode.limit, -mode.limit]])
    assert [(read.weight, read.window_clocks) for read in reads] == BY_HAND[name, bits]


def test_order_is_that_of_the_register():
    assert READ_MODES == ("one_phase", "four_phase", "split", "bit_serial")
    assert {name for name, _ in BY_HAND} == set(READ_MODES)


@pytest.mark.parametrize(("name", "bits", "error", "message"), [
    ("two_phase", 8, ValueError, ("name must be one of one_phase, four_phase, split, bit_serial, "
                                  "not 'two_phase'")),
    (None, 8, ValueError, ("name must be one of one_phase, four_phase, split, bit_serial, "
                           "not None")),
    ("split", 3, ValueError, "input_bits must be an integer in 4..8, not 3"),
    ("split", 9, ValueError, "input_bits must be an integer in 4..8, not 9"),
    ("split", 8.0, TypeError, "input_bits must be an integer in 4..8, not 8.0")])
def test_refused_names_and_widths(name, bits, error, message):
    with pytest.raises(error) as raised:
        read_mode(name, input_bits=bits)
    assert str(raised.value) == message


def test_one_phase_is_the_input_itself():
    (read,) = read_mode("one_phase").reads(ALL)
    assert (read.lengths == ALL).all()
    assert (read.window_clocks, read.sides, read.weight) == (128, "both", 1)


def test_four_phases_in_order():
    reads = read_mode("four_phase").reads([[5, -7, 0]])
    assert [(read.sides, read.lengths.tolist(), read.weight, read.window_clocks)
            for read in reads] == [
        ("plus", [[5, 0, 0]], 1, 128), ("plus", [[0, -7, 0]], 1, 128),
        ("minus", [[5, 0, 0]], 1, 128), ("minus", [[0, -7, 0]], 1, 128)]


def test_split_is_the_published_one():
    # AIHWKIT: lsb = fmod(q, 8), msb = sign(q) floor(|q|/8), y = y_lsb + 8 y_msb.
    low, high = read_mode("split").reads(ALL)
    assert (low.lengths == np.fmod(ALL, 8)).all()
    assert (high.lengths == np.sign(ALL) * (np.abs(ALL) // 8)).all()
    assert (low.weight, high.weight) == (1, 8)
    # 24 steps against 128 for one pass.
    assert (low.window_clocks, high.window_clocks, read_mode("split").clocks) == (8, 16, 24)


def test_bit_serial_is_lsb_first():
    reads = read_mode("bit_serial").reads([[-85]])       # 85 = 1010101
    assert [read.lengths[0, 0] for read in reads] == [-5, 0, -5, 0, -5, 0, -5]
    assert [read.weight for read in reads] == [1, 2, 4, 8, 16, 32, 64]
    assert {read.window_clocks for read in reads} == {6}


def test_clocks():
    assert {name: read_mode(name).clocks for name in READ_MODES} == {
        "one_phase": 128, "four_phase": 512, "split": 24, "bit_serial": 42}


@pytest.mark.parametrize(("fields", "error", "message"), [
    ({"slice_bits": 7}, TypeError, "^slice_bits must be a tuple of integers, not 7$"),
    ({"slice_bits": (0, 7)}, ValueError, r"^slice_bits must be an integer in 1\.\.15, not 0$"),
    ({"slice_bits": (8, 8)}, ValueError, "^sum of slice_bits must be an integer .* not 16$"),
    ({"phases": 2}, ValueError, "^phases must be 1 or 4, not 2$"),
    ({"clocks_per_unit": 0}, ValueError, "^clocks_per_unit must be an integer .* not 0$"),
])
def test_refused_modes(fields, error, message):
    with pytest.raises(error, match=message):
        ReadMode(**fields)


@pytest.mark.parametrize(("x", "error", "message"), [
    ([[128]], ValueError, r"^x must be in -127\.\.127, not 128$"),
    ([[-128]], ValueError, r"^x must be in -127\.\.127, not -128$"),
    ([1], ValueError, r"^x must have shape \(batch, rows\), not \(1,\)$"),
    ([[1.0]], TypeError, "^x must hold integers"),
])
def test_refused_inputs(x, error, message):
    with pytest.raises(error, match=message):
        read_mode("split").reads(x)


def test_combine_wants_every_read():
    reads = read_mode("split").reads(ALL)
    with pytest.raises(ValueError, match="^counts must hold one array per read, 2, not 1$"):
        combine(reads, [np.zeros((1, 2, 1), np.int64)])
