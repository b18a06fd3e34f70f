"""The engine as its user sees it: sequence, what it refuses, what it counts, what it leaves."""

import re

import numpy as np
import pytest

from golden.drift.divide import Refusal
from golden.drift.engine import KINDS, METHODS, DriftEngine
from golden.nmpu import Coefficients
from golden.presets import lean, tiny

COUNTS = np.random.default_rng(3).integers(200, 2000, (4, 1, 2, 8))


def base(config=tiny, **real):
    columns = config.array.columns
    return Coefficients.from_real(config, **{
        "scale": np.full((2, columns), 1.2), "offset": np.full((2, columns), -3.5),
        "norm_scale": np.full(columns, 0.5), "norm_bias": np.zeros(columns), **real})


def same(a, b):
    return a.exponent == b.exponent and all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("scale", "offset", "norm_scale", "norm_bias"))


def measured(*, absolute=True, factor=0.5, slots=(0, 1), minimum=0, **given):
    engine = DriftEngine(tiny, base(**given), minimum=minimum)
    for slot in slots:
        for kind, now in zip(KINDS, (1.0, factor), strict=True):
            shown = COUNTS * now
            # Slot 1 has far more on P and as much on N: the slots must differ in sign and size.
            shown[:, :, 0] *= 1 + 0.9 * slot
            engine.measure(kind, slot, shown.astype(int), absolute=absolute)
    return engine


@pytest.mark.parametrize("method", METHODS)
def test_what_drifted_reads_as_before(method):
    engine = measured(absolute=method != "fit")
    got, refusal = engine.update(method)
    assert refusal is Refusal.NONE is engine.refusal
    assert (engine.updates, engine.refusals, got.exponent) == (1, 0, 1)
    gain = got.real(tiny)["scale"] / base().real(tiny)["scale"]
    # Counts are halved and truncated, so the gain is a little more than 2.
    assert np.abs(gain - 2).max() < 0.02
    assert np.array_equal(got.norm_scale, engine.base.norm_scale)
    assert np.array_equal(got.norm_bias, engine.base.norm_bias)


@pytest.mark.parametrize("method", METHODS)
def test_updates_do_not_compound(method):
    once, twice = (measured(absolute=method != "fit") for _ in range(2))
    first = once.update(method)[0]
    twice.update(method)
    # The array is as it was and is measured anew; what is measured is the base, so nothing moves.
    again = measured(absolute=method != "fit")
    for key, kept in again._kept.items():
        assert np.array_equal(kept.sums, twice._kept[key].sums)
    assert same(first, twice.update(method)[0])
    assert twice.updates == 2 and same(twice.base, base())


def test_nothing_to_correct_gives_the_base_back():
    engine = measured(factor=1.0)
    for method in ("tile", "column"):
        assert same(engine.update(method)[0], engine.base)


def test_what_an_update_needs():
    engine = DriftEngine(tiny, base())
    for method in METHODS:
        assert engine.update(method) == (None, Refusal.NO_REFERENCE)
    engine.measure("now", 0, COUNTS, absolute=True)
    assert engine.update("tile") == (None, Refusal.NO_REFERENCE)
    engine.measure("reference", 1, COUNTS, absolute=True)
    assert engine.update("tile") == (None, Refusal.NO_REFERENCE)
    engine.measure("reference", 0, COUNTS, absolute=True)
    assert engine.update("tile")[1] is Refusal.NONE
    assert engine.update("fit") == (None, Refusal.NO_REFERENCE)
    assert (engine.updates, engine.refusals) == (1, 6)
    assert engine.refusal is Refusal.NO_REFERENCE
    assert engine.update("column")[1] is Refusal.NONE is engine.refusal


@pytest.mark.parametrize("change", [
    {"absolute": False}, {"counts": COUNTS[:2]},
    {"counts": np.repeat(COUNTS, 2, axis=1), "weights": (1, 1)}])
def test_measurements_of_another_kind_are_not_compared(change):
    engine = measured(slots=(0,))
    engine.measure("now", 0, **{"counts": COUNTS, "absolute": True, **change})
    for method in ("tile", "column"):
        assert engine.update(method) == (None, Refusal.NO_REFERENCE)
    # Both signed are alike, and still not what a tile or a column needs.
    engine = measured(slots=(0,), absolute=False)
    assert engine.update("tile") == (None, Refusal.NO_REFERENCE)


def test_fit_needs_signed_sums_of_a_power_of_two():
    assert measured(absolute=True).update("fit") == (None, Refusal.NO_REFERENCE)
    assert measured(absolute=False, slots=(0,)).update("fit") == (None, Refusal.NO_REFERENCE)
    three = DriftEngine(tiny, base())
    for kind in KINDS:
        for slot in (0, 1):
            three.measure(kind, slot, COUNTS[:3] // (1 + slot), absolute=False)
    assert three.update("fit") == (None, Refusal.NO_REFERENCE)


@pytest.mark.parametrize("kind", KINDS)
def test_a_saturated_measurement_is_not_used(kind):
    engine = measured(slots=(0,))
    full = COUNTS.copy()
    full[3, 0, 1, 5] = 4095
    assert engine.measure(kind, 0, full, absolute=True).saturated
    assert engine.update("tile") == (None, Refusal.SATURATED)
    # In a slot that the estimate does not look at it does no harm.
    engine = measured(slots=(0,))
    engine.measure(kind, 1, full, absolute=True)
    assert engine.update("tile")[1] is Refusal.NONE


def test_a_missing_measurement_is_found_before_a_full_counter():
    engine = DriftEngine(tiny, base())
    engine.measure("reference", 0, np.full((4, 1, 2, 8), 4095), absolute=True)
    assert engine.update("tile") == (None, Refusal.NO_REFERENCE)


def test_a_refused_measurement_leaves_the_slot():
    engine = measured(slots=(0,))
    with pytest.raises(ValueError):
        engine.measure("now", 0, COUNTS + 4096, absolute=True)
    assert engine.update("tile")[1] is Refusal.NONE


def test_coefficients_that_cannot_hold_the_gain():
    engine = measured(scale=np.full((2, 8), 1.95), factor=0.4)
    assert engine.update("tile") == (None, Refusal.COEFFICIENT)
    assert engine.refusals == 1


def test_the_minimum_is_that_of_the_register():
    engine = measured(minimum=(1 << 32) - 1, slots=(0,))
    assert engine.update("tile") == (None, Refusal.ZERO)
    for bad in (-1, 1 << 32):
        with pytest.raises(ValueError, match="^minimum must be an integer in 0..4294967295, not "):
            DriftEngine(tiny, base(), minimum=bad)


@pytest.mark.parametrize(("call", "message"), [
    (lambda e: e.measure("later", 0, COUNTS, absolute=True),
     "kind must be one of reference, now, not 'later'"),
    (lambda e: e.measure("now", 2, COUNTS, absolute=True),
     "slot must be an integer in 0..1, not 2"),
    (lambda e: e.update("median"), "method must be one of tile, column, fit, not 'median'"),
    (lambda e: DriftEngine(lean, base(lean)), "config must have drift.engine, which is false")])
def test_refused_calls(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call(DriftEngine(tiny, base()))
