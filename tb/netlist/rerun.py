"""One block's tests on its netlist."""

import time
from dataclasses import dataclass

from golden.presets import preset
from hw.readout.oscillator_front_end import OscillatorFrontEnd
from hw.tile import Tile
from tb.cases import ONCE, case, registers
from tb.designs import simulate_tile
from tb.netlist.netlist import write_netlist
from tb.oscillator_designs import FOUR_PAIRS, simulate_front_end
from tb.runner import SimulationError, simulate

__all__ = ["FRONT_END", "REGISTER_FILE", "TILE", "Rerun", "Verdict", "build", "decide",
           "run_tests"]

REGISTER_FILE, FRONT_END, TILE = "register_file", "oscillator_front_end", "tile"
"""Not in `tb.cases.BLOCKS`, with cocotb tests of their own: the registers behind their bus, the
counters with oscillators for clocks, the tile of a preset."""
_BUILD_ARGS = {
    # Output bits that are equal are one loop of the vector, though of none of its bits.
    # What is reset by level from the first moment on has no edge of it to see.
    "verilator": ("-Wno-UNOPTFLAT", "--x-initial-edge"),
    "icarus": (),
}


@dataclass(frozen=True)
class Rerun:
    """A block, its variant, and the simulators that its netlist runs on."""

    block: str
    variant: str
    simulators: tuple = ("verilator",)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of the tests of a netlist on one simulator.

    Members
    -------
    block, variant, simulator : str
    cells : int
        In the netlist.
    tests, failures : int
        Tests that ran, and those that failed.
    problem : str
        Why it does not count as passed; empty if it does.
    seconds : float
        Of the build and the tests; of the mapping too on the first simulator.
    """

    block: str
    variant: str
    simulator: str
    cells: int
    tests: int
    failures: int
    problem: str
    seconds: float


def build(block, variant):
    """A new component."""
    if block == TILE:
        return Tile(preset(variant))
    if block == FRONT_END:
        return OscillatorFrontEnd(FOUR_PAIRS)
    return (registers if block == REGISTER_FILE else case(block)).build(variant)


def run_tests(sources, block, variant, simulator, *, folder):
    """Run the cocotb tests of the exported Verilog on a netlist.

    Parameters
    ----------
    sources : list of Path
        The netlist, as of `write_netlist`, and its `cell_models`.
    block, variant, simulator : str
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
    # A netlist has so much code that it would compile for longer than it runs.
    options = {"simulator": simulator, "optimise": 0, "build_args": _BUILD_ARGS[simulator]}
    if block == TILE:
        return simulate_tile(preset(variant), f"{variant}-netlist", "tb.system.tile_tests",
                             tile=sources, **options)
    if block == FRONT_END:
        return simulate_front_end(FOUR_PAIRS, f"{variant}-netlist", front_end=sources, **options)
    module = "registers_tests" if block == REGISTER_FILE else "block_tests"
    return simulate(
        sources=sources, toplevel=block, build_dir=folder, test_module=f"tb.system.{module}",
        env={"BEZEL_BLOCK": block, "BEZEL_VARIANT": variant},
        test_filter="max_idle=0/max_stall=0" if block in ONCE else None, **options)


def decide(rerun, *, models, library, folder):
    """Map a block and run its tests.

    Parameters
    ----------
    rerun : Rerun
    models : Path
        As of `cell_models`.
    library : Library
    folder : Path
        For the netlist and the builds.

    Returns
    -------
    list of Verdict
        One for each simulator.
    """
    block, variant = rerun.block, rerun.variant
    start, verdicts = time.perf_counter(), []
    sources, cells, unmapped = [], 0, ""
    try:
        netlist, cells = write_netlist(build(block, variant), top=block, library=library,
                                       folder=folder)
        sources = [models, netlist]
    except RuntimeError as error:
        unmapped = str(error)
    for simulator in rerun.simulators:
        tests, failures, problem = 0, 0, unmapped
        if not unmapped:
            try:
                tests = run_tests(sources, block, variant, simulator, folder=folder).tests
            except SimulationError as error:
                tests, failures, problem = error.tests, error.failures, str(error)
        now = time.perf_counter()
        verdicts.append(Verdict(
            block=block, variant=variant, simulator=simulator, cells=cells, tests=tests,
            failures=failures, problem=problem, seconds=now - start))
        start = now
    return verdicts
