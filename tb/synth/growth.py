"""``python -m tb.synth.growth``: how area grows with lanes, columns and the bits of the scale."""

import sys

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from golden.presets import hermes
from hw.nmpu.coefficients import Coefficients
from hw.nmpu.lane import Lane
from tb import figures
from tb.figures import Figure
from tb.synth.blocks import KEPT
from tb.synth.liberty import LibertyError
from tb.synth.libraries import DEFAULT, MEMORY_UM2_PER_BIT, find_library
from tb.synth.mapping import map_to_cells
from tb.synth.measure import FOLDER, PERIOD_NS
from tb.synth.rtlil import prepare
from tb.synth.scale_format import with_scale

__all__ = ["LINEAR", "SWEEPS", "area_of", "exponent"]

COMMAND = "make growth"
LINEAR = 1.1
"""The largest exponent that is called linear."""


def _lanes(lanes):
    return hermes.replace(nmpu={"lanes": lanes}, stream={"y_bits": 8})


def _columns(columns):
    return hermes.replace(array={"columns": columns})


def _scale(bits):
    return with_scale(hermes, bits - 1)


SWEEPS = {"lanes": ((2, 8, 32, 128), _lanes), "columns": ((64, 256, 1024), _columns),
          "scale": ((6, 8, 10, 12), _scale)}
"""By what is changed of the default tile: sizes, and the tile of a size. Scales are ``U(1,f)`` of
so many bits, and accumulators as wide as they need."""


def area_of(config, library, *, folder):
    """Area in um2 of all lanes of a tile and of its coefficients.

    A lane is mapped once and counts `lanes` times. Of the coefficients all but the memory is
    mapped; the memory's bits count `MEMORY_UM2_PER_BIT`, an assumption. Handshake and drift
    engine are not in it.
    """
    def mapped(component, name, **options):
        text, kept = prepare(component, top=name, kept=KEPT)
        return map_to_cells(text, top=name, library=library, kept=kept, period_ns=PERIOD_NS,
                            folder=folder / name, **options)

    lane = mapped(Lane(config), "lane")
    memory = mapped(Coefficients(config), "coefficients", macro=True)
    return (config.nmpu.lanes * lane.area + memory.area
            + sum(memory.memory_bits.values()) * MEMORY_UM2_PER_BIT[library.label])


def exponent(sizes, areas):
    """The slope of the logarithm of areas over that of sizes, by least squares: 1 is linear."""
    return float(np.polyfit(np.log(sizes), np.log(areas), 1)[0])


def _table(name, sizes, areas):
    """One row per size; the last column has the exponent of the last step alone, which a constant
    part hides least."""
    table = Table(name, title=f"Area over {name}", title_justify="left")
    for heading in ("um2", "exponent from the size before"):
        table.add_column(heading, justify="right")
    for at, (size, area) in enumerate(zip(sizes, areas, strict=True)):
        step = f"{exponent(sizes[at - 1:at + 1], areas[at - 1:at + 1]):.3f}" if at else ""
        table.add_row(str(size), f"{area:,.0f}", step)
    return table


@click.command()
def main():
    """Map lanes and coefficients of several sizes, and fit how area grows."""
    console, found, areas = Console(width=None if sys.stdout.isatty() else 120), [], {}
    try:
        library = find_library(DEFAULT)
    except LibertyError as error:
        click.echo(f"growth: {error}", err=True)
        raise SystemExit(2) from None
    try:
        for name, (sizes, tile) in SWEEPS.items():
            for config in map(tile, sizes):
                if config not in areas:
                    areas[config] = area_of(config, library,
                                            folder=FOLDER / "growth" / str(len(areas)))
            values = [areas[tile(size)] for size in sizes]
            console.print(_table(name, sizes, values))
            found.append(Figure.at_most(f"growth.{name}_exponent", exponent(sizes, values), LINEAR,
                                        unit="", command=COMMAND))
    except RuntimeError as error:
        click.echo(f"growth: {str(error).splitlines()[0]}", err=True)
        raise SystemExit(1) from None
    figures.write("growth", found)
    missed = figures.failures(found)
    if missed:
        click.echo(f"growth: missed {', '.join(missed)}", err=True)
        raise SystemExit(1)


if __name__ == "__main__":
    main()
