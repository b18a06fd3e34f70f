"""golden.settings: how many vectors fit a result in each mode, and what is refused."""

import numpy as np
import pytest

from golden.array.modes import READ_MODES
from golden.formats import NmpuFormats
from golden.presets import hermes, lean
from golden.settings import Settings, most_reads

# Weight of a vector: 1; 4 phases; slices of 3 + 4, 2 + 3, 1 + 2 bits weigh 1 + 8, 1 + 4, 1 + 2;
# 7, 5, 3 bits weigh 2^n - 1. max_reads is 128.
MOST = {
    ("one_phase", 8): 128, ("one_phase", 6): 128, ("one_phase", 4): 128,
    ("four_phase", 8): 32, ("four_phase", 6): 32, ("four_phase", 4): 32,
    ("split", 8): 14, ("split", 6): 25, ("split", 4): 42,
    ("bit_serial", 8): 1, ("bit_serial", 6): 4, ("bit_serial", 4): 18,
}


@pytest.mark.parametrize(("mode", "bits"), MOST)
def test_most_reads_by_hand(mode, bits):
    most = MOST[mode, bits]
    assert most_reads(hermes, read_mode=mode, input_bits=bits) == most
    Settings(read_mode=mode, input_bits=bits, reads=most).validate(hermes)
    with pytest.raises(ValueError) as error:
        Settings(read_mode=mode, input_bits=bits, reads=most + 1).validate(hermes)
    assert str(error.value) == (f"reads must be from 1 to {most} in {mode} of {bits}-bit inputs, "
                                f"not {most + 1}")


def test_the_table_is_complete():
    assert len(MOST) == 3 * len(READ_MODES)


def test_a_narrow_accumulator_allows_fewer():
    assert lean.nmpu.max_reads == 16
    assert [most_reads(lean, read_mode=mode, input_bits=8) for mode in lean.drive.read_modes] == [
        16, 4]


@pytest.mark.parametrize(("mode", "bits", "weights"), [
    ("one_phase", 8, [1]), ("four_phase", 4, [1, 1, 1, 1]),
    ("split", 8, [1, 8]), ("split", 6, [1, 4]), ("split", 4, [1, 2]),
    ("bit_serial", 8, [1, 2, 4, 8, 16, 32, 64]), ("bit_serial", 4, [1, 2, 4])])
def test_weights_by_hand(mode, bits, weights):
    settings = Settings(read_mode=mode, input_bits=bits)
    assert settings.weights == weights
    reads = settings.mode.reads(np.ones((1, 2), int))
    assert [read.weight for read in reads] == weights
    assert settings.mode.weight == sum(weights)


NARROW = hermes.replace(drive={"input_bits": 6, "read_modes": ("one_phase", "split")},
                        nmpu={"output_bits": 6, "shift_bits": 3})


@pytest.mark.parametrize(("config", "fields", "message"), [
    (NARROW, {"input_bits": 6}, "output_bits must be in [6, 4], not 8"),
    (NARROW, {"output_bits": 6}, "input_bits must be in [6, 4], not 8"),
    (NARROW, {"read_mode": "four_phase", "input_bits": 6, "output_bits": 6},
     "read_mode must be in ('one_phase', 'split'), not 'four_phase'"),
    (NARROW, {"shift": 8, "input_bits": 6}, "shift must be in range(0, 8), not 8"),
    (hermes, {"read_mode": "two_phase"},
     ("read_mode must be in ('one_phase', 'four_phase', 'split', 'bit_serial'), "
      "not 'two_phase'")),
    (hermes, {"read_mode": 1},
     "read_mode must be in ('one_phase', 'four_phase', 'split', 'bit_serial'), not 1"),
    (hermes, {"shift": -1}, "shift must be in range(0, 32), not -1"),
    (hermes, {"shift": 3.0}, "shift must be in range(0, 32), not 3.0"),
    (hermes, {"shift": True}, "shift must be in range(0, 32), not True"),
    (hermes, {"input_bits": 8.0}, "input_bits must be in [8, 6, 4], not 8.0"),
    (hermes, {"output_bits": "8"}, "output_bits must be in [8, 6, 4], not '8'"),
    (hermes, {"residual_scale": 256}, "residual_scale must be in range(0, 256), not 256"),
    (hermes, {"residual_scale": -1}, "residual_scale must be in range(0, 256), not -1"),
    (hermes, {"residual_shift": 21}, "residual_shift must be in range(0, 21), not 21"),
    (hermes, {"residual_shift": 3.0}, "residual_shift must be in range(0, 21), not 3.0"),
    (lean, {"residual_shift": 17}, "residual_shift must be in range(0, 17), not 17"),
    (lean, {"residual": True}, "residual must be False without nmpu.residual, not True"),
    (hermes, {"reads": -1}, "reads must be from 1 to 128 in one_phase of 8-bit inputs, not -1"),
    (hermes, {"reads": 2.0}, "reads must be from 1 to 128 in one_phase of 8-bit inputs, not 2.0"),
    (hermes, {"reads": True}, "reads must be from 1 to 128 in one_phase of 8-bit inputs, not True"),
])
def test_refused(config, fields, message):
    with pytest.raises(ValueError) as error:
        Settings(**fields).validate(config)
    assert str(error.value) == message


def test_numpy_integers_are_integers():
    Settings(reads=np.int64(3), shift=np.uint8(4), input_bits=np.int32(6)).validate(hermes)


def test_residuals_and_bypass_are_settings():
    Settings(bypass=True, relu_first=True, residual=True, residual_scale=255,
             residual_shift=20).validate(hermes)
    Settings(bypass=True, relu_first=True, residual_scale=255, residual_shift=16).validate(lean)


@pytest.mark.parametrize(("config", "shift"), [(hermes, 20), (lean, 16)])
def test_the_largest_residual_is_no_larger_than_a_normalised_number(config, shift):
    formats = NmpuFormats.of(config)
    assert formats.residual_shift == shift
    # A byte of -128 and a scale of 255.
    assert 128 * 255 << shift <= formats.normalised.high < 128 * 255 << (shift + 1)
