"""One block's tests on its netlist."""

import time
from dataclasses import dataclass

from tb.cases import ONCE, case
from tb.cases import registers as register_map
from tb.netlist.netlist import write_netlist
from tb.runner import SimulationError, simulate

__all__ = ["Rerun", "Verdict", "build", "run_tests"]

REGISTER_FILE = "register_file"
"""The registers behind their bus, which have cocotb tests of their own."""
_BUILD_ARGS = {
    # Output bits that are equal are one loop of the vector, though of none of its bits.
    "verilator": ("-Wno-UNOPTFLAT",),
    "icarus": (),
}


@dataclass(frozen=True)
class Rerun:
    """What is simulated: a block of `tb.cases` or `REGISTER_FILE`, its variant, the simulator."""

    block: str
    variant: str
    simulator: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of it.

    Members
    -------
    rerun : Rerun
    cells : int
    tests, failures : int
        Tests that ran, and those that failed.
    problem : str
        Why it does not count as passed; empty if it does.
    seconds : float
        Mapping and building included.
    """

    rerun: Rerun
    cells: int
    tests: int
    failures: int
    problem: str
    seconds: float


def build(block, variant):
    """A new component."""
    return (register_map if block == REGISTER_FILE else case(block)).build(variant)


def run_tests(netlist, models, rerun, *, folder):
    """Run the cocotb tests of the exported Verilog on a netlist.

    Parameters
    ----------
    netlist, models : Path
        As of `write_netlist` and `cell_models`.
    rerun : Rerun
    folder : Path
        For the simulator's build.

    Returns
    -------
    SimResult

    Raises
    ------
    SimulationError
        As of `tb.runner.simulate`.
    """
    registers = rerun.block == REGISTER_FILE
    return simulate(
        sources=[models, netlist], toplevel=rerun.block, build_dir=folder,
        test_module=f"tb.system.{'registers' if registers else 'block'}_tests",
        simulator=rerun.simulator,
        env={"BEZEL_BLOCK": rerun.block, "BEZEL_VARIANT": rerun.variant},
        test_filter="max_idle=0/max_stall=0" if rerun.block in ONCE else None,
        # A netlist has so much code that it compiles for longer than it runs.
        optimise=0, build_args=_BUILD_ARGS[rerun.simulator])


def decide(rerun, *, models, library, folder):
    """Map a block, run its tests and return the `Verdict`."""
    start = time.perf_counter()
    cells, tests, failures, problem = 0, 0, 0, ""
    try:
        netlist, cells = write_netlist(build(rerun.block, rerun.variant), top=rerun.block,
                                       library=library, folder=folder)
        tests = run_tests(netlist, models, rerun, folder=folder).tests
    except SimulationError as error:
        tests, failures, problem = error.tests, error.failures, str(error)
    except RuntimeError as error:
        problem = str(error)
    return Verdict(rerun=rerun, cells=cells, tests=tests, failures=failures, problem=problem,
                   seconds=time.perf_counter() - start)
