"""``python -m tb.drift``: ten years through the RTL and through golden, with figures at the end."""

import json
import os
import sys
import time

import click

IMAGES, SEEDS, PAIRS, ARRAYS = 100, 12, 48, 25
"""Through the RTL; networks with all methods; with the tile's gain alone; arrays: per device."""

THREADS = "OPENBLAS_NUM_THREADS"


@click.command()
@click.option("--images", default=IMAGES, show_default=True, type=click.IntRange(1, 500),
              help="Test images through the RTL at each age.")
@click.option("--seeds", default=SEEDS, show_default=True, type=click.IntRange(1, 1000),
              help="Networks of each device in golden, all methods.")
@click.option("--pairs", default=PAIRS, show_default=True, type=click.IntRange(1, 1000),
              help="Networks of each device in golden, fixed point against float64.")
@click.option("--arrays", default=ARRAYS, show_default=True, type=click.IntRange(1, 1000),
              help="Arrays of each device in golden, errors of products.")
@click.option("--jobs", default=2, show_default=True, type=click.IntRange(1, 64),
              help="Processes beside the RTL.")
@click.option("--rtl/--no-rtl", default=True, show_default=True, help="Run the RTL.")
@click.option("--quick", is_flag=True, help="Two ages, one of everything, ten images.")
def main(images, seeds, pairs, arrays, jobs, rtl, quick):
    """Age the array by ten years and correct it at each age."""
    from rich.console import Console

    from tb import figures
    from tb.designs import BUILD, ROOT
    from tb.drift import accuracy, plots, report
    from tb.drift.ages import DEVICES, NAMES, SECONDS, TIMES, floors
    from tb.drift.runs import Pool, run_rtl
    from tb.runner import SimulationError
    from tb.whole_file import write_whole

    whole = rtl and not quick and (images, seeds, pairs, arrays) == (IMAGES, SEEDS, PAIRS, ARRAYS)
    if quick:
        images, seeds, pairs, arrays = 10, 1, 1, 1
    console = Console(width=None if sys.stdout.isatty() else 150)
    start = time.perf_counter()
    ages = {name: TIMES[name] for name in (("25 s", "10 y") if quick else TIMES)}
    names = [name for name in NAMES if name in ages] if quick else NAMES
    with Pool(jobs) as pool:
        pool.products([SECONDS[name] for name in names], range(arrays))
        pool.accuracy(list(ages.values()), range(seeds), accuracy.METHODS)
        pool.accuracy(list(ages.values()), range(seeds, seeds + pairs), accuracy.PAIR)
        try:
            hardware = run_rtl(console, ages=ages, images=images, seed=1) if rtl else {}
        except SimulationError as error:
            click.echo(f"drift: {error}", err=True)
            raise SystemExit(1) from None
        golden = pool.results(console)

    floor = {device: list(floors(device, names).values()) for device in DEVICES}
    products = {device: golden["products", device] for device in DEVICES}
    accuracies = {device: golden[accuracy.METHODS, device]["accuracy"] for device in DEVICES}
    compared = {device: _pairs(golden, device) for device in DEVICES}
    for device in DEVICES:
        console.print(report.error_table(device, products[device], floor[device], names))
        console.print(report.accuracy_table(device, accuracies[device], ages))
        loss, error = report.fixed_point_loss(compared[device])
        lost = ", ".join(f"{name} {a:.3f} ± {b:.3f}"
                         for name, a, b in zip(ages, loss, error, strict=True))
        console.print(f"points lost to fixed point, {len(compared[device])} networks: {lost}",
                      highlight=False)
    for (device, test), outcome in hardware.items():
        if test == "network_drift":
            right = ", ".join(f"{name} {100 * share:.0f} %"
                              for name, share in zip(ages, outcome["accuracy"], strict=True))
            console.print(f"RTL, {device}, {outcome['images']} images, gain of the tile: {right}",
                          highlight=False)

    found = ((report.rtl_figures(hardware) if rtl else [])
             + report.product_figures(products, floor)
             + report.accuracy_figures(accuracies, compared, list(ages)))
    written = plots.draw(
        BUILD / "drift-plots", products=products, accuracies=accuracies,
        product_ages={name: SECONDS[name] for name in names}, network_ages=ages)
    written.append(plots.draw_svg(BUILD / "drift-plots" / plots.ACCURACY, accuracies, ages))
    if whole:
        (ROOT / "docs" / plots.ACCURACY).write_bytes(written[-1].read_bytes())
        figures.write("drift", found)
        write_whole(BUILD / "drift.json", json.dumps({
            device: {"ages": list(ages), "methods": accuracy.METHODS,
                     "accuracy": accuracies[device].tolist(),
                     "error": products[device]["error"].tolist(), "floor": floor[device]}
            for device in DEVICES}) + "\n")
    else:
        figures.show("drift", found)
        console.print("part of the job: build/figures/drift.json and docs/ are left as they were")
    console.print(f"{time.perf_counter() - start:.0f} s; written: " + ", ".join(
        str(path.relative_to(ROOT)) for path in written), highlight=False)
    missed = figures.failures(found)
    if missed:
        click.echo(f"drift: missed {', '.join(missed)}", err=True)
        raise SystemExit(1)


def _pairs(golden, device):
    """Fixed point and float64 of every network there is."""
    import numpy as np

    from tb.drift import accuracy

    both = [accuracy.METHODS.index(name) for name in accuracy.PAIR]
    return np.concatenate([golden[accuracy.METHODS, device]["accuracy"][..., both],
                           golden[accuracy.PAIR, device]["accuracy"]])


if __name__ == "__main__":
    if os.environ.get(THREADS) != "1":
        # Libraries read these when they are loaded, so the process starts anew.
        os.execve(sys.executable, [sys.executable, "-m", "tb.drift", *sys.argv[1:]],
                  os.environ | {THREADS: "1"})
    # Into a file as onto a terminal: whoever follows a long run wants every line at once.
    sys.stdout.reconfigure(line_buffering=True)
    main()
