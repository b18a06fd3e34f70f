"""The parts of ``make drift``: the RTL, errors of products, accuracy."""

import multiprocessing
import threading
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

import numpy as np

from golden.presets import hermes
from tb.designs import BUILD, read_metrics, simulate_tile
from tb.drift import accuracy, mvm
from tb.drift.ages import DEVICES

__all__ = ["Pool", "run_rtl"]

TESTS = ("products", "network_drift", "clocks")
FILTERS = {"products": "follows_products", "network_drift": "follows_network",
           "clocks": "takes_few_clocks"}


def run_rtl(console, *, ages, images, seed, devices=DEVICES, tests=TESTS):
    """Every RTL test, on every device.

    Parameters
    ----------
    ages : dict of str to float

    Returns
    -------
    dict of (device, test) to dict
        What each left; the clocks once, with the first device.
    """
    found = {}
    for device in devices:
        for test in tests:
            if test == "clocks" and device != devices[0]:
                continue
            start = time.perf_counter()
            with _Watch(console):
                simulate_tile(hermes, "hermes", "tb.drift.rtl_tests", test_filter=FILTERS[test],
                              env={"DEVICE": device, "SEED": str(seed), "IMAGES": str(images),
                                   "AGES": ",".join(str(age) for age in ages.values())})
            found[device, test] = read_metrics("hermes", test)
            console.print(f"RTL: {device}, {test}: {time.perf_counter() - start:.0f} s",
                          style="dim", highlight=False)
    return found


class _Watch:
    """Prints what the tests say of their progress, as they say it."""

    def __init__(self, console):
        self._console, self._stop = console, threading.Event()
        self._path = BUILD / "metrics" / "hermes-verilator" / "drift-progress"

    def __enter__(self):
        self._path.unlink(missing_ok=True)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        shown, last = 0, False
        while not last:
            last = self._stop.wait(1)
            text = self._path.read_text() if self._path.is_file() else ""
            self._console.print(text[shown:], end="", highlight=False)
            shown = len(text)

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


class Pool:
    """Golden sweeps in processes of their own, beside the RTL."""

    def __init__(self, jobs):
        self._pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"))
        self._tasks = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._pool.shutdown(cancel_futures=True)

    def products(self, ages_s, seeds, devices=DEVICES):
        self._add("products", mvm.sweep, ages_s, seeds, devices)

    def accuracy(self, ages_s, seeds, methods, devices=DEVICES):
        self._add(methods, accuracy.sweep, ages_s, seeds, devices, methods)

    def _add(self, key, function, ages_s, seeds, devices, *more):
        for device in devices:
            for seed in seeds:
                task = self._pool.submit(function, device, seed, ages_s, *more)
                self._tasks[task] = (key, device, seed)

    def results(self, console):
        """Dict of (key, device) to a dict of stacked arrays, seed by seed."""
        done = {}
        for count, task in enumerate(as_completed(self._tasks), 1):
            done[self._tasks[task]] = task.result()
            if count % 10 == 0 or count == len(self._tasks):
                console.print(f"golden: {count} of {len(self._tasks)} arrays and networks",
                              style="dim", highlight=False)
        found = {}
        for key, device, seed in sorted(done, key=lambda k: (str(k[0]), k[1], k[2])):
            found.setdefault((key, device), []).append(done[key, device, seed])
        return {key: {name: np.stack([np.asarray(run[name]) for run in runs])
                      for name in runs[0]} for key, runs in found.items()}
