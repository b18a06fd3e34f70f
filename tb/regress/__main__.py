"""``python -m tb.regress``: all parts, or those that are named."""

import sys
import time

import click
from rich.console import Console

from tb import figures
from tb.regress import controller, oscillator, programming, random_operations, readout
from tb.runner import SimulationError

TARGET = "regress"
PARTS = {
    "timing": readout.timing,
    "patterns": readout.patterns,
    "calibration": readout.calibration,
    "oscillator": oscillator.count_error,
    "network": controller.network,
    "utilisation": controller.utilisation,
    "programming": programming.programming,
    "random": random_operations.random,
}


@click.command(help="Run the wide regression: " + ", ".join(PARTS) + ".")
@click.argument("parts", nargs=-1, type=click.Choice(list(PARTS)))
@click.option("--seed", type=click.IntRange(0), help="Of part random, run this seed alone.")
def main(parts, seed):
    console = Console(width=None if sys.stdout.isatty() else 120)
    if seed is not None and parts != ("random",):
        raise click.UsageError("--seed must come with part random alone")
    missed, name = [], "random"
    if not parts:
        figures.forget(TARGET)
    try:
        if seed is not None:
            random_operations.one_seed(console, seed)
            return
        for name in [name for name in PARTS if name in parts or not parts]:
            start = time.perf_counter()
            console.print(f"{name}: {PARTS[name].__doc__}", style="bold", highlight=False)
            found = PARTS[name](console)
            figures.add(TARGET, found)
            missed += figures.failures(found)
            console.print(f"{name}: {time.perf_counter() - start:.0f} s", style="dim",
                          highlight=False)
    except SimulationError as error:
        click.echo(f"regress: {name}: {error}", err=True)
        raise SystemExit(1) from None
    if missed:
        click.echo(f"regress: missed {', '.join(missed)}", err=True)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
