"""``python -m tb.netlist``: all blocks, or those that are named."""

import shutil
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tb import figures
from tb.designs import BUILD
from tb.figures import Figure
from tb.netlist.models import cell_models
from tb.netlist.rerun import decide
from tb.netlist.reruns import FOUR_STATE, LEFT_OUT, RERUNS
from tb.runner import MISSING_ICARUS
from tb.synth.liberty import LibertyError
from tb.synth.libraries import DEFAULT, find_library, version

COMMAND = "make sim-netlist"
FOLDER = BUILD / "netlist"


@click.command()
@click.argument("blocks", nargs=-1)
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1),
              help="Blocks at a time.")
def main(blocks, jobs):
    """Run the tests of the exported Verilog on the netlists of standard cells."""
    known = [rerun.block for rerun in RERUNS]
    unknown = [block for block in blocks if block not in known]
    if unknown:
        click.echo(f"sim-netlist: a block must be one of {', '.join(known)}, not {unknown[0]}",
                   err=True)
        raise SystemExit(2)
    try:
        library = find_library(DEFAULT)
    except LibertyError as error:
        click.echo(f"sim-netlist: {error}", err=True)
        raise SystemExit(2) from None
    console = Console(width=None if sys.stdout.isatty() else 120)
    start = time.perf_counter()
    chosen = [rerun for rerun in RERUNS if rerun.block in blocks or not blocks]
    if shutil.which("iverilog") is None:
        chosen = [replace(rerun, simulators=("verilator",)) for rerun in chosen]
        console.print(f"left out: {', '.join(FOUR_STATE)} on icarus: {MISSING_ICARUS}",
                      highlight=False, soft_wrap=True)
    for tests, reason in LEFT_OUT.items():
        console.print(f"left out: {tests}: {reason}", highlight=False, soft_wrap=True)
    try:
        verdicts = _decide_all(chosen, library, jobs, console)
    except RuntimeError as error:
        click.echo(f"sim-netlist: {str(error).splitlines()[0]}", err=True)
        raise SystemExit(1) from None
    console.print(_table(verdicts, version(library)))
    if blocks:
        console.print("part of the job: build/figures/sim-netlist.json is left as it was")
    else:
        figures.write("sim-netlist", figures_of(verdicts, (time.perf_counter() - start) / 60))
    failed = [verdict for verdict in verdicts if verdict.problem]
    for verdict in failed:
        click.echo(f"sim-netlist: {verdict.block} {verdict.variant} on {verdict.simulator}: "
                   f"{verdict.problem}", err=True)
    if failed:
        raise SystemExit(1)


def _decide_all(reruns, library, jobs, console):
    models = cell_models(library, FOLDER)
    verdicts = []
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        for found in pool.map(partial(_decide, models=models, library=library), reruns):
            verdicts += found
            for verdict in found:
                console.print(f"{verdict.block} on {verdict.simulator}: {verdict.seconds:.1f} s",
                              style="dim", highlight=False)
    return verdicts


def _decide(rerun, *, models, library):
    return decide(rerun, models=models, library=library,
                  folder=FOLDER / f"{rerun.block}-{rerun.variant}")


def _table(verdicts, library):
    table = Table("block", "variant", title=f"netlists of {library}", title_justify="left")
    table.add_column("cells", justify="right")
    table.add_column("on")
    for heading in ("tests", "failures"):
        table.add_column(heading, justify="right")
    table.add_column("passed")
    table.add_column("s", justify="right")
    for verdict in verdicts:
        passed = Text("NO", "bold red") if verdict.problem else Text("yes", "green")
        table.add_row(verdict.block, verdict.variant, f"{verdict.cells:,}", verdict.simulator,
                      str(verdict.tests), str(verdict.failures), passed, f"{verdict.seconds:.1f}")
    return table


def figures_of(verdicts, minutes):
    """Figures of the whole run; a netlist that ran no test counts as one failure."""
    failures = sum(max(verdict.failures, bool(verdict.problem)) for verdict in verdicts)
    blocks = {verdict.block for verdict in verdicts}
    counted = {"tests": sum(verdict.tests for verdict in verdicts), "blocks": len(blocks)}
    return [
        Figure.equal("netlist.failures", failures, 0, unit="tests", command=COMMAND),
        *(Figure.reported(f"netlist.{name}", value, unit=name, command=COMMAND)
          for name, value in counted.items()),
        Figure.reported("netlist.minutes", minutes, unit="min", command=COMMAND),
    ]


if __name__ == "__main__":
    main()
