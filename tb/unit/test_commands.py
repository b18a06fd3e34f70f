"""The commands: what they print, and one line and exit code 2 for what they cannot do."""

import json
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import tb.sim.__main__ as sim
from golden.config import TileConfig
from golden.presets import hermes, tiny, wide
from hw.__main__ import main as verilog
from tb import designs, figures, fresh, waves
from tb.designs import read_metrics
from tb.regress import __main__ as regress
from tb.runner import SimulationError
from tb.sim.regression import Regression
from tb.system import test_columns as system_columns

MINE = """
array: {rows: 16, columns: 12}
nmpu: {lanes: 3}
control: {activations: 0}
program: {heads: 4}
stream: {x_bits: 32, y_bits: 24}
"""


def run(command, *arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments])


def refused(result, message):
    assert result.exit_code == 2
    assert result.stderr == message + "\n"
    assert result.stdout == ""


def test_verilog_of_a_preset(tmp_path):
    result = run(verilog, "--preset", "tiny", "--out", tmp_path)
    assert result.exit_code == 0, result.output
    text = (tmp_path / "tiny" / "tile.v").read_text()
    assert re.match(r"// Bezel \d+\.\d+\.\d+, tile tiny\.\n(// .*\n){2}//\n"
                    r"// array:\n//   rows: 8\n", text)
    assert re.search(r"^module tile\(", text, re.MULTILINE)
    assert TileConfig.from_yaml((tmp_path / "tiny" / "tile.yaml").read_text()) == tiny


def test_verilog_of_a_file(tmp_path):
    config = tmp_path / "mine.yaml"
    config.write_text(MINE)
    result = run(verilog, "--config", config, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert len(re.findall(r"tile_lane lane_\d+", (tmp_path / "mine" / "tile.v").read_text())) == 3


def test_verilog_unknown_preset(tmp_path):
    refused(run(verilog, "--preset", "huge", "--out", tmp_path),
            "verilog: preset must be one of tiny, small, hermes, wide, lean, ripple, not 'huge'")
    assert not list(tmp_path.iterdir())


def test_verilog_missing_file(tmp_path):
    refused(run(verilog, "--config", tmp_path / "none.yaml", "--out", tmp_path),
            f"verilog: config must be a readable file, not {tmp_path / 'none.yaml'}: "
            "No such file or directory")


@pytest.mark.parametrize(("text", "message"), [
    (b"nmpu: {lanes: 5}", ("nmpu.lanes must divide array.columns 256 "
                          "(1, 2, 4, 8, 16, 32, 64, 128, 256), not 5")),
    (b"nmpu: {lane: 5}", ("unknown key nmpu.lane: allowed are lanes, scale, offset, max_reads, "
                         "accumulator_bits, norm_scale, norm_bias, shift_bits, rounding, "
                         "output_bits, residual, partial_sums, stage_gates")),
    (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte")])
def test_verilog_bad_file(tmp_path, text, message):
    config = tmp_path / "bad.yaml"
    config.write_bytes(text)
    refused(run(verilog, "--config", config, "--out", tmp_path), f"verilog: {config}: {message}")
    assert [p.name for p in tmp_path.iterdir()] == ["bad.yaml"]


def test_verilog_bad_folder(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    refused(run(verilog, "--preset", "tiny", "--out", blocked),
            f"verilog: out must be a folder that can be written, not {blocked}: Not a directory")


@pytest.mark.parametrize("name", [None, "no_such_test"])
def test_waves_unknown_test(name):
    refused(run(waves.main, *([name] if name else [])),
            f"waves: TEST must be one of {', '.join(waves.tests())}, not {name!r}")


def test_waves_knows_the_tests():
    source = Path(waves.TESTS).read_text()
    assert len(waves.tests()) == source.count("@cocotb.test(") > 5


def test_sim_range_of_images():
    result = run(sim.main, "--images", 501)
    assert result.exit_code == 2
    assert "501 is not in the range 1<=x<=500" in result.stderr


def test_sim_says_what_failed(monkeypatch):
    def fails():
        raise sim.SimulationError("the regression could not be run, pytest ended with 5")

    monkeypatch.setattr(sim, "run_regression", fails)
    result = run(sim.main)
    assert result.exit_code == 1
    assert result.stderr == "sim: the regression could not be run, pytest ended with 5\n"


def test_whole_sim_tells_what_its_tests_measured(monkeypatch, tmp_path):
    """With the measurements that the system tests leave, and no others."""
    left = {(name, "columns"): {"columns": 20_000, "mismatches": 0}
            for name in system_columns.test_columns.pytestmark[0].args[1]}
    left |= {(name, "latency"): {"issue_clocks": config.groups, "pipeline_depth": 8,
                                 "latency_clocks": config.groups + 8}
             for name, config in (("hermes", hermes), ("wide", wide))}
    network = {"images": sim.IMAGES, "vectors": 9, "mismatches": 0, "accuracy_golden": 0.99,
               "accuracy_rtl": 0.99, "clocks": 9, "seconds": 0.01, "counts": None}
    monkeypatch.setattr(sim, "BUILD", tmp_path / "build")
    for name in ("write", "forget"):
        monkeypatch.setattr(figures, name, partial(getattr(figures, name), folder=tmp_path))
    for name, value in {
            "run_regression": Regression(9, 0, 1, 1.0), "run_network": network,
            "fixed_point_against_float": (np.full(20, 0.99), np.full(20, 0.99), None),
            "accuracy_over_time": np.ones((2, len(sim.TIMES), 5)), "draw": []}.items():
        monkeypatch.setattr(sim, name, lambda *_, value=value, **__: value)
    monkeypatch.setattr(sim, "read_metrics", lambda name, test: left[name, test])
    result = run(sim.main)
    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "build" / "sim.json").read_text())
    assert told["columns"].keys() == {name for name, test in left if test == "columns"}
    written = {figure.name: figure for figure in figures.read_all(folder=tmp_path)["sim"]}
    assert written["sim.columns_hermes"].value == 20_000
    assert written["nmpu.issue_clocks_wide"].value == wide.groups

    left["tiny", "columns"]["mismatches"] = 1
    result = run(sim.main)
    assert (result.exit_code, result.stderr) == (1, "sim: missed sim.mismatches\n")

    # The short run of the page, and one of other arrays, write nothing of the whole one.
    (tmp_path / "build" / "sim.json").unlink()
    (tmp_path / "sim.json").unlink()
    left.clear()
    network["images"] = 20
    for arguments in (("--images", 20, "--no-regression"), ("--seed", 7, "--no-regression")):
        result = run(sim.main, *arguments)
        assert result.exit_code == 0, result.output
        assert "build/sim.json and build/figures/sim.json are left as" in result.stdout
    assert not list(tmp_path.rglob("*.json"))

    # A test that left nothing is told.
    monkeypatch.setattr(sim, "read_metrics", read_metrics)
    monkeypatch.setattr(designs, "METRICS", tmp_path)
    result = run(sim.main)
    assert (result.exit_code, result.stderr) == (
        1, "sim: no test of tiny on verilator has left its columns\n")


def test_regress_keeps_what_a_failing_part_leaves(monkeypatch, tmp_path):
    def part(name, value):
        return lambda console: [figures.Figure.at_most(f"readout.{name}", value, 5, unit="clocks",
                                                       command="make regress")]

    def fails(console):
        raise SimulationError("1 of 2 tests failed")

    for name in ("add", "forget"):
        monkeypatch.setattr(figures, name, partial(getattr(figures, name), folder=tmp_path))
    monkeypatch.setattr(regress, "PARTS", {
        "timing": part("a", 5), "patterns": part("b", 6), "calibration": fails})

    def left():
        return {figure.name for figure in figures.read_all(folder=tmp_path)["regress"]}

    figures.write("regress", part("old", 1)(None), folder=tmp_path)
    result = run(regress.main)
    assert (result.exit_code, result.stderr) == (
        1, "regress: calibration: 1 of 2 tests failed\n")
    assert left() == {"readout.a", "readout.b"}
    monkeypatch.setattr(regress.random_operations, "one_seed", lambda console, seed: fails(console))
    result = run(regress.main, "random", "--seed", 7)
    assert (result.exit_code, result.stderr) == (1, "regress: random: 1 of 2 tests failed\n")
    result = run(regress.main, "timing")
    assert result.exit_code == 0 and left() == {"readout.a", "readout.b"}
    result = run(regress.main, "patterns")
    assert (result.exit_code, result.stderr) == (1, "regress: missed readout.b\n")


def test_fresh_without_git_or_a_repository(monkeypatch, tmp_path):
    monkeypatch.setattr(fresh, "ROOT", tmp_path)
    monkeypatch.setattr(fresh, "BUILD", tmp_path / "build")
    result = run(fresh.main)
    assert result.exit_code == 2 and result.stdout == ""
    assert re.fullmatch(r"fresh: HEAD could not be cloned: .*\n", result.stderr)
    monkeypatch.setattr(fresh.shutil, "which", lambda name: None)
    refused(run(fresh.main), "fresh: git must be on this machine to clone with, and is not")
