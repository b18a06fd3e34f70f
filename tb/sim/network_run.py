"""The classifier through the RTL, watched."""

import threading

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from golden.presets import hermes
from tb.designs import BUILD, read_metrics, simulate_tile

__all__ = ["READS_PER_IMAGE", "run_network"]

READS_PER_IMAGE = 5
"""Two column blocks of the first layer, two row blocks of the second, one read of the last."""


def run_network(console, *, images, seed, seconds):
    """Run test images through the default tile at an age of the array.

    Parameters
    ----------
    images : int
    seed : int
        Of the programmed arrays, the converters and the read noise.
    seconds : float
        Since the first read after programming.

    Returns
    -------
    dict
        What `tb.network.network_tests` measured.
    """
    progress_file = BUILD / "metrics" / "hermes-verilator" / "progress"
    progress_file.unlink(missing_ok=True)
    done = threading.Event()

    def watch():
        columns = (TextColumn("vectors through RTL"), BarColumn(), MofNCompleteColumn(),
                   TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            task = progress.add_task("", total=images * READS_PER_IMAGE)
            running = True
            while running:
                running = not done.wait(0.2)
                if progress_file.is_file():
                    progress.update(task, completed=int(progress_file.read_text() or 0))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        simulate_tile(hermes, "hermes", "tb.network.network_tests", seed=seed, env={
            "SEED": str(seed), "SECONDS": str(seconds), "IMAGES": str(images)})
    finally:
        done.set()
        watcher.join()
    return read_metrics("hermes", "network")
