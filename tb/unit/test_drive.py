"""golden.drive: the windows of a vector in every mode, by hand, and what is clipped."""

import numpy as np
import pytest

from golden.array.modes import READ_MODES
from golden.drive import drive
from golden.settings import Settings

X = np.array([[13, -6, 0]])
LIMITS = {8: 127, 6: 31, 4: 7}

# 13 = 1101 and 6 = 0110; per read: side, window, weight, lengths.
BY_HAND = {
    ("one_phase", 8): [("both", 128, 1, [13, -6, 0])],
    ("one_phase", 6): [("both", 32, 1, [13, -6, 0])],
    ("one_phase", 4): [("both", 8, 1, [7, -6, 0])],
    ("four_phase", 8): [("plus", 128, 1, [13, 0, 0]), ("plus", 128, 1, [0, -6, 0]),
                        ("minus", 128, 1, [13, 0, 0]), ("minus", 128, 1, [0, -6, 0])],
    ("four_phase", 4): [("plus", 8, 1, [7, 0, 0]), ("plus", 8, 1, [0, -6, 0]),
                        ("minus", 8, 1, [7, 0, 0]), ("minus", 8, 1, [0, -6, 0])],
    # 13 = 1 * 8 + 5; 3 * 4 + 1; 4 bits clip it to 7 = 3 * 2 + 1. 6 = 1 * 4 + 2; 3 * 2 + 0.
    ("split", 8): [("both", 8, 1, [5, -6, 0]), ("both", 16, 8, [1, 0, 0])],
    ("split", 6): [("both", 4, 1, [1, -2, 0]), ("both", 8, 4, [3, -1, 0])],
    ("split", 4): [("both", 2, 1, [1, 0, 0]), ("both", 4, 2, [3, -3, 0])],
    ("bit_serial", 6): [("both", 6, 1, [5, 0, 0]), ("both", 6, 2, [0, -5, 0]),
                        ("both", 6, 4, [5, -5, 0]), ("both", 6, 8, [5, 0, 0]),
                        ("both", 6, 16, [0, 0, 0])],
    ("bit_serial", 4): [("both", 6, 1, [5, 0, 0]), ("both", 6, 2, [5, -5, 0]),
                        ("both", 6, 4, [5, -5, 0])],
}


@pytest.mark.parametrize(("mode", "bits"), BY_HAND)
def test_windows_by_hand(mode, bits):
    reads, clipped = drive(X, Settings(read_mode=mode, input_bits=bits))
    assert [(read.sides, read.window_clocks, read.weight, read.lengths[0].tolist())
            for read in reads] == BY_HAND[mode, bits]
    assert clipped is (bits == 4)


@pytest.mark.parametrize("bits", LIMITS)
@pytest.mark.parametrize("mode", READ_MODES)
def test_every_byte(mode, bits):
    """Reads add up to the clipped input, whatever the byte; each vector keeps its place."""
    x = np.arange(-128, 128)[:, None]
    settings = Settings(read_mode=mode, input_bits=bits)
    reads, clipped = drive(x, settings)
    total = sum(read.weight * read.lengths for read in reads)
    unit = {"four_phase": 2, "bit_serial": 5}.get(mode, 1)   # four phases drive an input twice
    np.testing.assert_array_equal(total, unit * np.clip(x, -LIMITS[bits], LIMITS[bits]))
    assert clipped
    for read in reads:
        assert np.abs(read.lengths).max() < read.window_clocks


@pytest.mark.parametrize("bits", LIMITS)
@pytest.mark.parametrize("mode", READ_MODES)
def test_clipping_is_told_at_the_edge(mode, bits):
    settings, limit = Settings(read_mode=mode, input_bits=bits), LIMITS[bits]
    for value, wanted in ((limit, False), (-limit, False), (limit + 1, True), (-limit - 1, True)):
        x = np.zeros((3, 4), int)
        x[1, 2] = value
        reads, clipped = drive(x, settings)
        assert clipped is wanted
        at_limit, _ = drive(np.clip(x, -limit, limit), settings)
        for one, other in zip(reads, at_limit, strict=True):
            np.testing.assert_array_equal(one.lengths, other.lengths)


def test_signed_bytes_do_not_wrap():
    reads, clipped = drive(np.array([[-128]], np.int8), Settings(read_mode="split"))
    assert [read.lengths[0, 0] for read in reads] == [-7, -15] and clipped


def test_refused():
    with pytest.raises(TypeError, match=r"^x must hold integers that fit in int64, not float64$"):
        drive(np.zeros((1, 2)), Settings())
    with pytest.raises(ValueError, match=r"^x must have shape \(batch, rows\), not \(2,\)$"):
        drive(np.zeros(2, int), Settings())
