"""Chains that run without the host: a whole network, and a job of many vectors.

Reads TILE (configuration), METRICS (folder for the outcome), IMAGES, BATCH and SECONDS, or VECTORS.
"""

import json
import os
from pathlib import Path

import cocotb
import numpy as np
from cocotb.simtime import get_sim_time
from cocotb.triggers import ValueChange

from golden.array.device import PcmLike
from golden.config import TileConfig
from golden.descriptors import Descriptor
from golden.host.chain import coefficient_writes, descriptor_writes, start_writes
from golden.network.digits import accuracy, load_images, load_network
from golden.network.serial import SerialNetwork
from golden.nmpu import Coefficients
from golden.settings import Settings
from golden.tile import run_tile
from tb.integer_array import IntegerArray
from tb.tile_bench import PERIOD_NS, TileBench

CONFIG = TileConfig.from_yaml(os.environ["TILE"])


def now():
    return int(get_sim_time("ns")) // PERIOD_NS


def record(name, **values):
    Path(os.environ["METRICS"], f"{name}.json").write_text(json.dumps(values))


async def write_all(bench, writes):
    for address, value in writes:
        await bench.write(address, value)


async def run_chain(bench, descriptors, *, loops, vectors, results, paced):
    """Start a chain, feed it, and take its results; clocks and bus accesses meanwhile.

    ``paced``: every vector opens one window. A source that waits would wake at every clock.
    """
    dut = bench.dut

    async def feed():
        for vector in vectors:
            bench.send(vector)
            if paced:
                await ValueChange(dut.gate)

    first, accesses = len(bench.windows), bench.accesses
    integrated = dut.integrated.value.to_unsigned()
    feeder = cocotb.start_soon(feed())
    await write_all(bench, start_writes(0, len(descriptors) - 1, loops=loops))
    await ValueChange(dut.gate)
    begin = now()
    found = [await bench.receive() for _ in range(results)]
    accesses = bench.accesses - accesses
    await feeder
    await bench.chain_ends()
    await bench.stopped()
    return np.array(found), {
        "clocks": bench.closed_at - begin, "accesses": accesses,
        "integrated": dut.integrated.value.to_unsigned() - integrated,
        "windows": len(bench.windows) - first}


@cocotb.test(timeout_time=100, timeout_unit="ms", skip="IMAGES" not in os.environ)
async def network(dut):
    """The digits, all layers in one array, one chain; every answer and every pulse is golden's."""
    images, batch = int(os.environ["IMAGES"]), int(os.environ["BATCH"])
    digits = load_images()
    network = SerialNetwork(load_network(), digits.train_x, config=CONFIG, device=PcmLike(),
                            seed=1)
    network.advance(float(os.environ["SECONDS"]))
    run = network.run(digits.test_x[:images])
    lengths, counts = run.in_order(batch=batch)

    bench = TileBench(dut, CONFIG, lambda window: counts[window.number])
    await bench.start()
    await write_all(bench, coefficient_writes(network.coefficients, CONFIG))
    descriptors = network.descriptors(batch=batch)
    await write_all(bench, descriptor_writes(descriptors, CONFIG))
    set_up = bench.accesses
    logits, done = await run_chain(bench, descriptors, loops=images // batch,
                                   vectors=network.inputs(digits.test_x[:images]), results=images,
                                   paced=False)
    logits = logits[:, :run.logits.shape[1]]
    labels = digits.test_y[:images]
    wrong = int((np.array([w.lengths for w in bench.windows]) != lengths).any(axis=1).sum())
    record("network", images=images, set_up=set_up, mismatches=int((logits != run.logits).sum()),
           wrong_windows=wrong, accuracy_rtl=accuracy(logits, labels),
           accuracy_golden=accuracy(run.logits, labels), **done)
    assert wrong == 0
    np.testing.assert_array_equal(logits, run.logits)


@cocotb.test(timeout_time=100, timeout_unit="ms", skip="VECTORS" not in os.environ)
async def one_long_job(dut):
    """A job of many vectors, with streams that never wait."""
    rng, vectors = np.random.default_rng(cocotb.RANDOM_SEED), int(os.environ["VECTORS"])
    array = IntegerArray(CONFIG, rng)
    bench = TileBench(dut, CONFIG, lambda window: array.counts(window.lengths[None])[0])
    await bench.start()
    coefficients, settings = Coefficients.random(CONFIG, rng), Settings(shift=20)
    await bench.load(coefficients)
    await bench.swap(run=False)
    descriptors = [Descriptor(settings=settings, repeat=vectors)]
    await write_all(bench, descriptor_writes(descriptors, CONFIG))
    x = rng.integers(-128, 128, (vectors, CONFIG.array.rows))
    results, done = await run_chain(bench, descriptors, loops=1, vectors=x, results=vectors,
                                    paced=True)
    np.testing.assert_array_equal(
        results, run_tile(x, array.read, coefficients, settings, CONFIG).results)
    record("one_long_job", vectors=vectors, **done)
