"""``python -m golden program``: statistics of program-and-verify."""

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from golden.array.cell_read import forming_yield
from golden.array.drift_error import gaussian_weights
from golden.array.program import program_and_verify, program_once
from golden.array.pulse_response import PulseResponse
from golden.array.verify import VerifySettings
from golden.command.common import (
    OUT,
    SEED,
    any_device,
    json_writer,
    npz_writer,
    png_writer,
    publish,
)
from golden.convert.oscillator import NOMINAL_GAIN_MHZ_PER_UA

__all__ = ["program"]

COUNTS_PER_US = NOMINAL_GAIN_MHZ_PER_UA * 0.2 * 0.512
"""Of our converter at the published 0.2 V and 512 ns; the real figure is not public."""

G_MAX_COUNTS = {1: 80, 2: 160}
"""Full scale of one and of two devices (Le Gallo et al., Nature Electronics 6, 680, 2023)."""


@click.command()
@click.option("--devices", type=click.IntRange(1, 2), default=1, show_default=True,
              help="Devices per polarity.")
@click.option("--rows", type=click.IntRange(1, 4096), default=256, show_default=True)
@click.option("--columns", type=click.IntRange(1, 4096), default=256, show_default=True)
@click.option("--g-max", type=click.IntRange(1, 4095),
              help="Counts of the largest weight.  [default: 80, or 160 with two devices]")
@click.option("--counts-per-us", type=float, default=COUNTS_PER_US, show_default=True,
              help="What a read counts per µS; no public figure.")
@click.option("--gain", type=click.IntRange(0, 255), default=VerifySettings.gain,
              show_default=True, help="µA per count of error, in sixteenths.")
@click.option("--rounds", type=click.IntRange(0, 255), default=VerifySettings.max_rounds,
              show_default=True, help="Most pulses per cell.")
@click.option("--once", default="pcm_like", show_default=True,
              help="Device whose one-shot programming is shown beside.")
@SEED
@OUT
def program(devices, rows, columns, g_max, counts_per_us, gain, rounds, once, seed, out):
    """Program Gaussian weights by pulses: a table, program.json, program.npz, two pictures."""
    g_max = G_MAX_COUNTS[devices] if g_max is None else g_max
    settings = VerifySettings(gain=gain, max_rounds=rounds)
    model = any_device(once)
    weight_rng, device_rng, pulse_rng, once_rng = np.random.default_rng(seed).spawn(4)
    target = np.round(gaussian_weights(rows, columns, weight_rng) * g_max).astype(np.int64)
    population = PulseResponse().sample((devices, 2, rows, columns), device_rng)
    formed = forming_yield(population, counts_per_us=counts_per_us, rng=pulse_rng)
    result = program_and_verify(target, population, counts_per_us=counts_per_us, rng=pulse_rng,
                                settings=settings)
    # The one-shot model has a scale of its own: its full conductance is the largest target.
    one_shot = program_once(target, model, counts_per_us=g_max / model.g_max_us, rng=once_rng)
    figures = {
        "devices": devices, "rows": rows, "columns": columns, "g_max_counts": g_max,
        "counts_per_us": counts_per_us, "gain_sixteenths": gain, "max_rounds": rounds,
        "seed": seed, "formed": formed, "converged": result.share,
        "failed_cells": int((~result.converged).sum()),
        "pulses_mean": result.rounds.mean(), "pulses_max": result.rounds.max(),
        "sigma_of_g_max": _sigma(result, counts_per_us) / g_max, "once_device": once,
        "once_converged": one_shot.share,
        "once_sigma_of_g_max": _sigma(one_shot, g_max / model.g_max_us) / g_max}
    paths = publish(out, {
        "program.json": json_writer(figures),
        "program.npz": npz_writer(**{name: getattr(result, name) for name in (
            "g_us", "target", "read", "error", "converged", "rounds", "current_ua")}),
        "program_pulses.png": png_writer(lambda axes: _draw_pulses(axes, result, rounds)),
        "program_error.png": png_writer(lambda axes: _draw_error(axes, result, one_shot, once))})
    console = Console()
    console.print(_table(figures))
    console.print(f"{', '.join(path.name for path in paths)} in {out}", highlight=False,
                  soft_wrap=True)


def _sigma(result, counts_per_us):
    """Spread of the conductances reached around their targets, in counts, without read noise."""
    plus, minus = result.g_us.sum(axis=0) * counts_per_us
    return (plus - minus - result.target).std()


def _table(figures):
    table = Table(title=f"{figures['rows']} x {figures['columns']} weights, "
                        f"{figures['devices']} per polarity, full scale "
                        f"{figures['g_max_counts']} counts", title_justify="left")
    for heading in ("", "program-and-verify", f"once, {figures['once_device']}"):
        table.add_column(heading, justify="right" if heading else "left")
    table.add_row("devices that form", f"{100 * figures['formed']:.3f} %", "")
    table.add_row("cells within 5 counts", f"{100 * figures['converged']:.3f} %",
                  f"{100 * figures['once_converged']:.3f} %")
    table.add_row("pulses, mean and most", f"{figures['pulses_mean']:.2f}, "
                                           f"{figures['pulses_max']}", "")
    table.add_row("spread of full scale", f"{100 * figures['sigma_of_g_max']:.2f} %",
                  f"{100 * figures['once_sigma_of_g_max']:.2f} %")
    return table


def _draw_pulses(axes, result, rounds):
    axes.bar(np.arange(rounds + 1), np.bincount(result.rounds.ravel(), minlength=rounds + 1))
    axes.set(xlabel="pulses", ylabel="cells", yscale="log", title="Pulses that a cell needed")


def _draw_error(axes, result, one_shot, once):
    bins = np.arange(-20.5, 21.5)
    for label, run in (("program-and-verify", result), (f"once, {once}", one_shot)):
        axes.hist(run.error.ravel(), bins=bins, histtype="step", label=label)
    axes.set(xlabel="last read - target, counts", ylabel="cells", title="Error of programming")
    axes.legend()
