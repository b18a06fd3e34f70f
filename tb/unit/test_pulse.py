"""Pulse lengths: every input of every width, the clip edges, refusals."""

import numpy as np
import pytest

from golden.convert.pulse import pulse_lengths, window_clocks


@pytest.mark.parametrize(("bits", "clocks"), [(8, 128), (6, 32), (4, 8), (2, 2)])
def test_window(bits, clocks):
    assert window_clocks(bits) == clocks


@pytest.mark.parametrize(("bits", "x", "lengths", "clipped"), [
    (8, [-129, -128, -127, -1, 0, 1, 127, 128], [-127, -127, -127, -1, 0, 1, 127, 127],
     [1, 1, 0, 0, 0, 0, 0, 1]),
    (6, [-128, -32, -31, 31, 32, 127], [-31, -31, -31, 31, 31, 31], [1, 1, 0, 0, 1, 1]),
    (4, [-8, -7, 7, 8], [-7, -7, 7, 7], [1, 0, 0, 1]),
])
def test_edges(bits, x, lengths, clipped):
    got, mask = pulse_lengths(x, input_bits=bits)
    assert got.dtype == np.int64
    np.testing.assert_array_equal(got, lengths)
    np.testing.assert_array_equal(mask, np.array(clipped, dtype=bool))


@pytest.mark.parametrize("bits", range(2, 9))
def test_all_int8_inputs_fit_the_window(bits):
    x = np.arange(-128, 128, dtype=np.int8).reshape(2, 128)
    lengths, clipped = pulse_lengths(x, input_bits=bits)
    assert lengths.shape == clipped.shape == (2, 128)
    assert np.abs(lengths).max() == window_clocks(bits) - 1
    # Of 256 inputs the 2^bits - 1 with a magnitude are kept as they are.
    assert (~clipped).sum() == 2**bits - 1
    np.testing.assert_array_equal(lengths[~clipped], x[~clipped])
    np.testing.assert_array_equal(np.sign(lengths), np.sign(x))


def test_unsigned_inputs_do_not_wrap():
    lengths, clipped = pulse_lengths(np.array([5, 255], dtype=np.uint8), input_bits=8)
    assert lengths.tolist() == [5, 127]
    assert clipped.tolist() == [False, True]


@pytest.mark.parametrize(("x", "bits", "error", "message"), [
    ([0], 1, ValueError, r"^input_bits must be an integer in 2\.\.8, not 1$"),
    ([0], 9, ValueError, r"^input_bits must be an integer in 2\.\.8, not 9$"),
    ([0], 8.0, TypeError, r"^input_bits must be an integer in 2\.\.8, not 8\.0$"),
    ([0.5], 8, TypeError, "^x must hold integers that fit in int64, not float64$"),
    ([True], 8, TypeError, "^x must hold integers that fit in int64, not bool$"),
    (np.array([1], dtype=np.uint64), 8, TypeError,
     "^x must hold integers that fit in int64, not uint64$"),
])
def test_refusals(x, bits, error, message):
    with pytest.raises(error, match=message):
        pulse_lengths(x, input_bits=bits)
