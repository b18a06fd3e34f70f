"""Cells: which of two devices is programmed, stuck devices, conversion to counts."""

import math

import numpy as np
import pytest

from golden.array.cell import Cell, split_target
from golden.array.device import Ideal, PcmLike
from golden.array.devices import make_device

QUIET = PcmLike(programming_scale=0.0)


def program(cell, target_us, device, seed=0):
    return cell.program(target_us, device, np.random.default_rng(seed))


@pytest.mark.parametrize(("target", "g_set", "targets", "held"), [
    (5.0, (8.0, 7.0), (5.0, 0.0), (False, False)),    # below both: the higher works alone
    (5.0, (7.0, 8.0), (0.0, 5.0), (False, False)),
    (7.5, (8.0, 7.0), (7.5, 0.0), (False, False)),    # above one only: still the higher
    (8.0, (8.0, 7.0), (8.0, 0.0), (False, False)),    # not above: equal is not above
    (9.0, (8.0, 7.0), (8.0, 1.0), (True, False)),     # above both: the higher holds
    (9.0, (7.0, 8.0), (1.0, 8.0), (False, True)),
    (9.0, (8.0, 8.0), (8.0, 1.0), (True, False)),     # of equals the first is the higher
    (0.0, (8.0, 8.0), (0.0, 0.0), (False, False)),
])
def test_which_device_is_programmed(target, g_set, targets, held):
    got, got_held = split_target(target, g_set)
    np.testing.assert_array_equal(got, targets)
    np.testing.assert_array_equal(got_held, held)


def test_one_device_is_the_device_model():
    target_us = np.random.default_rng(1).uniform(0, 25, (2, 4, 3))
    g_us, nu = program(Cell(), target_us, PcmLike(), seed=5)
    rng = np.random.default_rng(5)
    np.testing.assert_array_equal(g_us[0], PcmLike().program(target_us, rng))
    np.testing.assert_array_equal(nu[0], PcmLike().drift_coefficients(target_us, rng))


@pytest.mark.parametrize("spread", [0.0, 0.2])
def test_two_devices_reach_the_sum(spread):
    target_us = np.random.default_rng(1).uniform(0, 50, (2, 30, 20))
    g_us, nu = program(Cell(devices=2, set_spread=spread), target_us, QUIET)
    assert g_us.shape == nu.shape == (2, 2, 30, 20)
    assert g_us.max() <= 25.0
    total_us = g_us.sum(axis=0)
    # A pair with two weak devices falls short; none goes above.
    reached = np.isclose(total_us, target_us, rtol=1e-12)
    assert (reached | (total_us < target_us)).all()
    assert reached.all() == (spread == 0)
    assert reached.mean() > 0.8


def test_a_held_device_has_no_programming_error():
    target_us = np.full((2, 50, 50), 30.0)
    g_us, _ = program(Cell(devices=2), target_us, PcmLike())
    assert (g_us[0] == 25.0).all()
    assert (g_us[1] != 5.0).all()


def test_the_exponent_comes_from_the_conductance_of_each_device():
    target_us = np.full((2, 60, 60), 26.0)
    _, nu = program(Cell(devices=2), target_us, PcmLike())
    # N = 7200: 25 µS has mean 0.049, 1 µS 0.0743 (x = 0.04), both within 5 standard errors.
    for values, share in [(nu[0], 1.0), (nu[1], 0.04)]:
        mean = max(-0.0155 * math.log(share) + 0.0244, 0.049)
        sigma = max(-0.0125 * math.log(share) - 0.0059, 0.008)
        assert abs(values.mean() - mean) < 5 * sigma / math.sqrt(values.size)


def test_stuck_devices():
    n = 100_000
    target_us = np.full((2, n // 2, 1), 10.0)
    cell = Cell(stuck_reset=0.03, stuck_set=0.01)
    g_us, nu = program(cell, target_us, PcmLike())
    for value, share in [(0.0, 0.03), (25.0, 0.01)]:
        # A share p of N: standard error sqrt(p (1 - p)/N).
        assert abs((g_us == value).mean() - share) < 5 * math.sqrt(share * (1 - share) / n)
    # The others are where they are without any stuck device.
    whole_us, whole_nu = program(Cell(), target_us, PcmLike())
    well = (g_us != 0) & (g_us != 25.0)
    np.testing.assert_array_equal(g_us[well], whole_us[well])
    np.testing.assert_array_equal(nu[well], whole_nu[well])
    assert (program(cell, target_us, PcmLike())[0] == g_us).all()
    assert (program(cell, target_us, PcmLike(), seed=1)[0] != g_us).any()


@pytest.mark.parametrize(("field", "wanted_us"), [("stuck_reset", 0.0), ("stuck_set", 25.0)])
def test_all_stuck(field, wanted_us):
    g_us, _ = program(Cell(devices=2, **{field: 1.0}), np.full((2, 3, 3), 7.0), PcmLike())
    assert (g_us == wanted_us).all()


def test_conductance_range_in_counts():
    cell = Cell(devices=2, counts_per_us=4.0)
    device = make_device("hermes_one_device", g_max_us=10.0)
    assert cell.g_max_us(device) == 20.0
    assert cell.to_counts(cell.g_max_us(device)) == 80.0
    np.testing.assert_array_equal(cell.to_us([80, 5]), [20.0, 1.25])
    for convert in (Cell().to_counts, Cell().to_us):
        with pytest.raises(ValueError, match="^counts_per_us must be given to convert: no figure"):
            convert(1.0)


@pytest.mark.parametrize(("fields", "error", "message"), [
    ({"devices": 3}, ValueError, r"^devices must be an integer in 1\.\.2, not 3$"),
    ({"set_spread": -1}, ValueError, r"^set_spread must be at least 0, not -1\.0$"),
    ({"stuck_reset": -0.1}, ValueError, r"^stuck_reset must be at least 0, not -0\.1$"),
    ({"stuck_reset": 0.75, "stuck_set": 0.5}, ValueError,
     r"^stuck_reset \+ stuck_set must be at most 1, not 1\.25$"),
    ({"counts_per_us": 0}, ValueError, r"^counts_per_us must be greater than 0, not 0\.0$"),
])
def test_refused_fields(fields, error, message):
    with pytest.raises(error, match=message):
        Cell(**fields)


def test_refused_targets():
    with pytest.raises(ValueError, match=r"^target_us must be finite and in 0\.\.50, not 50\.5$"):
        program(Cell(devices=2), [50.5], Ideal())
    with pytest.raises(ValueError, match="^devices must be 1 with HermesTwoDevice"):
        program(Cell(devices=2), [1.0], make_device("hermes_two_device"))
    with pytest.raises(ValueError, match=r"^g_set_us must have shape \(2, 3\), not \(3,\)$"):
        split_target([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
