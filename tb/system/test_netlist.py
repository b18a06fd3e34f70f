"""Clock gates on a netlist: the model of the cell, and a block of which clocks are gated."""

import re

import pytest

from tb.netlist.models import cell_models
from tb.netlist.netlist import write_netlist
from tb.netlist.rerun import build, run_tests
from tb.runner import SIMULATORS, SimulationError, require_icarus, simulate
from tb.synth.libraries import find_library


@pytest.fixture(scope="module")
def nangate45():
    return find_library("nangate45")


@pytest.fixture(scope="module")
def models(nangate45, tmp_path_factory):
    return cell_models(nangate45, tmp_path_factory.mktemp("models"))


def changed(models, path, what, other):
    """The models with another line in all eight clock gates."""
    text, gates = re.subn(what, other, models.read_text())
    assert gates == 8
    path.write_text(text)
    return path


@pytest.mark.parametrize("simulator", SIMULATORS)
@pytest.mark.parametrize(("cell", "enables"), [("CLKGATE_X1", "E"), ("CLKGATETST_X8", "E SE")])
def test_clock_gate(models, tmp_path, cell, enables, simulator):
    if simulator == "icarus":
        require_icarus()

    def tests(models):
        return simulate(sources=[models], toplevel=cell, build_dir=tmp_path, simulator=simulator,
                        test_module="tb.netlist.clock_gate_tests", env={"ENABLES": enables})

    assert tests(models).tests == 1
    transparent = changed(models, tmp_path / "transparent.v", r"always_latch if \(!CK\)",
                          "always_comb")
    with pytest.raises(SimulationError, match="1 of 1 tests failed"):
        tests(transparent)


def test_gated_netlist(nangate45, models, tmp_path):
    """The tests of a block pass if its clocks are gated, and fail if the gates never close."""
    netlist, _ = write_netlist(build("requantise", "deep_half_even"), top="requantise",
                               library=nangate45, folder=tmp_path)
    assert re.search(r"^  CLKGATE_X\d ", netlist.read_text(), re.MULTILINE)

    def tests(models):
        return run_tests([models, netlist], "requantise", "deep_half_even", "verilator",
                         folder=tmp_path)

    assert tests(models).tests == 4
    always_open = changed(models, tmp_path / "always_open.v", "assign GCK = CK & opened;",
                          "assign GCK = CK;")
    with pytest.raises(SimulationError, match="of 4 tests failed"):
        tests(always_open)
