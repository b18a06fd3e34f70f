"""Netlists of cells: models, tests on them, and what makes these fail."""

import re
from functools import partial

import pytest
from click.testing import CliRunner

from tb import figures
from tb.cases import BLOCKS
from tb.netlist import __main__ as command
from tb.netlist import rerun
from tb.netlist.models import cell_models, clock_gates
from tb.netlist.netlist import write_netlist
from tb.netlist.rerun import Rerun, Verdict, build, decide, run_tests
from tb.netlist.reruns import FOUR_STATE, RERUNS
from tb.runner import SimulationError
from tb.synth.liberty import LibertyError
from tb.synth.libraries import find_library

GATES = """library (demo) {
  cell (GATE) { clock_gating_integrated_cell : latch_posedge;
    pin (Q) { direction : internal; }
    pin (C) { clock_gate_clock_pin : true; } pin (E) { clock_gate_enable_pin : true; }
    pin (G) { clock_gate_out_pin : true; } }
  cell (TESTED) { clock_gating_integrated_cell : "latch_posedge_precontrol";
    pin (C) { clock_gate_clock_pin : true; } pin (E) { clock_gate_enable_pin : true; }
    pin (T) { clock_gate_test_pin : true; } pin (G) { clock_gate_out_pin : true; } }
  cell (BARE) { clock_gating_integrated_cell : none_posedge;
    pin (C) { clock_gate_clock_pin : true; } pin (E) { clock_gate_enable_pin : true; }
    pin (G) { clock_gate_out_pin : true; } }
  cell (AND) { pin (Y) { function : "A & B"; } } }
"""


@pytest.fixture(scope="module")
def nangate45():
    try:
        return find_library("nangate45")
    except LibertyError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def models(nangate45, tmp_path_factory):
    return cell_models(nangate45, tmp_path_factory.mktemp("models"))


def test_clock_gates_with_a_latch_are_modelled():
    text = clock_gates(GATES)
    assert re.findall(r"^module (.*);$", text, re.MULTILINE) == [
        "GATE(C, E, G)", "TESTED(C, E, T, G)"]
    assert re.findall(r"always_latch (.*);", text) == [
        "if (!C) opened = E", "if (!C) opened = E | T"]
    assert text.count("assign G = C & opened;") == 2


def test_every_cell_that_is_mapped_to_has_a_model(nangate45, models):
    modelled = set(re.findall(r"^module (\w+)", models.read_text(), re.MULTILINE))
    gates = {f"CLKGATE{test}_X{size}" for test in ("", "TST") for size in (1, 2, 4, 8)}
    # An antenna is a pin without a function.
    assert nangate45.flops | gates <= modelled and len(modelled) >= nangate45.cells - 1


def test_unchanged_models_and_netlists_are_left_alone(nangate45, models, tmp_path):
    def files():
        return [cell_models(nangate45, models.parent),
                write_netlist(build("bank_exchange", "all"), top="bank_exchange",
                              library=nangate45, folder=tmp_path)[0]]

    before = [file.stat().st_mtime_ns for file in files()]
    assert [file.stat().st_mtime_ns for file in files()] == before


OTHER = {"AND2": "OR2", "OR2": "AND2", "NAND2": "NOR2", "NOR2": "NAND2"}


def swapped(text):
    """The netlist with another gate in the place of the first that has one."""
    changed = re.sub(rf"^  ({'|'.join(OTHER)})_", lambda found: f"  {OTHER[found[1]]}_", text,
                     count=1, flags=re.MULTILINE)
    assert changed != text
    return changed


def test_swapped_cell_is_found(nangate45, models, tmp_path):
    """The netlist passes the tests of the exported Verilog, and with one wrong gate it does not."""
    netlist, cells = write_netlist(build("bank_exchange", "all"), top="bank_exchange",
                                   library=nangate45, folder=tmp_path)
    assert len(re.findall(r"^  [A-Z]\w+_X\d+ ", netlist.read_text(), re.MULTILINE)) == cells

    def tests():
        return run_tests([models, netlist], "bank_exchange", "all", "verilator", folder=tmp_path)

    assert tests().tests == 1
    netlist.write_text(swapped(netlist.read_text()))
    with pytest.raises(SimulationError, match="1 of 1 tests failed") as error:
        tests()
    assert (error.value.tests, error.value.failures) == (1, 1)


def test_what_does_not_map_or_run_does_not_pass(nangate45, tmp_path, monkeypatch):
    def lost(*_, **__):
        raise RuntimeError("Yosys failed: lost")

    def decided(simulators):
        return decide(Rerun("bank_exchange", "all", simulators), models=tmp_path / "cells.v",
                      library=nangate45, folder=tmp_path)

    monkeypatch.setattr(rerun, "run_tests", partial(pytest.fail, "there is nothing to run"))
    with monkeypatch.context() as unmapped:
        unmapped.setattr(rerun, "build", lost)
        found = decided(("verilator", "icarus"))
        assert [verdict.simulator for verdict in found] == ["verilator", "icarus"]
        assert {verdict.problem for verdict in found} == {"Yosys failed: lost"}

    def failing(*_, **__):
        raise SimulationError("no test ran; the end of a log", tests=3, failures=2)

    monkeypatch.setattr(rerun, "run_tests", failing)
    verdict, = decided(("verilator",))
    assert (verdict.tests, verdict.failures) == (3, 2) and verdict.problem.startswith("no test ran")


def verdict(**changes):
    return Verdict(**{"block": "lane", "variant": "tiny", "simulator": "verilator", "cells": 9,
                      "tests": 4, "failures": 0, "problem": "", "seconds": 1.0, **changes})


def test_a_block_without_tests_is_a_failure():
    def values(*verdicts):
        return {figure.name: (figure.value, figure.holds)
                for figure in command.figures_of(verdicts, 2.0)}

    assert values(verdict(), verdict(simulator="icarus"), verdict(block="nmpu")) == {
        "netlist.failures": (0, True), "netlist.tests": (12, None), "netlist.blocks": (2, None),
        "netlist.minutes": (2.0, None)}
    assert values(verdict(failures=2, problem="x"), verdict(tests=0, problem="no test ran"))[
        "netlist.failures"] == (3, False)


@pytest.fixture
def run(nangate45, models, monkeypatch):
    """Call the command, all blocks of which come to given verdicts."""
    def run(*arguments, found=()):
        monkeypatch.setattr(command, "cell_models", lambda *_: models)
        monkeypatch.setattr(command, "ProcessPoolExecutor", Here)
        monkeypatch.setattr(command, "decide", lambda *_, **__: list(found))
        return CliRunner().invoke(command.main, arguments)
    return run


class Here:
    """A pool of processes that is this process."""

    map = staticmethod(map)

    def __init__(self, **_):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def test_command_passes_and_fails(run, monkeypatch):
    written = {}
    monkeypatch.setattr(figures, "write", lambda name, found: written.update({name: found}))
    monkeypatch.setattr(command, "RERUNS", (Rerun("lane", "tiny"),))
    result = run("lane", found=[verdict(tests=0, problem="no test ran")])
    assert result.exit_code == 1 and not written
    assert result.stderr == "sim-netlist: lane tiny on verilator: no test ran\n"
    assert "sim-netlist.json is left as it was" in result.stdout
    result = run(found=[verdict()])
    assert result.exit_code == 0, result.output
    assert re.search(r"lane +│ tiny +│ +9 │ verilator │ +4 │ +0 │ yes", result.stdout)
    assert not figures.failures(written["sim-netlist"])


def test_command_says_what_is_left_out(run, monkeypatch):
    monkeypatch.setattr(command.shutil, "which", lambda _: None)
    result = run("lane", found=[verdict()])
    assert result.exit_code == 0, result.output
    assert (f"left out: {', '.join(FOUR_STATE)} on icarus: Icarus Verilog is missing"
            in result.stdout)


def test_command_refuses(run):
    result = run("lain")
    assert result.exit_code == 2 and result.stdout == ""
    assert re.fullmatch(r"sim-netlist: a block must be one of combine, .*, tile, not lain\n",
                        result.stderr)


def test_reruns_are_the_blocks_that_are_simulated():
    assert len({rerun.block for rerun in RERUNS}) == len(RERUNS) == len(BLOCKS) + 3
    assert {rerun.block for rerun in RERUNS if "icarus" in rerun.simulators} == set(FOUR_STATE)
