"""The drift engine on the tile's RTL, as arrays behind it age.

Parameters come in the environment: TILE (configuration), METRICS (folder), DEVICE, SEED, AGES
(seconds, with commas), IMAGES.
"""

import json
import os
import time
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import cocotb

from golden.config import TileConfig
from golden.formats import NmpuFormats
from golden.network.digits import accuracy, load_images
from golden.settings import Settings
from golden.tile import run_tile
from tb.drift.bench import DriftBench
from tb.drift.mvm import MvmTile
from tb.drift.network import DriftNetwork
from tb.drift.recipes import MVM, NETWORK

DEVICE, SEED = os.environ.get("DEVICE"), int(os.environ.get("SEED", "1"))
AGES = [float(age) for age in os.environ.get("AGES", "25").split(",")]
VECTORS = 32
"""Random inputs through the RTL after each update."""


async def started(dut):
    bench = DriftBench(dut, TileConfig.from_yaml(os.environ["TILE"]))
    await bench.start()
    return bench


def leave(name, bench, **more):
    outcome = {"differ": bench.differ, "compared": bench.compared, "windows": len(bench.windows),
               **more}
    Path(os.environ["METRICS"], f"{name}.json").write_text(json.dumps(outcome))
    assert not any(bench.differ.values()), bench.differ


def say(text):
    with Path(os.environ["METRICS"], "drift-progress").open("a") as file:
        file.write(text + "\n")


async def measured(bench, tile, method, which):
    """A measurement of an `MvmTile` in both engines."""
    for slot in range(len(MVM[method].slots)):
        counts, x = tile.calibration_counts(method, slot)
        tile.engines[method].measure(which, slot, counts[:, None],
                                     absolute=MVM[method].absolute)
        await bench.calibrate(method, MVM[method], slot, which, x, counts)


def settings_of(config):
    return Settings(shift=NmpuFormats.of(config).normalised.fmt.frac_bits)


async def begun(bench, method):
    """An unaged array with its reference."""
    tile = MvmTile(DEVICE, SEED, (method,))
    settings = settings_of(bench.config)
    await bench.begin(tile.base, settings, tile.stored,
                      MVM[method].minimum(bench.config, bench.config.array.columns))
    await measured(bench, tile, method, "reference")
    return tile, settings


@cocotb.test(timeout_time=200, timeout_unit="ms")
async def follows_products(dut):
    """Every method on Gaussian weights, at every age: coefficients, refusals, gains, results."""
    bench = await started(dut)
    for method in MVM:
        tile, settings = await begun(bench, method)
        in_use = tile.base
        for age_s in AGES:
            start = time.perf_counter()
            tile.array.advance(age_s - tile.array.time_s)
            await measured(bench, tile, method, "now")
            in_use = await bench.update(method, tile.engines[method]) or in_use
            await bench.compare_bank(in_use)
            x = tile.x[:VECTORS]
            counts = tile.counts(x, 0)
            expected = run_tile(x, lambda read, c=counts: c, in_use, settings,
                                bench.config).results
            bench.compare("results", await bench.results(x, counts), expected)
            say(f"{DEVICE}, {method} at {age_s:.0f} s: "
                f"{tile.engines[method].refusal.name.lower()}, differ "
                f"{sum(bench.differ.values())}, {time.perf_counter() - start:.1f} s")
    leave("products", bench)


@cocotb.test(timeout_time=200, timeout_unit="ms")
async def follows_network(dut):
    """The digits with tile gains; each job stays on the tile for its ten years."""
    bench, digits = await started(dut), load_images()
    images = digits.test_x[:int(os.environ["IMAGES"])]
    labels = digits.test_y[:len(images)]
    fresh = DriftNetwork(digits, DEVICE, SEED, ("tile",))
    aged = {}
    for age_s in AGES:
        aged[age_s] = deepcopy(fresh)
        aged[age_s].advance(age_s)
    x = {age_s: fresh.inputs(images) for age_s in AGES}
    for jobs in fresh.jobs:
        parts = {age_s: [] for age_s in AGES}
        for job in jobs:
            start, key = time.perf_counter(), ("tile", job.name)
            engine = fresh.engines[key]
            await bench.begin(job.coefficients, job.settings, fresh.stored[key],
                              engine.minimum)
            await bench.calibrate("tile", NETWORK["tile"], 0, "reference",
                                  *fresh.calibration("tile", job, 0))
            in_use = job.coefficients
            for age_s, network in aged.items():
                vectors, counts = network.calibration("tile", job, 0)
                engine.measure("now", 0, counts[:, None], absolute=True)
                await bench.calibrate("tile", NETWORK["tile"], 0, "now", vectors, counts)
                in_use = await bench.update("tile", engine) or in_use
                await bench.compare_bank(in_use)
                corrected = replace(job, coefficients=in_use)
                expected = network.run(corrected, x[age_s]).results
                vectors = job.vectors(x[age_s])
                found = await bench.results(vectors, network.counts(job, vectors),
                                            job.settings.reads)
                bench.compare("results", found, expected)
                parts[age_s].append(found)
            say(f"{DEVICE}, {job.name} through {len(AGES)} ages, {len(images)} images: differ "
                f"{sum(bench.differ.values())}, {time.perf_counter() - start:.0f} s")
        x = {age_s: fresh.join(jobs, parts[age_s]) for age_s in AGES}
    leave("network_drift", bench, images=len(images),
          accuracy=[accuracy(x[age_s], labels) for age_s in AGES])


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def takes_few_clocks(dut):
    """Array clocks of a calibration, clocks in which coefficients are out of reach."""
    bench = await started(dut)
    tile, _ = await begun(bench, "tile")
    tile.array.advance(AGES[-1])
    before = dut.integrated.value.to_unsigned()
    await measured(bench, tile, "tile", "now")
    await bench.update("tile", tile.engines["tile"])
    clocks = dut.integrated.value.to_unsigned() - before
    leave("clocks", bench, calibration=clocks, rewrite=await bench.refused_clocks("tile"))
