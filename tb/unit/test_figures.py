"""Figures: targets are judged, files are read back, mistakes are refused."""

import io
import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from rich.console import Console

from tb import figures
from tb.figures import Figure, failures, read_all, show, write

HOW = {"unit": "vectors/s", "command": "make sim"}


@pytest.mark.parametrize(
    ("figure", "target", "holds"),
    [
        (Figure.at_least("a", 300, 300, **HOW), ">= 300", True),
        (Figure.at_least("a", 299.9, 300, **HOW), ">= 300", False),
        (Figure.at_most("a", 2.0, 2, **HOW), "<= 2", True),
        (Figure.at_most("a", 3, 2, **HOW), "<= 2", False),
        (Figure.equal("a", 0, 0, **HOW), "== 0", True),
        (Figure.equal("a", 1, 0, **HOW), "== 0", False),
        (Figure.reported("a", 1, **HOW), None, None),
    ],
)
def test_target_is_judged(figure, target, holds):
    assert (figure.target, figure.holds) == (target, holds)


def test_numpy_values_become_python(tmp_path):
    figure = Figure.at_least("a", np.float64(0.5), np.float64(0.25), **HOW)
    assert type(figure.value) is float and figure.holds is True
    assert type(Figure.reported("b", np.int64(3), **HOW).value) is int


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("458", TypeError, "the value of a must be a number, not '458'"),
        (True, TypeError, "the value of a must be a number, not True"),
        (math.nan, ValueError, "the value of a must be finite, not nan"),
    ],
)
def test_value_must_be_a_finite_number(value, error, message):
    with pytest.raises(error) as raised:
        Figure.at_least("a", value, 1, **HOW)
    assert str(raised.value) == message


def test_written_and_read_back(tmp_path, capsys):
    measured = [Figure.at_least("sim.speed", 458, 300, **HOW),
                Figure.reported("sim.vectors", 1200, unit="", command="make sim")]
    path = write("sim", measured, folder=tmp_path)
    assert path == tmp_path / "sim.json"
    assert read_all(folder=tmp_path) == {"sim": measured}
    entry = json.loads(path.read_text())[0]
    assert entry["target"] == ">= 300" and entry["holds"] is True
    assert entry["tools"].keys() >= {"python", "numpy", "amaranth", "cocotb", "verilator", "pyosys"}
    assert "sim.speed" in capsys.readouterr().out


def test_a_miss_is_shown():
    console = Console(file=io.StringIO(), width=120)
    show("sim", [Figure.at_least("sim.speed", 100, 300, **HOW)], console=console)
    row = next(line for line in console.file.getvalue().splitlines() if "sim.speed" in line)
    assert ">= 300" in row and "NO" in row


@pytest.mark.parametrize("count", [0, 2])
def test_names_must_differ(tmp_path, count):
    with pytest.raises(ValueError, match="sim must have figures of different names, not"):
        write("sim", [Figure.reported("a", 1, **HOW)] * count, folder=tmp_path)


def test_command_prints_all_or_says_there_are_none(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "read_all", lambda: read_all(folder=tmp_path))
    nothing = CliRunner().invoke(figures.main)
    assert nothing.exit_code == 2
    assert nothing.output == (
        "figures: no figures yet; run a target that measures, such as `make sim`\n"
    )
    write("sim", [Figure.reported("sim.vectors", 1200, **HOW)], folder=tmp_path)
    assert "sim.vectors" in CliRunner().invoke(figures.main).output


def test_failures_leave_out_what_the_machine_decides():
    def figure(name, unit):
        return Figure.at_least(name, 1, 2, unit=unit, command="make it")

    found = [figure("a", "points"), figure("b", "vectors/s"), figure("c", "x"), figure("d", "min"),
             Figure.at_least("e", 2, 2, unit="points", command="make it")]
    assert failures(found) == ["a"]
