"""``python -m tb.sim``: regression, network, precision, pictures, and the table at the end."""

import json
import time

import click
from rich.console import Console
from rich.table import Table

from golden.presets import COUNTING, PRESETS
from tb import figures
from tb.designs import BUILD, read_metrics
from tb.figures import Figure
from tb.runner import SimulationError
from tb.sim.network_run import run_network
from tb.sim.plots import draw
from tb.sim.precision import (
    TIMES,
    accuracy_over_time,
    fixed_point_against_float,
    float_accuracy,
)
from tb.sim.regression import run_regression
from tb.whole_file import write_whole

COMMAND = "make sim"
IMAGES = 500
"""All test images."""
SEED = 1
LATENCIES = {"hermes": "", "wide": "_wide"}
"""Presets whose latency is a figure, and the end of its name."""
SECONDS = 25.0
"""Age of the array in the network run, counted from the first read after programming."""


@click.command()
@click.option("--images", default=IMAGES, show_default=True, type=click.IntRange(1, IMAGES),
              help="Test images through the RTL.")
@click.option("--seed", default=SEED, show_default=True, type=click.IntRange(0),
              help="Of the programmed arrays.")
@click.option("--regression/--no-regression", default=True, show_default=True,
              help="Run the system tests first.")
def main(images, seed, regression):
    """Run the tile's RTL against the golden model."""
    console = Console()
    start = time.perf_counter()
    whole = regression and (images, seed) == (IMAGES, SEED)
    if whole:
        figures.forget("sim")
    try:
        outcome = run_regression() if regression else None
        if outcome and outcome.failures:
            raise SimulationError(f"{outcome.failures} of {outcome.tests} system tests failed")
        network = run_network(console, images=images, seed=seed, seconds=SECONDS)
        columns, latencies = ({name: read_metrics(name, test) for name in names if regression}
                              for test, names in (("columns", COUNTING), ("latency", LATENCIES)))
    except SimulationError as error:
        click.echo(f"sim: {error}", err=True)
        raise SystemExit(1) from None

    console.print("golden: 20 programming seeds in fixed point and float64, and drift over "
                  f"{len(TIMES)} ages")
    fixed, real, logits = fixed_point_against_float(seeds=range(20), seconds=SECONDS)
    plain, corrected = accuracy_over_time(seeds=range(5))
    pictures = draw(BUILD / "sim-plots", counts=network["counts"], logits=logits, plain=plain,
                    corrected=corrected)

    summary = {
        "tests": outcome.tests + 1 if outcome else 1,
        "skipped": outcome.skipped if outcome else 0,
        "seed": seed,
        "images": network["images"],
        "vectors": network["vectors"],
        "mismatches": network["mismatches"],
        "accuracy_float": float_accuracy(),
        "accuracy_golden": network["accuracy_golden"],
        "accuracy_rtl": network["accuracy_rtl"],
        "fixed_point_loss_points": 100 * float((real - fixed).mean()),
        "simulated_clocks": network["clocks"],
        "vectors_per_second": network["vectors"] / network["seconds"],
        "wall_seconds": time.perf_counter() - start,
        "accuracy_over_time": {
            name: {"uncorrected": float(a.mean()), "layer_gain": float(b.mean())}
            for name, a, b in zip(TIMES, plain, corrected, strict=True)},
    }
    if regression:
        summary["columns"] = columns
        summary["mismatches"] += sum(c["mismatches"] for c in columns.values())
    found = _figures(summary, latencies, whole=whole)
    written = [*pictures]
    if whole:
        figures.write("sim", found)
        write_whole(BUILD / "sim.json", json.dumps(summary, indent=2) + "\n")
        written = [BUILD / "sim.json", BUILD / "junit", *pictures]
    else:
        console.print("part of the job: build/sim.json and build/figures/sim.json are left as "
                      "they were")
    _print(console, summary)
    console.print("written: " + ", ".join(
        str(path.relative_to(BUILD.parent)) for path in written))
    missed = figures.failures(found)
    if missed:
        click.echo(f"sim: missed {', '.join(missed)}", err=True)
        raise SystemExit(1)


def _figures(summary, latencies, *, whole):
    """The figures; of a part of the images their number is none."""
    def common(unit):
        return {"unit": unit, "command": COMMAND}

    found = [
        Figure.equal("sim.mismatches", summary["mismatches"], 0, **common("results")),
        *([Figure.at_least("sim.images", summary["images"], 200, **common("images"))]
          if whole else []),
        Figure.reported("sim.vectors", summary["vectors"], **common("vectors")),
        Figure.at_least("sim.vectors_per_second", summary["vectors_per_second"], 300,
                        **common("vectors/s")),
        Figure.at_least("sim.accuracy_float", 100 * summary["accuracy_float"], 96, **common("%")),
        Figure.reported("sim.accuracy_golden", 100 * summary["accuracy_golden"], **common("%")),
        Figure.equal("sim.accuracy_rtl", 100 * summary["accuracy_rtl"],
                     100 * summary["accuracy_golden"], **common("%")),
        Figure.at_most("sim.fixed_point_loss", summary["fixed_point_loss_points"], 0.12,
                       **common("points")),
    ]
    for name, columns in summary.get("columns", {}).items():
        found.append(Figure.at_least(f"sim.columns_{name}", columns["columns"], 20_000,
                                     **common("columns")))
    for name, latency in latencies.items():
        suffix, groups = LATENCIES[name], PRESETS[name].groups
        found += [
            Figure.equal(f"nmpu.issue_clocks{suffix}", latency["issue_clocks"], groups,
                         **common("clocks")),
            Figure.at_most(f"nmpu.latency_clocks{suffix}", latency["latency_clocks"],
                           groups + latency["pipeline_depth"], **common("clocks")),
        ]
    return found


def _print(console, summary):
    columns = sum(preset["columns"] for preset in summary.get("columns", {}).values())
    table = Table(title="make sim", title_justify="left", show_header=False)
    for name, value in (
            ("tests (skipped)", f"{summary['tests']} ({summary['skipped']})"),
            ("seed", summary["seed"]),
            ("images", f"{summary['images']:,}"),
            ("vectors through RTL", f"{summary['vectors']:,}"),
            ("random columns through RTL", f"{columns:,}"),
            ("mismatches", summary["mismatches"]),
            ("accuracy float / golden / RTL", " / ".join(
                f"{100 * summary[f'accuracy_{k}']:.1f} %" for k in ("float", "golden", "rtl"))),
            ("fixed-point loss", f"{summary['fixed_point_loss_points']:.3f} points"),
            ("simulated clocks", f"{summary['simulated_clocks']:,}"),
            ("vectors per second", f"{summary['vectors_per_second']:.0f}"),
            ("wall time", f"{summary['wall_seconds']:.0f} s")):
        table.add_row(name, str(value))
    console.print(table)


if __name__ == "__main__":
    main()
