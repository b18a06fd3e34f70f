"""`make synth`: what it writes, draws and accepts, how it ends, and what it refuses."""

from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from golden.presets import PRESETS
from tb import figures
from tb.synth import __main__ as synth
from tb.synth import budgets, job, lane_counts, libraries, measure, plots
from tb.synth.blocks import BLOCKS, QUICK
from tb.synth.generic import GateCount
from tb.synth.liberty import LibertyError, Library
from tb.synth.published_lane import one_group, published


def library(name):
    if not Path(name).stem.isidentifier():
        raise LibertyError(f"no library {name}")
    return Library(label=Path(name).stem, name=name, path=Path(name), flops=frozenset({"DFF"}),
                   data_pins=frozenset(), nand2_area=1.0, driver="B2", load_ff=8.0, cells=9)


def record(library, preset, block):
    return {"library": library, "preset": preset, "block": block, "area_um2": 100.0,
            "gate_equivalents": 100.0, "latency": 1, "flops": 1, "cells": {"DFF": 1}, "parts": {},
            "depth": 20, "memory": {"coefficient_bits": 0, "other_bits": 0},
            "timing": {"by": "ABC estimate", "worst": None, "inner": None, "period_ns": 1.0,
                       "target_ns": 1.0, "max_clock_mhz": 1000.0}}


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs the command without a tool; its result, and what it drew and accepted."""
    def invoke(*arguments, full_lane_gates=4000, accepted=None):
        drawn, written = [], []
        small, full = (GateCount(gates=gates, depth=20, luts=1, lut_depth=1, flops=1)
                       for gates in (2300, full_lane_gates))
        counts = {**dict.fromkeys(lane_counts.PARTS, small), "full_lane": full}
        monkeypatch.setattr(job, "find_library", library)
        monkeypatch.setattr(figures, "write", partial(figures.write, folder=tmp_path))
        monkeypatch.setattr(budgets, "load", lambda: accepted or {})
        monkeypatch.setattr(budgets, "write", lambda found, tools: written.append(found))
        for name, stub in {
                "run_jobs": lambda jobs, **_: [
                    [record(one.library.label, one.preset, block) for block in one.blocks]
                    for one in jobs],
                "count_lane": lambda config: counts, "sweep": lambda *_, **__: [],
                "draw_sweep": lambda points: drawn.append("lanes"),
                "draw_blocks": lambda records, library, preset: drawn.append(
                    (library.label, preset, [one["block"] for one in records]))}.items():
            monkeypatch.setattr(synth, name, stub)
        return CliRunner().invoke(synth.main, arguments), drawn, written
    return invoke


def test_whole_run(run, tmp_path):
    result, drawn, _ = run()
    assert result.exit_code == 0, result.output
    found = {figure.name: figure for figure in figures.read_all(folder=tmp_path)["synth"]}
    assert found["synth.over_budget"].value == 0 and found["synth.full_lane_gates"].holds
    # One picture of a preset, whichever jobs its blocks are of.
    blocks = {(label, preset): blocks for label, preset, blocks in drawn[:-1]}
    assert len(blocks) == len(drawn) - 1 and drawn[-1] == "lanes"
    assert blocks["nangate45", "hermes"] == list(BLOCKS)
    assert blocks["nangate45", "tiny"] == [*QUICK, "nmpu"]
    assert blocks["osu018", "hermes"] == [name for name in BLOCKS if name in job.LANE_BLOCKS]


def test_a_miss_is_told_and_written(run, tmp_path):
    result, _, _ = run(full_lane_gates=4001)
    assert (result.exit_code, result.stderr) == (1, "synth: missed synth.full_lane_gates\n")
    found = {figure.name: figure for figure in figures.read_all(folder=tmp_path)["synth"]}
    assert found["synth.full_lane_gates"].value == 4001


GROWN = {"nangate45": {"hermes": {"lane": {"area_um2": 90.0}, "gather": {"area_um2": 100.0}}}}


def test_what_outgrew_its_budget_ends_a_part_run(run, tmp_path):
    result, drawn, _ = run("--block", "lane,gather,lane", accepted=GROWN)
    assert (result.exit_code, result.stderr) == (
        1, "synth: over budget: nangate45 hermes lane: area_um2 is 100.0, +11.1% of 90.0\n")
    assert "build/figures/synth.json is left as it was" in result.stdout
    assert not drawn and not list(tmp_path.iterdir())
    # Another clock has no budgets.
    assert run("--block", "lane", "--clock-ns", "2", accepted=GROWN)[0].exit_code == 0


def test_what_outgrew_its_budget_is_accepted_when_asked(run):
    result, _, written = run("--block", "lane", "--update-budgets", accepted=GROWN)
    assert result.exit_code == 0, result.output
    (found,) = written
    assert found["nangate45"]["hermes"] == {
        "lane": {"area_um2": 100.0, "depth": 20}, "gather": {"area_um2": 100.0}}


def test_a_whole_preset_is_counted_and_drawn(run, tmp_path):
    result, drawn, _ = run("--preset", "small,small")
    assert result.exit_code == 0, result.output
    assert {preset for _, preset, _ in drawn} == {"small", "tiny"}
    assert "part of the job" in result.stdout and not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_a_lane_that_can_be_counted(name):
    assert one_group(PRESETS[name]).groups == published(PRESETS[name]).groups == 1


@pytest.mark.parametrize(("arguments", "message"), [
    (["--preset", "huge"], f"preset must be one of {', '.join(PRESETS)}, not 'huge'"),
    (["--block", "lane,lain"], f"block must be of {', '.join(BLOCKS)}, not 'lain'"),
    (["--preset", "lean", "--block", "program_engine"],
     "block must be in the preset lean, which has no program_engine"),
    (["--update-budgets", "--clock-ns", "2"], "budgets must be of a clock of 1.0 ns, not 2.0"),
    (["--lib", "sky"],
     "the library must be one of nangate45, osu018 or a path <file>.lib, not 'sky'"),
    (["--lib", "my/nangate45.lib"], ("the file must be called other than nangate45.lib, the name "
                                     "of a library that is known here: my/nangate45.lib")),
    (["--lib", "no.lib"], ("the library must be a readable Liberty file with flip-flops, not "
                           "no.lib: No such file or directory"))])
def test_refused_before_anything_is_mapped(monkeypatch, tmp_path, arguments, message):
    for module in (measure, lane_counts, plots):
        monkeypatch.setattr(module, "FOLDER", tmp_path)
    result = CliRunner().invoke(synth.main, arguments)
    assert result.exit_code == 2
    assert result.stderr == f"synth: {message}\n"
    assert result.stdout == "" and not list(tmp_path.iterdir())


@pytest.mark.parametrize(("text", "reason"), [
    ("", "it has other members"), ("[]", "it has other members"),
    ("budgets:\n", "it has other members"),
    ("tools: {}\nbudgets: {a: {b: {c: {area_um2: x}}}}", "there is one that is no number"),
    ("a: [", "while parsing a flow node")])
def test_budgets_that_cannot_be_read(monkeypatch, tmp_path, text, reason):
    path = tmp_path / "budgets.yaml"
    path.write_text(text)
    monkeypatch.setattr(budgets, "load", partial(budgets.load, path=path))
    result = CliRunner().invoke(synth.main, ["--block", "lane"])
    assert result.exit_code == 2 and result.stdout == ""
    assert result.stderr == ("synth: budgets.yaml must hold tools and budgets by library, preset "
                             f"and block: {reason}\n")


def test_missing_library_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(libraries, "OSU018", tmp_path / "none.lib")
    _, missing = job.plan(presets=("tiny",), blocks="gather,tile", library=None)
    assert len(missing) == 1 and missing[0].startswith("the library osu018 is not on this machine")
