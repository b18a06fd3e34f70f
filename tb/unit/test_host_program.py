"""golden.host.program and golden.host.drift: words, targets and vectors by hand."""

import numpy as np
import pytest

from golden.array.verify import VerifySettings
from golden.convert.calibrate import Calibration
from golden.host.drift import calibration_writes, measure_writes, update_writes
from golden.host.program import (
    lock_writes,
    settings_writes,
    target_vector,
    targets,
    unlock_writes,
)
from golden.presets import tiny
from golden.program.settings import ProgramSettings

NOMINAL = np.full((2, 8), 35.0)
NOTHING = np.zeros((2, 8))
IDEAL = Calibration(gain_mhz_per_ua=NOMINAL, nonlinearity_per_ua=NOTHING, offset_mhz=NOTHING)


def row(*values):
    return np.array([[*values, *[0.0] * (8 - len(values))]])


def test_key():
    assert unlock_writes() == [(0x12000, 0x50434D21)]
    assert lock_writes() == [(0x12000, 0)]


def test_settings_are_written_where_they_belong():
    writes = settings_writes(ProgramSettings(precharge=300), tiny)
    assert writes[-1] == (0x1201C, 300)
    assert (0x12010, 125 | 700 << 16) in writes
    with pytest.raises(ValueError, match="max_rounds must be"):
        settings_writes(ProgramSettings(loop=VerifySettings(max_rounds=31)), tiny)


def test_targets_by_hand():
    # 0.2 V at 127 of 128 clocks, 35 MHz/µA: 25 µS count 22.225 in 128 ns, less half of what is
    # cut off; four windows, 86.9. Columns of no weight get none.
    found = targets(row(25.0, -25.0, 0.0, 0.5, 0.6), IDEAL, tiny, windows=4)
    np.testing.assert_array_equal(found, row(87, -87, 0, 0, 0))
    assert targets(row(25.0), IDEAL, tiny, windows=1)[0, 0] == 22


def test_targets_follow_the_converter_of_their_polarity():
    gain = NOMINAL.copy()
    gain[0, 0], gain[1, 1] = 42.0, 28.0
    bend, rest = NOTHING.copy(), NOTHING.copy()
    bend[0, 2], rest[1, 3] = 0.01, 10.0
    law = Calibration(gain_mhz_per_ua=gain, nonlinearity_per_ua=bend, offset_mhz=rest)
    found = targets(row(25.0, -25.0, 25.0, -25.0, 25.0), law, tiny, windows=4)
    # 22.225 times 1.2, times 0.8, over 1.0496, plus 1.28 periods.
    np.testing.assert_array_equal(found, row(105, -69, 83, -92, 87))
    crossed = targets(-row(25.0, -25.0, 25.0, -25.0), law, tiny, windows=4)
    np.testing.assert_array_equal(crossed, row(-87, 87, -87, 87))


def test_targets_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"must have shape \(rows, 8\), not \(1, 7\)"):
        targets(np.zeros((1, 7)), IDEAL, tiny, windows=4)


def test_a_row_of_targets_is_a_vector_of_bytes():
    # Beats of tiny hold one target.
    np.testing.assert_array_equal(target_vector(np.array([1, -1, 300]), tiny),
                                  [1, 0, -1, -1, 44, 1])
    wide = tiny.replace(stream={"x_bits": 64})
    np.testing.assert_array_equal(target_vector(np.array([-2] * 5), wide),
                                  [-2, -1] * 5 + [0] * 6)


def test_words_of_the_drift_engine():
    assert calibration_writes("reference", tiny, value=-2, repeats=16) == [
        (0x1000, 1 << 6 | 0xFE << 8 | 16 << 16)]
    assert calibration_writes("now", tiny, value=3, repeats=1, slot=1, absolute=False) == [
        (0x1000, 1 << 4 | 1 << 5 | 3 << 8 | 1 << 16)]
    (measure,), (update,) = measure_writes(), update_writes("column")
    assert measure == (0x1004, 1 << 29 | 1 << 8)
    assert update == (0x1004, 1 << 30 | 1 << 8 | 1)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: calibration_writes("then", tiny, value=0, repeats=1), "kind must be one of"),
    (lambda: calibration_writes("now", tiny, value=128, repeats=1), "value must be"),
    (lambda: calibration_writes("now", tiny, value=0, repeats=257), "repeats must be"),
    (lambda: calibration_writes("now", tiny, value=0, repeats=1, slot=2), "slot must be"),
    (lambda: update_writes("row"), "method must be one of"),
])
def test_refusals_of_drift_words(call, message):
    with pytest.raises(ValueError, match=message):
        call()
