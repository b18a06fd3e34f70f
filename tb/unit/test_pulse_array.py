"""The array that pulses program: its laws by hand, and noise that depends on the index alone."""

import copy
import re

import numpy as np
import pytest

from golden.array.pulse_array import PulseArray
from golden.array.pulse_response import PulseDevices, PulseResponse


def exact(shape, *, g_set_us=100.0, g_reset_us=2.0):
    """Noiseless devices with half current 400 µA and width 50 µA."""
    return PulseDevices(g_set_us=np.full(shape, g_set_us), g_reset_us=np.full(shape, g_reset_us),
                        half_ua=np.full(shape, 400.0), width_ua=50.0, cycle_sigma_ua=0.0,
                        read_sigma=0.0)


def noisy(seed=3, shape=(2, 2, 3, 8)):
    devices = PulseResponse().sample(shape, np.random.default_rng(1))
    return PulseArray(devices, counts_per_us=0.9, seed=seed)


def pulse(array, row, columns, current_ua, *, device=0, negative=False, trailing=False):
    columns = np.atleast_1d(columns)
    array.pulse(row, columns, np.broadcast_to(current_ua, columns.shape),
                np.full(columns.shape, device), np.full(columns.shape, negative),
                trailing=trailing)


def test_pulses_by_hand():
    array = PulseArray(exact((2, 2, 2, 4)), counts_per_us=1.0, seed=0)
    pulse(array, 1, [0, 1, 2], 125, device=1, negative=True, trailing=True)
    assert array.g_us[1, 1].tolist() == [[2, 2, 2, 2], [100, 100, 100, 2]]
    # A square pulse: 2 + 98/(1 + e^0) half way; the RESET current and more leave RESET.
    pulse(array, 1, [0, 1, 2], [400, 700, 699], device=1, negative=True)
    row = array.g_us[1, 1, 1]
    assert row[:2].tolist() == [51.0, 2.0] and 2 < row[2] < 2.3
    # Nothing else has been touched.
    assert (np.delete(array.g_us.reshape(4, 8), 3, axis=0) == 2).all()


def test_counts_by_hand():
    array = PulseArray(exact((2, 2, 1, 3)), counts_per_us=1.3, seed=0, counter_bits=7)
    pulse(array, 0, [0, 1], 125, trailing=True)
    pulse(array, 0, [1], 125, device=1, trailing=True)
    pulse(array, 0, [2], 125, negative=True, trailing=True)
    # 100, 102 and 200 µS of plus are 130, 132.6 and 260 counts: more than 127.
    assert array.window(0, 0b11).tolist() == [[127, 127, 5], [5, 5, 127]]
    assert array.window(0, 0b10).tolist() == [[2, 127, 2], [2, 2, 2]]
    assert array.window(0, 0b01, slice(1, 3)).tolist() == [[127, 2], [2, 127]]
    assert array.read(0, 0b10, 3).tolist() == [0, 3 * 125, 0]


def test_noise_does_not_depend_on_who_asks_for_what():
    """All columns at once, column by column, and blocks of columns in between other rows."""
    one, other = noisy(), noisy()
    columns = np.arange(8)
    for current in (300, 450, 380):
        pulse(one, 1, columns, current)
        for column in np.random.default_rng(current).permutation(8):
            pulse(other, 1, column, current)
            pulse(other, 2, column, current)
        whole = one.window(1, 0b11)
        parts = [other.window(1, 0b11, slice(k, k + 2)) for k in range(0, 8, 2)]
        other.window(0, 0b11)
        np.testing.assert_array_equal(whole, np.concatenate(parts, axis=1))
    np.testing.assert_array_equal(one.g_us[:, :, 1], other.g_us[:, :, 1])


def test_noise_is_that_of_the_number_of_the_event():
    one, other = noisy(), noisy()
    for current in (300, 450):
        pulse(one, 0, [3], current)
    pulse(other, 0, [3], 450)
    assert one.g_us[0, 0, 0, 3] != other.g_us[0, 0, 0, 3], "the second pulse, not the first"
    pulse(other, 0, [3], 450)
    assert one.g_us[0, 0, 0, 3] == other.g_us[0, 0, 0, 3]
    # A pulse to one device is none to the others.
    pulse(one, 0, [3], 450, device=1)
    pulse(one, 0, [3], 390)
    pulse(other, 0, [3], 390)
    assert one.g_us[0, 0, 0, 3] == other.g_us[0, 0, 0, 3]


def test_rows_seeds_and_columns_differ():
    devices = PulseResponse(g_set_sigma_us=0, half_sigma_ua=0, g_reset_us=0).sample(
        (1, 2, 2, 8), np.random.default_rng(1))
    found = []
    for seed in (3, 4):
        array = PulseArray(copy.deepcopy(devices), counts_per_us=1e3, seed=seed, counter_bits=16)
        for row in (0, 1):
            pulse(array, row, np.arange(8), 400)
        found += [*array.g_us[0, 0].ravel(), *array.window(0, 1)[0]]
    assert len(set(found)) == len(found) == 48


def test_sizes_of_noise():
    devices = PulseDevices(g_set_us=np.full((1, 2, 1, 4000), 50.0), half_ua=np.full(
        (1, 2, 1, 4000), 400.0), g_reset_us=np.zeros((1, 2, 1, 4000)), width_ua=50.0,
        cycle_sigma_ua=4.0, read_sigma=0.01)
    array = PulseArray(devices, counts_per_us=1000.0, seed=1, counter_bits=16)
    pulse(array, 0, np.arange(4000), 400)
    assert array.g_us[0, 0].std() == pytest.approx(1.0, rel=0.05)  # 50/4 per width, 4/50 of one
    first, second = (array.window(0, 1)[0] / array.g_us[0, 0, 0] / 1000 for _ in range(2))
    assert np.concatenate([first, second]).std() == pytest.approx(0.01, rel=0.05)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.06, "each read has noise of its own"


@pytest.mark.parametrize(("change", "error", "message"), [
    ({"devices": 7}, TypeError, "devices must be PulseDevices, not 7"),
    ({"devices": exact((3, 2, 1, 1))}, ValueError,
     "devices must have shape (1 or 2, 2, rows, columns), not (3, 2, 1, 1)"),
    ({"counts_per_us": 0}, ValueError, "counts_per_us must be greater than 0, not 0.0"),
    ({"seed": -1}, ValueError, "seed must be an integer in 0..4294967295, not -1"),
    ({"counter_bits": 17}, ValueError, "counter_bits must be an integer in 1..16, not 17"),
    ({"reset_ua": -1}, ValueError, "reset_ua must be at least 0, not -1.0"),
])
def test_refused(change, error, message):
    given = {"devices": exact((1, 2, 1, 1)), "counts_per_us": 1.0, "seed": 0, **change}
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        PulseArray(given.pop("devices"), **given)
