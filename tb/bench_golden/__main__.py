"""``python -m tb.bench_golden``: all parts, or those that are named."""

import os
import sys
import time

import click

from tb.bench_golden.speed import single_thread

TARGET = "bench-golden"


@click.command(help="Measure the golden array: statistics, drift, mvm, aihwkit, speed, memory.")
@click.argument("parts", nargs=-1)
@click.option("--list", "only_list", is_flag=True, help="Print the names of the parts.")
def main(parts, only_list):
    from rich.console import Console

    from tb import figures
    from tb.bench_golden.parts import FOLDER, PARTS

    if only_list:
        click.echo("\n".join(f"{name:12}{part.__doc__}" for name, part in PARTS.items()))
        return
    unknown = [name for name in parts if name not in PARTS]
    if unknown:
        raise click.UsageError(f"parts must be of {', '.join(PARTS)}, not {unknown[0]!r}")
    console = Console(width=None if sys.stdout.isatty() else 120)
    found = []
    try:
        for name in [name for name in PARTS if name in parts or not parts]:
            start = time.perf_counter()
            measured = PARTS[name](console)
            # Parts that did not run keep the figures they had.
            if measured:
                figures.add(TARGET, measured)
            found += measured
            console.print(f"{name}: {time.perf_counter() - start:.0f} s", style="dim",
                          highlight=False)
    except RuntimeError as error:
        click.echo(f"bench-golden: {name}: {str(error).splitlines()[0]}", err=True)
        raise SystemExit(1) from None
    if not found:
        click.echo("bench-golden: nothing measured", err=True)
        raise SystemExit(2)
    console.print(f"written: build/figures/{TARGET}.json, pictures in {FOLDER.name}/ of build/")
    missed = figures.failures(found)
    if missed:
        click.echo(f"bench-golden: missed {', '.join(missed)}", err=True)
        raise SystemExit(1)


if __name__ == "__main__":
    wanted = single_thread()
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        # Libraries read these when they are loaded, so the process starts anew.
        os.execve(sys.executable, [sys.executable, "-m", "tb.bench_golden", *sys.argv[1:]], wanted)
    main()
