"""``python -m tb.formal``: all properties, or those that are named."""

import sys
import time
from concurrent.futures import ProcessPoolExecutor

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tb import figures
from tb.figures import Figure
from tb.formal.engine import ABC
from tb.formal.properties import PROPERTIES
from tb.formal.verdict import decide

COMMAND = "make formal"


@click.command()
@click.argument("names", nargs=-1)
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1),
              help="Properties at a time.")
def main(names, jobs):
    """Prove the properties of the blocks, and see their planted mistakes found."""
    unknown = [name for name in names if name not in PROPERTIES]
    if unknown:
        click.echo(f"formal: a property must be one of {', '.join(PROPERTIES)}, not {unknown[0]}",
                   err=True)
        raise SystemExit(2)
    if not ABC.is_file():
        click.echo(f"formal: {ABC} is needed and was not found; `make setup` brings it", err=True)
        raise SystemExit(2)
    chosen = [claim for name, claim in PROPERTIES.items() if name in names or not names]
    console = Console(width=None if sys.stdout.isatty() else 120)
    start = time.perf_counter()
    verdicts = []
    try:
        with ProcessPoolExecutor(max_workers=jobs) as pool:
            for verdict in pool.map(_decide, [claim.name for claim in chosen]):
                verdicts.append(verdict)
                console.print(f"{verdict.name}: {verdict.seconds:.1f} s", style="dim",
                              highlight=False)
    except RuntimeError as error:
        click.echo(f"formal: {str(error).splitlines()[0]}", err=True)
        raise SystemExit(1) from None
    console.print(_table(chosen, verdicts))
    unproved = [verdict for verdict in verdicts if not verdict.holds]
    if names:
        console.print("part of the job: build/figures/formal.json is left as it was")
    else:
        figures.write("formal", _figures(chosen, unproved, (time.perf_counter() - start) / 60))
    for verdict in unproved:
        click.echo(f"formal: {verdict.name}: {'; '.join(verdict.problems)}", err=True)
    if unproved:
        raise SystemExit(1)


def _decide(name):
    """In a process of its own, to which a name can be sent and a property can not."""
    return decide(PROPERTIES[name])


def how(claim):
    return f"{claim.depth} clocks" if claim.bounded else "induction"


def _table(chosen, verdicts):
    table = Table("property", "claim", "how", title="proofs", title_justify="left")
    table.add_column("proven")
    table.add_column("twin fails in clock", justify="right")
    table.add_column("s", justify="right")
    for claim, verdict in zip(chosen, verdicts, strict=True):
        proven = Text("yes", "green") if verdict.holds else Text("NO", "bold red")
        twin = "" if verdict.twin_clock is None else str(verdict.twin_clock)
        table.add_row(claim.name, claim.sentence, how(claim), proven, twin,
                      f"{verdict.seconds:.1f}")
    return table


def _figures(chosen, unproved, minutes):
    bounded = [claim for claim in chosen if claim.bounded]

    def count(name, value):
        return Figure.reported(f"formal.{name}", value, unit="properties", command=COMMAND)

    return [
        Figure.equal("formal.unproved", len(unproved), 0, unit="properties", command=COMMAND),
        count("by_induction", len(chosen) - len(bounded)),
        count("bounded", len(bounded)),
        *([Figure.reported("formal.least_depth", min(claim.depth for claim in bounded),
                           unit="clocks", command=COMMAND)] if bounded else []),
        Figure.at_most("formal.minutes", minutes, 10, unit="min", command=COMMAND),
    ]


if __name__ == "__main__":
    main()
