"""``python -m golden drift``: the gain an ageing array needs, and its error."""

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from golden.array.drift_error import drift_error
from golden.command.common import (
    OUT,
    SEED,
    ages,
    any_device,
    json_writer,
    npz_writer,
    png_writer,
    publish,
)

__all__ = ["drift"]

DEFAULT_DEVICES = ("pcm_like", "hermes_two_device", "hermes_one_device", "projected")


@click.command()
@click.option("--device", "devices", multiple=True, default=DEFAULT_DEVICES, show_default=True,
              help="Name of a device; may be given more than once.")
@click.option("--rows", type=click.IntRange(1, 4096), default=256, show_default=True)
@click.option("--columns", type=click.IntRange(1, 4096), default=256, show_default=True)
@click.option("--vectors", type=click.IntRange(1, 65536), default=256, show_default=True,
              help="Random inputs per age.")
@click.option("--ages", "ages_text", default="1s,1min,1h,1d,30d,1y,10y", show_default=True,
              help="Time since the first read; units s, min, h, d, y.")
@SEED
@OUT
def drift(devices, rows, columns, vectors, ages_text, seed, out):
    """Measure gain and product error over time: a table, drift.json, drift.npz, two pictures."""
    names, ages_s = ages(ages_text)
    models = {name: any_device(name) for name in devices}
    results = {name: drift_error(model, ages_s=ages_s, seed=seed, rows=rows, columns=columns,
                                 vectors=vectors) for name, model in models.items()}
    paths = publish(out, {
        "drift.json": json_writer({
            "rows": rows, "columns": columns, "vectors": vectors, "seed": seed, "ages": names,
            "ages_s": ages_s, "devices": {name: _plain(r) for name, r in results.items()}}),
        "drift.npz": npz_writer(ages_s=np.array(ages_s), **{
            f"{name}.{field}": getattr(r, field) for name, r in results.items()
            for field in ("gain", "column_gain", "error_without", "error_with",
                          "error_with_columns")}),
        "drift_gain.png": png_writer(lambda axes: _draw_gain(axes, results)),
        "drift_error.png": png_writer(lambda axes: _draw_error(axes, results))})
    console = Console()
    for name, result in results.items():
        console.print(_table(name, names, result))
    console.print(f"{', '.join(path.name for path in paths)} in {out}", highlight=False,
                  soft_wrap=True)


def _plain(result):
    return {
        "gain": result.gain.tolist(), "column_gain_min": result.column_gain.min(axis=1).tolist(),
        "column_gain_max": result.column_gain.max(axis=1).tolist(),
        "error_without": result.error_without.tolist(), "error_with": result.error_with.tolist(),
        "error_with_columns": result.error_with_columns.tolist()}


def _table(device, names, result):
    table = Table(title=device, title_justify="left")
    for heading in ("age", "gain", "columns", "error without", "with gain", "per column"):
        table.add_column(heading, justify="right")
    for k, name in enumerate(names):
        column = result.column_gain[k]
        table.add_row(name, f"{result.gain[k]:.3f}", f"{column.min():.2f} .. {column.max():.2f}",
                      *(f"{100 * error[k]:.1f} %" for error in (
                          result.error_without, result.error_with, result.error_with_columns)))
    return table


def _times(axes, results):
    ages_s = next(iter(results.values())).ages_s
    # Age 0 has no place on a logarithmic axis; a second stands for it.
    axes.set(xscale="log", xlabel="seconds since the first read")
    return np.maximum(ages_s, 1.0)


def _draw_gain(axes, results):
    times = _times(axes, results)
    for name, result in results.items():
        line, = axes.plot(times, result.gain, marker="o", markersize=3, label=name)
        axes.fill_between(times, result.column_gain.min(axis=1), result.column_gain.max(axis=1),
                          color=line.get_color(), alpha=0.2, linewidth=0)
    axes.axhline(255 / 128, color="black", linewidth=0.8, linestyle=":", label="end of U(1,7)")
    axes.set(ylabel="gain", title="Gain that restores the readout; band: single columns")
    axes.legend()


def _draw_error(axes, results):
    times = _times(axes, results)
    for name, result in results.items():
        line, = axes.plot(times, 100 * result.error_with, marker="o", markersize=3, label=name)
        axes.plot(times, 100 * result.error_without, linestyle="--", color=line.get_color())
    axes.set(ylabel="error of a product, %", ylim=(0, None),
             title="Error with the gain of the tile; dashed: without")
    axes.legend()
