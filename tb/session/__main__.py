"""``python -m tb.session``: a host and a tile, from new converters to an array a day old."""

import json
import sys
import time

import click
from rich.console import Console

from tb.designs import BUILD, ROOT, read_metrics, simulate_tile
from tb.runner import SimulationError
from tb.session.setting import AGE_S, CONFIG, G_MAX_US, SIZES
from tb.whole_file import write_whole

REPORT = BUILD / "session.json"


@click.command()
def main():
    """Program a tile, calibrate it, run a network, age it by a day, and correct it."""
    console, start = Console(width=None if sys.stdout.isatty() else 100), time.perf_counter()
    try:
        simulate_tile(CONFIG, "session", "tb.session.story")
    except SimulationError as error:
        click.echo(f"session: {error}", err=True)
        raise SystemExit(1) from None
    told = read_metrics("session", "session")
    for line in story(told):
        console.print(line, highlight=False)
    mismatches = sum(step.get("mismatches", 0) for step in told.values())
    console.print(f"differ from golden: {mismatches}; {time.perf_counter() - start:.0f} s; "
                  f"{REPORT.relative_to(ROOT)} has the numbers", highlight=False)
    write_whole(REPORT, json.dumps({"mismatches": mismatches, **told}, indent=1) + "\n")


def story(told):
    """What happened, line by line."""
    array = CONFIG.array
    converters, program, load = told["converters"], told["program"], told["load"]
    reference, fresh, aged = told["reference"], told["fresh"], told["aged"]
    correction, corrected = told["correction"], told["corrected"]
    yield (f"A tile of {array.rows} x {array.columns} cells, {CONFIG.program.heads} write heads, "
           f"and a classifier {'-'.join(map(str, SIZES))} of the digits: "
           f"{100 * told['trained']['accuracy']:.1f} % in float64")
    yield ("1. Converters: three known currents in "
           f"{converters['windows']} windows, spread of the gains "
           f"{100 * converters['spread_before']:.1f} -> {100 * converters['spread_after']:.2f} %")
    yield (f"2. Programming: {100 * program['converged'] / program['cells']:.2f} % of "
           f"{program['cells']:,} cells within 5 counts of targets up to "
           f"{program['largest_target']}, after {program['pulses']:,} pulses and at most "
           f"{program['rounds']} rounds, in {program['clocks']:,} clocks; conductances off by "
           f"{100 * program['error']:.1f} % of {G_MAX_US:g} µS")
    yield (f"3. Coefficients and descriptors: {load['accesses']:,} writes, layers of "
           f"{' and '.join(map(str, load['columns']))} columns side by side")
    yield (f"4. Reference of the drift engine: {reference['windows']} windows, "
           f"{reference['clocks']:,} clocks")
    yield _classified("5. Right after programming", fresh)
    yield _classified(f"6. {AGE_S / 3600:g} hours later, nothing corrected", aged)
    yield (f"7. Correction by a chain of two jobs: {correction['clocks']:,} clocks, gain of the "
           f"tile {correction['gain']:.3f}")
    yield _classified("8. Corrected", corrected)


def _classified(when, step):
    return (f"{when}: {100 * step['accuracy']:.1f} % of {step['images']} images, "
            f"{step['windows']:,} windows in {step['clocks']:,} clocks, {step['accesses']} "
            "accesses")


if __name__ == "__main__":
    main()
