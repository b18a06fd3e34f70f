"""``python -m tb.explore``: a sweep over lanes, formats, rounding and pipelines."""

import sys

import click
from rich.console import Console

from golden.config import ConfigError
from golden.requantise import Rounding
from tb import figures
from tb.explore.error import SEED, VECTORS
from tb.explore.measured import PERIOD_NS, best, measure_all
from tb.explore.report import draw_points, table_of_points, write_points
from tb.explore.space import DEFAULTS, choices
from tb.figures import Figure
from tb.synth.liberty import LibertyError
from tb.synth.libraries import DEFAULT, find_library, version
from tb.synth.timing import MISSING, has_sta

COMMAND = "make explore"


def _listed(kind, wanted):
    """A click callback: the different values of a list with commas between."""
    def convert(context, option, text):
        try:
            return tuple(dict.fromkeys(kind(part.strip()) for part in text.split(",")))
        except ValueError:
            click.echo(f"explore: {option.opts[0]} must be {wanted} with commas between, "
                       f"not {text!r}", err=True)
            raise SystemExit(2) from None
    return convert


def _option(name, kind, wanted):
    swept = ",".join(map(str, DEFAULTS[name.replace("-", "_")]))
    return click.option(f"--{name}", default=swept, show_default=True,
                        callback=_listed(kind, wanted), help=f"{wanted}, commas between.")


@click.command()
@_option("lanes", int, "numbers of lanes")
@_option("scale-bits", int, "fraction bits of the scale")
@_option("rounding", Rounding, f"rules of {', '.join(Rounding)}")
@_option("stage-gates", int, "gates between registers, or 0,")
def main(lanes, scale_bits, rounding, stage_gates):
    """Sweep the NMPU: area, clock, latency and error, and the points that none beats."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    try:
        found = choices(lanes=lanes, scale_bits=scale_bits, rounding=rounding,
                        stage_gates=stage_gates)
        library = find_library(DEFAULT)
    except (ConfigError, LibertyError) as error:
        click.echo(f"explore: {error}", err=True)
        raise SystemExit(2) from None
    if not has_sta():
        console.print(f"explore: {MISSING}", highlight=False, soft_wrap=True)
    console.print(f"{len(found)} points; error of {VECTORS} random vectors, seed {SEED}",
                  highlight=False)

    try:
        points = measure_all(found, library, tell=lambda choice: console.print(
            choice.name, style="dim", highlight=False))
    except RuntimeError as error:
        click.echo(f"explore: {str(error).splitlines()[0]}", err=True)
        raise SystemExit(1) from None
    pareto = best(points)
    title = f"Lanes on {version(library)}, target {1000 / PERIOD_NS:,.0f} MHz, by {points[0].by}"
    console.print(table_of_points(points, pareto, title))
    write_points(points, pareto, library=version(library), seed=SEED, vectors=VECTORS)
    draw_points(points, pareto)
    figures.write("explore", [
        Figure.reported("explore.points", len(points), unit="points", command=COMMAND),
        Figure.reported("explore.pareto_points", len(pareto), unit="points", command=COMMAND)])
    console.print("written: build/explore/points.json and pictures beside it")


if __name__ == "__main__":
    main()
