"""What ``make drift`` makes of its measurements; the long run itself is not one of the tests."""

import numpy as np
import pytest
from click.testing import CliRunner

from golden.drift.divide import Refusal
from golden.presets import hermes
from tb import figures
from tb.drift import __main__ as command
from tb.drift import accuracy, ages, mvm, plots, report, runs
from tb.drift.recipes import MVM, separating_vector
from tb.runner import SimulationError

FLOORS = {"pcm_like": [10.0, 20.0]}


def products(seeds=3, **percent):
    """Errors of two ages: 10 % and 20 %, but for the columns named."""
    error = np.tile(np.array([[0.1], [0.2]]), (seeds, 1, len(mvm.ERRORS)))
    for name, values in percent.items():
        error[..., mvm.ERRORS.index(name)] = np.array(values) / 100
    return {"error": error, "gain": np.ones((seeds, 2)), "gain_error": np.full(seeds, 2e-5),
            "refused": np.zeros((seeds, 2, len(MVM)), int)}


def by_name(found):
    return {figure.name.removeprefix("drift."): figure for figure in found}


def test_errors_are_held_against_the_floor_of_their_age():
    run = products(array=[10.1, 20.6], tile=[11.0, 20.2])
    np.testing.assert_allclose(report.over_floor(run["error"], [10.0, 20.0], "array"),
                               [1.01, 1.03])
    found = by_name(report.product_figures({"pcm_like": run}, FLOORS))
    assert found["error_over_floor"].value == pytest.approx(1.03)
    assert figures.failures(found.values()) == ["drift.error_over_floor"]
    assert found["error_over_floor_tile"].value == pytest.approx(1.1)
    assert found["gain_error"].value == pytest.approx(0.002)
    assert found["arrays"].value == 3


@pytest.mark.parametrize(("method", "counts"), [("tile", 1), ("column", 1), ("fit", 0)])
def test_refusals_of_gains_are_saturations_and_those_of_fits_are_not(method, counts):
    run = products()
    run["refused"][1, 0, list(MVM).index(method)] = Refusal.COEFFICIENT
    found = by_name(report.product_figures({"pcm_like": run}, FLOORS))
    assert found["saturations"].value == counts
    assert found["saturations"].holds is (counts == 0)


def test_loss_is_the_worst_age_of_the_worst_device():
    fine = np.full((4, 2, 2), 0.99)
    poor = fine.copy()
    poor[:, 1, 0] -= [0.001, 0.002, 0.003, 0.002]
    runs_ = {device: np.full((4, 2, len(accuracy.METHODS)), 0.9) for device in ages.DEVICES}
    found = by_name(report.accuracy_figures(
        runs_, dict(zip(ages.DEVICES, (fine, poor), strict=True)), ["25 s", "10 y"]))
    assert found["fixed_point_loss"].value == pytest.approx(0.2)
    assert found["fixed_point_loss"].holds is False
    assert found["fixed_point_loss_error"].value == pytest.approx(
        100 * np.std([0.001, 0.002, 0.003, 0.002], ddof=1) / 2)
    assert found["fixed_point_loss_mean"].value == pytest.approx(0.05)
    assert found["networks"].value == 8
    assert found["accuracy_hermes_two_device_adabs_10y"].value == pytest.approx(90)


def test_one_network_has_no_spread():
    loss, error = report.fixed_point_loss(np.array([[[0.5, 0.75]]]))
    assert loss == [25.0]
    assert error == [0.0]


def outcome(**more):
    kinds = ("coefficients", "refusals", "gains", "results", "pulses")
    return {"differ": dict.fromkeys(kinds, 0), "compared": dict.fromkeys(kinds, 6)} | more


def test_rtl_figures_count_every_difference():
    found = {("pcm_like", "products"): outcome(),
             ("pcm_like", "clocks"): outcome(calibration=1920, rewrite=521)}
    found["pcm_like", "products"]["differ"]["results"] = 2
    named = by_name(report.rtl_figures(found))
    assert named["mismatches"].value == 2
    assert named["compared"].value == 60
    assert named["updates"].value == 12
    assert figures.failures(named.values()) == ["drift.mismatches"]
    found["pcm_like", "clocks"] |= {"calibration": 2001, "rewrite": 1025}
    assert figures.failures(report.rtl_figures(found)) == [
        "drift.mismatches", "drift.calibration_clocks", "drift.rewrite_clocks"]


def test_floors_are_those_of_the_table():
    found = ages.floors("pcm_like", ["1 d", "1 y"])
    assert found == {"1 d": 11.8, "1 y": 15.7}
    ours = ages.floors("pcm_like", ["25 s"], seeds=[1])["25 s"]
    assert 8.6 < ours < 9.0, "between what the table has at 1 s and at 60 s"


def test_every_column_is_far_from_zero():
    rng = np.random.default_rng(1)
    weights = rng.standard_normal((128, 128))
    x = separating_vector(weights, 63, rng)
    assert np.abs(x).max() <= 63
    usual = np.abs(rng.uniform(-63, 63, (100, 128)) @ weights)
    assert np.abs(x @ weights).min() > 0.3 * usual.mean()
    assert usual.min(axis=1).mean() < 0.05 * usual.mean(), "a random vector leaves some near 0"


def test_minimum_is_for_unused_columns_alone():
    recipe = MVM["column"]
    assert recipe.minimum(hermes, hermes.array.columns) == 0
    assert recipe.minimum(hermes, 10) == int(1.5 * 256 * 2**7)


def test_the_same_numbers_make_the_same_picture(tmp_path):
    runs_ = {device: np.full((2, 2, len(accuracy.METHODS)), 0.9) for device in ages.DEVICES}
    seconds = {"25 s": 25.0, "10 y": 3650 * 86400.0}
    first, second = (plots.draw_svg(tmp_path / name, runs_, seconds).read_bytes()
                     for name in ("a.svg", "b.svg"))
    assert first == second
    assert 0 < len(first) < 150_000


class FakePool:
    """Gives made-up results in no time."""

    def __init__(self, jobs):
        self._shape = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def products(self, ages_s, seeds):
        self._ages = len(ages_s)

    def accuracy(self, ages_s, seeds, methods):
        pass

    def results(self, console):
        found = {}
        for device in ages.DEVICES:
            found["products", device] = products(2)
            for methods in (accuracy.METHODS, accuracy.PAIR):
                found[methods, device] = {"accuracy": np.full((2, 2, len(methods)), 0.9)}
        return found


@pytest.fixture
def fast(monkeypatch, tmp_path):
    monkeypatch.setattr(runs, "Pool", FakePool)
    monkeypatch.setattr(ages, "floors", lambda device, names: dict(zip(names, (10.0, 20.0),
                                                                       strict=True)))
    monkeypatch.setattr(plots, "draw", lambda *_, **__: [])
    monkeypatch.setattr(plots, "draw_svg", lambda path, *_: path)
    return CliRunner()


def test_command_ends_with_1_and_names_what_missed(fast, monkeypatch):
    clocks = {("pcm_like", "clocks"): outcome(calibration=1920, rewrite=521)}
    monkeypatch.setattr(runs, "run_rtl", lambda *_, **__: clocks)
    result = fast.invoke(command.main, ["--quick"])
    assert result.exit_code == 0, result.output
    assert "left as they were" in result.output
    clocks["pcm_like", "clocks"]["calibration"] = 4000
    result = fast.invoke(command.main, ["--quick"])
    assert result.exit_code == 1
    assert result.stderr == "drift: missed drift.calibration_clocks\n"


def test_command_ends_with_1_when_the_simulation_fails(fast, monkeypatch):
    def fails(*_, **__):
        raise SimulationError("1 of 3 tests failed")

    monkeypatch.setattr(runs, "run_rtl", fails)
    result = fast.invoke(command.main, ["--quick"])
    assert result.exit_code == 1
    assert result.stderr == "drift: 1 of 3 tests failed\n"


@pytest.mark.parametrize("arguments", [["--images", "0"], ["--seeds", "none"], ["extra"]])
def test_command_refuses_bad_usage(arguments):
    assert CliRunner().invoke(command.main, arguments).exit_code == 2
