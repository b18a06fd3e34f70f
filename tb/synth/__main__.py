"""``python -m tb.synth``: blocks onto standard cells, all or those that are named."""

import importlib.metadata
import resource
import sys
import time

import click
from rich.console import Console

from golden.presets import PRESETS
from golden.presets import preset as find_preset
from tb import figures
from tb.figures import Figure
from tb.power.report import energies, figures_of_energy, table_of_energy, table_of_power
from tb.synth import budgets
from tb.synth.blocks import BLOCKS
from tb.synth.clocks import figures_of_clocks, table_of_clocks
from tb.synth.comparison import Comparison, figures_of_comparison, table_of_comparison
from tb.synth.job import plan, run_jobs
from tb.synth.lane_counts import count_lane, figures_of_lane, table_of_lane
from tb.synth.lane_sweep import sweep
from tb.synth.libraries import DEFAULT, version
from tb.synth.measure import PERIOD_NS
from tb.synth.plots import draw_blocks, draw_energy, draw_sweep
from tb.synth.tables import table_of_kinds, table_of_memories, table_of_records
from tb.synth.timing import MISSING, has_sta, sta_version

COMMAND = "make synth"


@click.command()
@click.option("--preset", default="hermes", show_default=True,
              help=f"Of {', '.join(PRESETS)}; several with commas between, or all.")
@click.option("--block", help=f"Of {', '.join(BLOCKS)}; several with commas between.")
@click.option("--lib", help="nangate45, osu018 or the path of a Liberty file <file>.lib.")
@click.option("--clock-ns", default=PERIOD_NS, show_default=True, type=click.FloatRange(0.01, 1000),
              help="Target clock period.")
@click.option("--update-budgets", is_flag=True, help="Accept what this run measures.")
def main(preset, block, lib, clock_ns, update_budgets):
    """Synthesise blocks: area, timing and gate counts."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    start = time.perf_counter()
    presets = tuple(PRESETS) if preset == "all" else tuple(dict.fromkeys(preset.split(",")))
    try:
        if update_budgets and clock_ns != PERIOD_NS:
            raise ValueError(f"budgets must be of a clock of {PERIOD_NS} ns, not {clock_ns}")
        accepted = budgets.load()
        jobs, missing = plan(presets=presets, blocks=block or None, library=lib or None)
    except ValueError as error:
        click.echo(f"synth: {error}", err=True)
        raise SystemExit(2) from None
    for line in [*missing, *([] if has_sta() else [MISSING])]:
        console.print(f"synth: {line}", highlight=False, soft_wrap=True)

    whole = preset == "hermes" and not block and not lib and clock_ns == PERIOD_NS
    found = []
    try:
        if not block and len(presets) == 1:
            counts = count_lane(find_preset(presets[0]))
            console.print(table_of_lane(counts))
            found += figures_of_lane(counts, COMMAND)
        records = _run(jobs, console, clock_ns)
        if not block:
            _draw(jobs, records)
        if whole:
            library = next(job.library for job in jobs if job.library.label == DEFAULT)
            draw_sweep(sweep(preset, find_preset(preset), library, period_ns=clock_ns))
    except RuntimeError as error:
        click.echo(f"synth: {str(error).splitlines()[0]}", err=True)
        raise SystemExit(1) from None

    grown = [] if update_budgets or clock_ns != PERIOD_NS else [
        line for record in records for line in budgets.excess(accepted, record)]
    if update_budgets:
        budgets.write(budgets.updated(accepted, records), _tools(jobs))
        console.print(f"written: {budgets.PATH.relative_to(budgets.PATH.parents[1])}")
    of_vectors = _energies(records, console)
    clocks = table_of_clocks(records)
    if clocks:
        console.print(clocks)
    if whole:
        found += _compare(records, console) + figures_of_energy(of_vectors, COMMAND)
        found += figures_of_clocks(records, COMMAND)
        found += _figures(records, grown, minutes=(time.perf_counter() - start) / 60)
        figures.write("synth", found)
    else:
        console.print("part of the job: build/figures/synth.json is left as it was")
    console.print("written: build/synth/<library>/<preset>/<block>.json"
                  f"{'' if block else ', build/synth-plots'}")
    for line in grown:
        click.echo(f"synth: over budget: {line}", err=True)
    missed = [] if update_budgets or not whole else figures.failures(found)
    if missed:
        click.echo(f"synth: missed {', '.join(missed)}", err=True)
    if grown or missed:
        raise SystemExit(1)


def _run(jobs, console, clock_ns):
    """Run the jobs and print the tables of each; all records."""
    def tell(job, block):
        console.print(f"{job.library.label} {job.preset} {block}", style="dim", highlight=False)

    every = []
    for job, records in zip(jobs, run_jobs(jobs, period_ns=clock_ns, tell=tell), strict=True):
        title = (f"{job.preset} on {version(job.library)}, target {1000 / clock_ns:,.0f} MHz, "
                 f"by {records[0]['timing']['by']}")
        console.print(table_of_records(records, title))
        if any(sum(record["memory"][key] for key in ("coefficient_bits", "other_bits"))
               for record in records):
            console.print(table_of_memories(records))
        console.print(table_of_kinds(records))
        power = table_of_power(records)
        if power:
            console.print(power)
        every += records
    return every


def _draw(jobs, records):
    """Draw the pictures of every preset on every library, whichever jobs its blocks were of."""
    for library, preset in dict.fromkeys((job.library, job.preset) for job in jobs):
        draw_blocks([record for record in records
                     if (record["library"], record["preset"]) == (library.label, preset)],
                    library, preset)


def _compare(records, console):
    """Print the comparison with the FP16 unit; its figures, none without OpenSTA."""
    comparison = Comparison.of(records)
    if comparison is None:
        console.print("synth: no comparison with the FP16 unit: it needs the clocks of OpenSTA")
        return []
    console.print(table_of_comparison(comparison))
    return figures_of_comparison(comparison, COMMAND)


def _energies(records, console):
    """Print, draw and return the energy of a vector, of what was measured."""
    found = energies(records)
    if found:
        console.print(table_of_energy(found))
        draw_energy(list(found.values()))
    return found


def _tools(jobs):
    return {"pyosys": importlib.metadata.version("pyosys"),
            "amaranth": importlib.metadata.version("amaranth"),
            **({"opensta": sta_version()} if has_sta() else {}),
            **{job.library.label: version(job.library) for job in jobs}}


def _cpu_seconds():
    """Processor time of this process and all it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _figures(records, grown, *, minutes):
    """Figures of the whole run."""
    tile = next(record for record in records
                if record["block"] == "tile" and record["library"] == DEFAULT)

    def reported(name, value, unit):
        return Figure.reported(f"synth.{name}", value, unit=unit, command=COMMAND)

    found = [
        Figure.at_most("synth.minutes", minutes, 15, unit="min", command=COMMAND),
        reported("cpu_minutes", _cpu_seconds() / 60, "min"),
        Figure.equal("synth.over_budget", len(grown), 0, unit="numbers", command=COMMAND),
        reported("tile_area", tile["area_um2"] / 1e6, "mm2"),
        reported("tile_flops", tile["flops"], "flip-flops"),
    ]
    if tile["timing"]["inner"]:
        found += [reported("tile_max_clock", tile["timing"]["max_clock_mhz"], "MHz"),
                  reported("tile_slack", tile["timing"]["inner"]["slack_ns"], "ns")]
    return found


if __name__ == "__main__":
    main()
