"""The digit classifier through the tile's RTL: every image, every job, vector by vector.

Reads its parameters from the environment: TILE (configuration), SEED, SECONDS (age of the array),
IMAGES (how many) and METRICS (folder for the outcome, and for ``progress``, a count of vectors).
"""

import json
import os
import time
from pathlib import Path

import cocotb
import numpy as np
from cocotb.simtime import get_sim_time
from cocotb.triggers import ValueChange

from golden.array.device import PcmLike
from golden.config import TileConfig
from golden.network.digits import accuracy, load_images, load_network
from golden.network.inference import ProgrammedNetwork
from tb.tile_bench import PERIOD_NS, TileBench


class Progress:
    """Counts vectors into a file, for whoever watches from outside."""

    def __init__(self, path):
        self._file = path.open("w")
        self.vectors = 0

    def step(self):
        self.vectors += 1
        if self.vectors % 20 == 0:
            self._file.seek(0)
            self._file.write(str(self.vectors))
            self._file.flush()


async def run_job(bench, network, job, x, progress):
    """A job in the RTL: (images, inputs) integers to results, pulses checked on the way."""
    await bench.load(job.coefficients)
    await bench.swap()
    await bench.configure(job.settings)
    vectors = job.vectors(x)
    counts = network.counts(job, vectors)
    first = len(bench.windows)
    bench.counts_of = lambda window: counts[window.number - first]

    async def feed():
        for vector in vectors:
            bench.send(vector)
            # The buffer is free once a window has opened: a source that waited for it would wake
            # at every clock.
            await ValueChange(bench.dut.gate)

    start, clock = time.perf_counter(), get_sim_time("ns")
    feeder = cocotb.start_soon(feed())
    results = []
    for _ in range(len(x)):
        results.append(await bench.receive())
        for _ in range(job.settings.reads):
            progress.step()
    await feeder
    spent = time.perf_counter() - start, int(get_sim_time("ns") - clock) // PERIOD_NS
    await bench.stopped()
    np.testing.assert_array_equal([w.lengths for w in bench.windows[first:]], vectors)
    return np.array(results), counts, spent


@cocotb.test(timeout_time=100, timeout_unit="ms")
async def classifies_digits(dut):
    """Each job's results are compared with golden's for the same activations, with ``==``."""
    config = TileConfig.from_yaml(os.environ["TILE"])
    digits = load_images()
    images = digits.test_x[:int(os.environ["IMAGES"])]
    labels = digits.test_y[:len(images)]
    network = ProgrammedNetwork(load_network(), digits.train_x, config=config, device=PcmLike(),
                                seed=int(os.environ["SEED"]))
    network.advance(float(os.environ["SECONDS"]))

    bench = TileBench(dut, config)
    await bench.start()
    progress = Progress(Path(os.environ["METRICS"], "progress"))
    seconds, clocks, mismatches, histogram = 0.0, 0, 0, np.zeros(
        1 << config.readout.counter_bits, np.int64)
    x = x_golden = network.inputs(images)
    for jobs in network.jobs:
        parts, golden_parts = [], []
        for job in jobs:
            results, counts, spent = await run_job(bench, network, job, x, progress)
            seconds, clocks = seconds + spent[0], clocks + spent[1]
            expected = network.run(job, x_golden).results
            mismatches += int((results != expected).sum())
            histogram += np.bincount(counts.ravel(), minlength=len(histogram))
            parts.append(results)
            golden_parts.append(expected)
        x, x_golden = network.join(jobs, parts), network.join(jobs, golden_parts)

    Path(os.environ["METRICS"], "network.json").write_text(json.dumps({
        "images": len(images), "vectors": progress.vectors, "mismatches": mismatches,
        "clocks": clocks, "seconds": seconds,
        "accuracy_rtl": accuracy(x, labels), "accuracy_golden": accuracy(x_golden, labels),
        "counts": histogram[:np.flatnonzero(histogram).max() + 1].tolist()}))
    assert mismatches == 0
    np.testing.assert_array_equal(x, x_golden)
    assert not (await bench.get("STATUS"))["input_clipped"]
