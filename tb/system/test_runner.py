"""The runner: a run that proves nothing must not pass."""

import pytest
from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.export import write_verilog
from tb.runner import SimulationError, require_icarus, simulate

TESTS = "tb.system.runner_tests"


class Accumulator(wiring.Component):
    """Adds `i` to `o` every clock."""

    i: In(8)
    o: Out(8)

    def elaborate(self, platform):
        m = Module()
        m.d.sync += self.o.eq(self.o + self.i)
        return m


@pytest.fixture(scope="module")
def design(tmp_path_factory):
    """Arguments of `simulate` that all tests share, so that one build serves them."""
    folder = tmp_path_factory.mktemp("runner")
    verilog = write_verilog(Accumulator(), name="accumulator", out_dir=folder)
    return {
        "sources": [verilog],
        "toplevel": "accumulator",
        "test_module": TESTS,
        "build_dir": folder / "sim",
    }


def test_passes(design):
    first = simulate(**design, test_filter="accumulates")
    again = simulate(**design, test_filter="accumulates")
    assert (first.tests, first.failures) == (again.tests, again.failures) == (1, 0)
    assert again.results_xml.is_file()
    assert again.seconds_build < 1


def test_failure_raises(design):
    with pytest.raises(SimulationError, match="1 of 2 tests failed") as error:
        simulate(**design)
    assert "expects_too_much" in str(error.value)


def test_nothing_run_raises(design):
    with pytest.raises(SimulationError, match="no test of tb.system.runner_tests ran"):
        simulate(**design, test_filter="no_such_test")


def test_only_skipped_raises(design):
    with pytest.raises(SimulationError, match="no test of tb.system.skipped_tests ran"):
        simulate(**{**design, "test_module": "tb.system.skipped_tests"})


def test_missing_module_raises(design):
    with pytest.raises(SimulationError, match="no_such_module"):
        simulate(**{**design, "test_module": "tb.system.no_such_module"})


def test_broken_source_raises(design, tmp_path):
    source = tmp_path / "broken.v"
    source.write_text("module broken(input clk); assign nothing = ; endmodule\n")
    with pytest.raises(SimulationError, match="building broken with verilator failed"):
        simulate(sources=[source], toplevel="broken", test_module=TESTS, build_dir=tmp_path)


def test_unknown_simulator_raises(design):
    with pytest.raises(ValueError, match="simulator must be one of .* not 'vcs'"):
        simulate(**design, simulator="vcs")


def test_icarus(design):
    require_icarus()
    assert simulate(**design, simulator="icarus", test_filter="accumulates").tests == 1
