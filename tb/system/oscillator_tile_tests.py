"""Cocotb tests of a tile whose counters the oscillators clock; the configuration is in TILE."""

import itertools
import json
import os
from pathlib import Path

import cocotb
import numpy as np

from golden.config import VECTOR_BITS, TileConfig
from golden.nmpu import Coefficients
from golden.registers import saturated_address, sum_address
from golden.settings import Settings
from golden.tile import run_tile
from tb.agents.pauses import pauses
from tb.charge_array import ChargeArray
from tb.tile_bench import TileBench

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
ROWS, COLUMNS = CONFIG.array.rows, CONFIG.array.columns
SEED = 20
"""Of tests that are compared between two configurations."""


async def started(dut, array):
    """With either front end: counts that a macro would hand over, or charge for oscillators."""
    bench = TileBench(dut, CONFIG, lambda window: array.counts(
        window.lengths[None], sides=window.sides)[0])
    if CONFIG.readout.front_end == "oscillator":
        array.connect(dut)
    await bench.start()
    return bench


async def run_and_compare(bench, array, x, coefficients, settings):
    expected = run_tile(x, array.read, coefficients, settings, CONFIG)
    start = len(bench.windows)
    await bench.load(coefficients)
    await bench.swap()
    await bench.configure(settings)
    for vector in x:
        bench.send(vector)
    results = [await bench.receive() for _ in expected.results]
    np.testing.assert_array_equal([w.lengths for w in bench.windows[start:]],
                                  expected.lengths(CONFIG.blocks))
    np.testing.assert_array_equal(results, expected.results)
    await bench.stopped()
    return expected


@cocotb.test(timeout_time=30, timeout_unit="us")
@cocotb.parametrize(longest=[0, 5])
async def vectors_match_golden(dut, longest):
    """Every read mode and input width, with and without idle and back-pressure."""
    rng, idle_rng, stall_rng = np.random.default_rng(cocotb.RANDOM_SEED).spawn(3)
    array = ChargeArray(CONFIG, rng, coarser=3)
    bench = await started(dut, array)
    bench.source.set_pause_generator(pauses(idle_rng, longest))
    bench.sink.set_pause_generator(pauses(stall_rng, 8 * longest))
    for mode, bits in itertools.product(CONFIG.drive.read_modes, VECTOR_BITS):
        reads = int(rng.integers(1, 3)) if mode != "bit_serial" or bits < 8 else 1
        settings = Settings(reads=reads, shift=int(rng.integers(12, 20)),
                            relu=bool(rng.integers(2)), output_bits=int(rng.choice(VECTOR_BITS)),
                            input_bits=bits, read_mode=mode)
        expected = await run_and_compare(
            bench, array, rng.integers(-128, 128, (2 * reads, ROWS)),
            Coefficients.random(CONFIG, rng), settings)
        assert not expected.count_full and expected.counts.any()


@cocotb.test(timeout_time=30, timeout_unit="us")
async def full_columns_are_flagged(dut):
    """A counter stops at full scale; its column and no other is flagged."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    array = ChargeArray(CONFIG, rng)
    bench = await started(dut, array)
    top = (1 << CONFIG.readout.counter_bits) - 1
    signs = np.array([[1], [-1]])
    x = next(x for length in range(16, 120)
             if (array.counts(x := rng.integers(length, length + 9, (2, ROWS)) * signs) == top)
             .any(axis=(0, 1)).mean() > 0.3)
    expected = await run_and_compare(bench, array, x, Coefficients.random(CONFIG, rng),
                                     Settings(shift=18))
    assert 0 < expected.saturated.sum() < COLUMNS, "the array is of no use here"
    words = [await bench.read(saturated_address(column)) for column in range(0, COLUMNS, 32)]
    flags = [bool(words[c // 32] >> c % 32 & 1) for c in range(COLUMNS)]
    np.testing.assert_array_equal(flags, expected.saturated)
    assert (await bench.get("STATUS"))["count_full"]
    by_block = expected.counts.reshape(len(x), 2, CONFIG.blocks, CONFIG.counters)
    captures = (by_block == top).any(axis=(1, 3))
    assert (await bench.get("SATURATIONS"))["count"] == captures.sum()


@cocotb.test(timeout_time=30, timeout_unit="us")
async def slow_output_loses_nothing(dut):
    """Counters are frozen while results wait; charge that flows meanwhile is in no count."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    array = ChargeArray(CONFIG, rng, coarser=1)
    bench = await started(dut, array)
    coefficients, settings = Coefficients.random(CONFIG, rng), Settings(shift=16, input_bits=4)
    await bench.load(coefficients)
    await bench.swap()
    await bench.configure(settings)
    x = rng.integers(-8, 8, (10, ROWS))
    expected = run_tile(x, array.read, coefficients, settings, CONFIG).results
    bench.sink.pause = True
    for vector in x:
        bench.send(vector)
    await bench.clocks(300)
    held = len(bench.windows)
    await bench.clocks(100)
    assert len(bench.windows) == held < len(x)
    bench.sink.pause = False
    np.testing.assert_array_equal([await bench.receive() for _ in x], expected)
    await bench.stopped()


@cocotb.test(timeout_time=30, timeout_unit="us")
async def known_current_is_summed(dut):
    """A measurement counts the code of its current, in the polarity it was told."""
    array = ChargeArray(CONFIG, np.random.default_rng(cocotb.RANDOM_SEED))
    bench = await started(dut, array)
    await bench.configure(Settings(input_bits=4))
    for negative, code in ((False, 77), (True, 600)):
        await bench.set("REFERENCE", code=code, step=3)
        await bench.set("MEASURE", repeats=4, negative=negative, start=True)
        while (await bench.get("MEASURE"))["start"]:
            pass
        sums = [await bench.read(sum_address(column)) for column in range(COLUMNS)]
        assert sums == [4 * code + 18] * COLUMNS


@cocotb.test(timeout_time=30, timeout_unit="us")
async def probed_counts(dut):
    """The raw counts of every column, and the results; kept for the other front end's."""
    rng = np.random.default_rng(SEED)
    array = ChargeArray(CONFIG, rng, coarser=2)
    coefficients, settings = Coefficients.random(CONFIG, rng), Settings(shift=16, input_bits=6)
    x = rng.integers(-32, 32, (COLUMNS, ROWS))
    expected = run_tile(x, array.read, coefficients, settings, CONFIG)
    bench = await started(dut, array)
    await bench.load(coefficients)
    await bench.swap()
    await bench.configure(settings)
    counts, results = [], []
    for column, vector in enumerate(x):
        await bench.set("PROBE", column=column)
        bench.send(vector)
        results.append((await bench.receive()).tolist())
        probed = await bench.get("PROBE_COUNTS")
        counts.append([probed["p"], probed["n"]])
    await bench.stopped()
    columns = np.arange(COLUMNS)
    np.testing.assert_array_equal(counts, expected.counts[columns, 0, :, columns])
    np.testing.assert_array_equal(results, expected.results)
    Path(os.environ["METRICS"], "probed_counts.json").write_text(
        json.dumps({"counts": counts, "results": results}))
