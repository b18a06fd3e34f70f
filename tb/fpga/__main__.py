"""``python -m tb.fpga``: blocks on FPGAs, the default set or those that are named."""

import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import click
from rich.console import Console

from golden.presets import PRESETS
from tb import figures
from tb.figures import Figure
from tb.fpga.devices import DEVICES
from tb.fpga.implement import MISSING, Record, implement, is_installed, nextpnr_version
from tb.fpga.plan import plan, smaller
from tb.fpga.tables import table_of_records
from tb.synth.blocks import BLOCKS
from tb.synth.job import WORKERS

COMMAND = "make fpga"


@click.command()
@click.option("--preset", help=f"One of {', '.join(PRESETS)}.")
@click.option("--block", help=f"Of {', '.join(BLOCKS)}; several with commas between.")
@click.option("--device", help=f"One of {', '.join(d.label for d in DEVICES)}.")
def main(preset, block, device):
    """Place and route blocks: what they take of an FPGA, and how fast they are."""
    console = Console(width=None if sys.stdout.isatty() else 120)
    start = time.perf_counter()
    try:
        jobs = plan(preset=preset or None, blocks=block or None, device=device or None)
        if not is_installed():
            raise ValueError(MISSING)
    except ValueError as error:
        click.echo(f"fpga: {error}", err=True)
        raise SystemExit(2) from None
    try:
        records = run(jobs, console)
    except RuntimeError as error:
        click.echo(f"fpga: {str(error).splitlines()[0]}", err=True)
        raise SystemExit(1) from None
    console.print(table_of_records(records, f"Placed and routed by nextpnr {nextpnr_version()}"))
    if preset or block or device:
        console.print("part of the job: build/figures/fpga.json is left as it was")
    else:
        figures.write("fpga", figures_of(records, minutes=(time.perf_counter() - start) / 60))
    console.print("written: build/fpga/<device>/<preset>/<block>.json")


def run(jobs, console):
    """The records of all jobs, in their order; a job waits for one that is smaller."""
    done = {}

    def one(job):
        block, preset, device = job
        less = done.get(smaller(job))
        if less and less.reason:
            return Record(preset=preset, block=block, device=device.label,
                          reason=f"more than {less.block} of {less.preset}").write()
        record = implement(*job)
        console.print(f"{preset} {block} {device.label}: {record.seconds:.0f} s", style="dim",
                      highlight=False)
        return record

    while left := [job for job in jobs if job not in done]:
        ready = [job for job in left if smaller(job) not in left]
        # Threads: the work is in the processes that they wait for.
        with ThreadPoolExecutor(WORKERS) as pool:
            done |= zip(ready, pool.map(one, ready), strict=True)
    return [done[job] for job in jobs]


def figures_of(records, *, minutes):
    """Size and speed of each block that fits, and the time of the run: on the clock, and of the
    processors."""
    def reported(name, value, unit):
        return Figure.reported(f"fpga.{name}", value, unit=unit, command=COMMAND)

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = [reported("minutes", minutes, "min"),
             reported("cpu_minutes", (used.ru_utime + used.ru_stime) / 60, "min")]
    for record in records:
        if not record.reason:
            name = f"{record.device}.{record.preset}.{record.block}"
            found += [reported(f"{name}.luts", record.luts, "LUTs"),
                      reported(f"{name}.fmax", record.fmax_mhz, "MHz")]
    return found


if __name__ == "__main__":
    main()
