"""How long things take when nobody waits: sustained streams, and one vector in every read mode.

Reads TILE (configuration), VECTORS and METRICS (folder for the outcome).
"""

import json
import os
from pathlib import Path

import cocotb
import numpy as np
from cocotb.simtime import get_sim_time
from cocotb.triggers import ValueChange

from golden.config import TileConfig
from golden.nmpu import Coefficients
from golden.settings import Settings
from golden.tile import run_tile
from tb.integer_array import IntegerArray
from tb.tile_bench import PERIOD_NS, TileBench

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
ROWS = CONFIG.array.rows


async def start(dut, rng):
    array = IntegerArray(CONFIG, rng)
    bench = TileBench(dut, CONFIG, lambda window: array.counts(
        window.lengths[None], sides=window.sides)[0])
    await bench.start()
    coefficients = Coefficients.random(CONFIG, rng)
    await bench.load(coefficients)
    await bench.swap()
    return bench, array, coefficients


def now():
    return int(get_sim_time("ns")) // PERIOD_NS


def record(name, **values):
    Path(os.environ["METRICS"], f"{name}.json").write_text(json.dumps(values))


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def sustained(dut):
    """A stream of vectors without pauses: the share of clocks in which a gate is open."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench, array, coefficients = await start(dut, rng)
    settings = Settings(shift=20)
    await bench.configure(settings)
    x = rng.integers(-128, 128, (int(os.environ["VECTORS"]), ROWS))
    expected = run_tile(x, array.read, coefficients, settings, CONFIG).results

    async def feed():
        for vector in x:
            bench.send(vector)
            await ValueChange(dut.gate)

    first = len(bench.windows)
    opened = cocotb.start_soon(opens(dut))
    feeder = cocotb.start_soon(feed())
    for wanted in expected:
        np.testing.assert_array_equal(await bench.receive(), wanted)
    await feeder
    await bench.stopped()
    assert len(bench.windows) - first == len(x) * CONFIG.blocks
    begin, integrated = await opened, dut.integrated.value.to_unsigned()
    record("sustained", vectors=len(x), integrated=integrated,
           clocks=bench.closed_at - begin, window=bench.windows[-1].clocks)


async def opens(dut):
    """The clock in which the gate next opens."""
    await ValueChange(dut.gate)
    return now()


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def one_vector(dut):
    """In each mode: clocks of open gates, and from the first of them to the last result."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench, array, coefficients = await start(dut, rng)
    clocks = {}
    for mode in CONFIG.drive.read_modes:
        settings = Settings(read_mode=mode, shift=20)
        await bench.configure(settings)
        x = rng.integers(-128, 128, (1, ROWS))
        before = dut.integrated.value.to_unsigned()
        opened = cocotb.start_soon(opens(dut))
        bench.send(x[0])
        result = await bench.receive()
        end = now()
        np.testing.assert_array_equal(
            result, run_tile(x, array.read, coefficients, settings, CONFIG).results[0])
        await bench.stopped()
        clocks[mode] = {"integrated": dut.integrated.value.to_unsigned() - before,
                        "total": end - await opened}
    record("one_vector", **clocks)
