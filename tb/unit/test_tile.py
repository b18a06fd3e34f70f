"""golden.tile: pulses, counts and results of a batch, and what it refuses."""

import numpy as np
import pytest

from golden.nmpu import Coefficients, process
from golden.presets import tiny
from golden.settings import Settings
from golden.tile import run_tile


def coefficients():
    """Scale 1, normalisation one half."""
    return Coefficients(scale=np.full((2, 8), 128), offset=np.zeros((2, 8), np.int64),
                        norm_scale=np.full(8, 64), norm_bias=np.zeros(8, np.int64)).validate(tiny)


def test_result_by_hand():
    # Row 0 at 5 clocks: P counts 5 * 3 = 15, N counts 5 * 1 = 5; two reads: 20.
    # Raw: 20 * 2**7 (scale) * 64 (norm_scale) = 20 * 2**13; shift 14 leaves 10.
    x = np.zeros((2, 8), np.int64)
    x[:, 0] = 5
    run = run_tile(x, lambda lengths: np.stack([3 * lengths, lengths], axis=1), coefficients(),
                   Settings(reads=2, shift=14), tiny)
    assert run.results.shape == (1, 8)
    np.testing.assert_array_equal(run.results[0], [10, 0, 0, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(run.lengths, x)
    assert not run.input_clipped and not run.count_full


def test_flags():
    counts = np.zeros((1, 2, 8), np.int64)
    x = np.full((1, 8), 7)
    settings = Settings(input_bits=4)
    assert not run_tile(x, lambda _: counts, coefficients(), settings, tiny).input_clipped
    x[0, 3] = -8
    run = run_tile(x, lambda _: counts, coefficients(), settings, tiny)
    assert run.input_clipped and run.lengths[0, 3] == -7 and not run.count_full
    counts[0, 1, 5] = 4095
    assert run_tile(x, lambda _: counts, coefficients(), settings, tiny).count_full
    counts[0, 1, 5] = 4094
    assert not run_tile(x, lambda _: counts, coefficients(), settings, tiny).count_full


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
    with pytest.raises(ValueError, match=r"^reads must be in range\(1, 17\), not 0$"):
        run_tile(np.zeros((1, 8), int), None, coefficients(), Settings(reads=0), tiny)


@pytest.mark.parametrize("shape", [(8,), (1, 7), (3, 8)])
def test_shape(shape):
    with pytest.raises(ValueError, match=r"^x must be \(a multiple of 2, 8\), not "):
        run_tile(np.zeros(shape, int), None, coefficients(), Settings(reads=2), tiny)


@pytest.mark.parametrize(("field", "value"), [
    ("reads", 17), ("reads", 0), ("shift", 32), ("output_bits", 7), ("input_bits", 5)])
def test_settings_refused(field, value):
    with pytest.raises(ValueError, match=f"^{field} must be in .* not {value}$"):
        process(np.zeros((1, 1, 2, 8), int), coefficients(), Settings(**{field: value}), tiny)


def test_number_of_reads():
    with pytest.raises(ValueError, match=r"^counts must hold 2 reads, not 1$"):
        process(np.zeros((1, 1, 2, 8), int), coefficients(), Settings(reads=2), tiny)
