"""Build a design in a simulator and run cocotb tests on it. Nothing else calls cocotb's runner.

    result = simulate(sources=[verilog], toplevel="tile", test_module="tb.system.tile_tests",
                      build_dir=Path("build/sim/tile"))

A run counts only if at least one test ran and none failed.
"""

import contextlib
import importlib.metadata
import logging
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
from cocotb_tools.check_results import get_results
from cocotb_tools.runner import Verilator, get_runner

__all__ = ["MISSING_ICARUS", "SIMULATORS", "SimResult", "SimulationError", "require_icarus",
           "simulate"]

ROOT = Path(__file__).resolve().parents[1]
SIMULATORS = ("verilator", "icarus")
MISSING_ICARUS = "Icarus Verilog is missing; on Debian: apt-get install iverilog"

_BUILD_ARGS = {
    "verilator": (
        "-Wno-WIDTHEXPAND",  # Yosys leaves the extension of operands to Verilog's rules
        "-Wno-WIDTHTRUNC",
        "--x-initial", "unique",  # two-state, but nothing may rest on a start at zero
        "--x-assign", "unique",
    ),
    "icarus": (),
}
_TIMING_ARGS = {
    # No model waits for a delay of 0; ordering those would cost time in every step.
    "verilator": ("--timing", "--no-sched-zero-delay"),
    "icarus": (),
}
# Optimises the hot files alone: with -O2 the table of public signals of a large design compiles
# for minutes.
_OPTIMISE = 2
# Of a model with many clocks of its own most code is run once a step: it compiles for longer than
# it runs.
_OPTIMISE_TIMING = 1
_TAIL = 30  # lines of a log in an error message


class SimulationError(AssertionError):
    """A build failed, or a run had failures, no tests or no results; ends with the log's tail.

    Members
    -------
    tests, failures : int
        Tests that ran, and those that failed; 0 if the build did.
    """

    def __init__(self, text, *, tests=0, failures=0):
        super().__init__(text)
        self.tests, self.failures = tests, failures


@dataclass(frozen=True)
class SimResult:
    """What a simulation did.

    Members
    -------
    tests, failures : int
        Tests run, and those that failed: always 0, since a failure raises.
    results_xml : Path
        The record of each test, in JUnit form.
    seconds_build, seconds_test : float
        Wall time.
    """

    tests: int
    failures: int
    results_xml: Path
    seconds_build: float
    seconds_test: float


def require_icarus():
    """Skip the calling test, with a reason, if Icarus Verilog is not on the machine."""
    if shutil.which("iverilog") is None:
        pytest.skip(MISSING_ICARUS)


def simulate(
    *,
    sources,
    toplevel,
    test_module,
    build_dir,
    simulator="verilator",
    seed=1,
    test_filter=None,
    env=None,
    waves=False,
    parameters=None,
    timing=False,
    optimise=None,
    build_args=(),
):
    """Build a design and run cocotb tests on it.

    An unchanged design is not built again. Builds of one `build_dir` for another simulator, or
    with waves, lie beside each other in it; another set of parameters needs its own.

    Parameters
    ----------
    sources : list of Path
        Verilog files.
    toplevel : str
        The module under test.
    test_module : str
        Dotted name of the module with the cocotb tests, from the root of the project.
    build_dir : Path
        Folder for this design's builds.
    simulator : str
        `"verilator"` or `"icarus"`.
    seed : int
        Of cocotb, which gives each test its own, and of Verilator's start values.
    test_filter : str
        Regular expression for the names of the tests to run; all by default.
    env : dict
        Further environment variables for the tests.
    waves : bool
        Record `dump.vcd` (Verilator) or `<toplevel>.fst` (Icarus) in the run's folder.
    parameters : dict
        Verilog parameters of the top module.
    timing : bool
        The sources have delays, which Verilator leaves out unless it is told.
    optimise : int
        Level at which the C++ of Verilator is compiled, if not the usual one.
    build_args : list of str
        Further arguments of the simulator's build.

    Returns
    -------
    SimResult

    Raises
    ------
    SimulationError
        If the build fails, a test fails, no test ran, or the simulator left no results.
    ValueError
        If the simulator is not a known one.
    """
    if simulator not in SIMULATORS:
        raise ValueError(f"simulator must be one of {SIMULATORS!r}, not {simulator!r}")
    folder = Path(build_dir).resolve() / "-".join(
        [simulator, *["timing"] * timing, *["waves"] * waves])
    folder.mkdir(parents=True, exist_ok=True)
    log = {step: folder / f"{step}.log" for step in ("build", "test")}
    results_xml = folder / "results.xml"
    waivers = [ROOT / "constraints" / "verilator.vlt"] if simulator == "verilator" else []
    runner = _PortsOnlyVerilator() if simulator == "verilator" else get_runner(simulator)
    runner.log.setLevel(logging.ERROR)
    if optimise is None:
        optimise = _OPTIMISE_TIMING if timing else _OPTIMISE

    start = time.perf_counter()
    with (
        _log_tail(log["build"], f"building {toplevel} with {simulator} failed"),
        _make_flags(f"OPT_FAST=-O{optimise}"),
    ):
        runner.build(
            sources=[*waivers, *sources],
            hdl_toplevel=toplevel,
            build_dir=folder,
            build_args=[*_BUILD_ARGS[simulator], *(_TIMING_ARGS[simulator] if timing else ()),
                        *build_args],
            parameters=parameters or {},
            timescale=("1ns", "1ps"),
            waves=waves,
            always=simulator == "icarus",  # its runner looks at the sources only, not the arguments
            log_file=log["build"],
        )
    if simulator == "verilator":
        runner.keep_support()
    built = time.perf_counter()
    results_xml.unlink(missing_ok=True)
    with _log_tail(log["test"], f"simulating {toplevel} with {simulator} failed"):
        code = _exit_code(
            runner.test,
            hdl_toplevel=toplevel,
            test_module=test_module,
            build_dir=folder,
            test_dir=folder,
            seed=seed,
            test_filter=test_filter,
            plusargs=_plusargs(simulator, seed),
            # Threads of BLAS would spin beside the simulator.
            extra_env={"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", **(env or {})},
            timescale=("1ns", "1ps"),
            waves=waves,
            results_xml=str(results_xml),
            log_file=log["test"],
        )
        if not results_xml.is_file():
            raise SimulationError(f"no results were written, exit code {code}")
        tests, failures = get_results(results_xml)
        tests -= sum(1 for _ in ElementTree.parse(results_xml).iter("skipped"))
        if failures:
            raise SimulationError(f"{failures} of {tests} tests failed", tests=tests,
                                  failures=failures)
        if not tests:
            raise SimulationError(f"no test of {test_module} ran, test_filter is {test_filter!r}")
        if code:
            raise SimulationError(f"all {tests} tests passed, but the exit code is {code}")
    done = time.perf_counter()
    return SimResult(tests, failures, results_xml, built - start, done - built)


class _PortsOnlyVerilator(Verilator):
    """Shows cocotb the top module alone: a design of which every signal is public is not
    optimised, and runs at a third of the speed."""

    def _build_command(self):
        verilate, *make = ([part for word in command for part in (
                               ("--public-depth", "1") if word == "--public-flat-rw" else (word,))]
                           for command in super()._build_command())
        return [verilate, *self._support_from_cache(), *make]

    def _cache(self):
        version = importlib.metadata.version("verilator")
        return ROOT / "build" / "sim" / "support" / f"{self.build_dir.name}-{version}"

    def _support_from_cache(self):
        """The command, if any, that spares a first build Verilator's own files: they are the same
        in every build, and take longer than a small design."""
        cached = sorted(self._cache().glob("verilated*"))
        if not cached or (self.build_dir / "verilated.o").is_file():
            return []
        return [["cp", *map(str, cached), str(self.build_dir)]]

    def keep_support(self):
        """After a build, keep Verilator's own files for the next one."""
        cache = self._cache()
        if not cache.is_dir():
            part = cache.with_name(f"{cache.name}.{os.getpid()}")
            part.mkdir(parents=True)
            for file in self.build_dir.glob("verilated*.[od]"):
                shutil.copy(file, part)
            with contextlib.suppress(OSError):  # another process was first
                part.rename(cache)
            shutil.rmtree(part, ignore_errors=True)


def _plusargs(simulator, seed):
    if simulator != "verilator":
        return []
    # Verilator takes 1 to 2**31 - 1; 0 would ask for a seed of its own.
    return [f"+verilator+seed+{1 + seed % (2**31 - 1)}", "+verilator+rand+reset+2"]


def _exit_code(function, **arguments):
    """Call what may call `sys.exit` and return the exit code."""
    try:
        function(**arguments)
    except SystemExit as error:
        return error.code
    return 0


@contextlib.contextmanager
def _make_flags(flags):
    """Let the makes that are started see these flags, and none of a make that started us."""
    before = os.environ.get("MAKEFLAGS")
    os.environ["MAKEFLAGS"] = flags
    try:
        yield
    finally:
        os.environ.pop("MAKEFLAGS")
        if before is not None:
            os.environ["MAKEFLAGS"] = before


@contextlib.contextmanager
def _log_tail(log, what):
    """Turn any way the runner has to fail into one SimulationError with the end of the log."""
    log.unlink(missing_ok=True)
    try:
        yield
    except (SimulationError, RuntimeError, SystemExit) as error:
        lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
        tail = "\n".join(lines[-_TAIL:])
        raise SimulationError(f"{what}: {error}; the end of {log}:\n{tail}",
                              tests=getattr(error, "tests", 0),
                              failures=getattr(error, "failures", 0)) from error
