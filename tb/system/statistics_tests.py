"""Statistics of a batch of results through the tile; its configuration is in TILE."""

import os

import cocotb
import numpy as np

from golden.config import TileConfig
from golden.drift.statistics import statistics
from golden.nmpu import Coefficients, combine, gather
from golden.registers import CHANNEL_BASES
from golden.settings import Settings
from golden.tile import run_tile
from tb.integer_array import IntegerArray
from tb.tile_bench import Refused, TileBench

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
ROWS, COLUMNS = CONFIG.array.rows, CONFIG.array.columns


async def read_back(bench):
    """Sums and squares of every column."""
    words = {name: np.array([await bench.read(base + 4 * column) for column in range(COLUMNS)])
             for name, base in CHANNEL_BASES.items()}
    return (words["sums"].astype(np.uint32).astype(np.int32).astype(np.int64),
            words["squares_low"] + (words["squares_high"] << 32))


@cocotb.test(timeout_time=20, timeout_unit="ms")
@cocotb.parametrize(longest_stall=[0, 5])
async def batches_match_golden(dut, longest_stall):
    """Batches asked for under traffic: whole results from the next on, clipped and not."""
    rng, stall_rng = np.random.default_rng(cocotb.RANDOM_SEED).spawn(2)
    array = IntegerArray(CONFIG, rng)
    bench = TileBench(dut, CONFIG, lambda window: array.counts(
        window.lengths[None], sides=window.sides)[0])
    await bench.start()
    coefficients, settings = Coefficients.random(CONFIG, rng), Settings(
        reads=2, shift=18, input_bits=4, relu=True)
    await bench.load(coefficients)
    await bench.swap()
    await bench.configure(settings)
    if longest_stall:
        bench.sink.set_pause_generator(
            bool(stall_rng.integers(longest_stall)) for _ in iter(int, 1))
    clipped = set()
    for shift, results in ((6, 1), (2, 7), (12, 4)):
        # The stream runs on while the batch is asked for and after it has ended.
        x = rng.integers(-7, 8, (2 * (results + 12), ROWS))
        run = run_tile(x, array.read, coefficients, settings, CONFIG)
        weights = settings.weights * settings.reads
        sums = gather(combine(run.counts.reshape(-1, len(weights), 2, COLUMNS), coefficients,
                              CONFIG), weights, CONFIG)
        for vector in x:
            bench.send(vector)
        got = [await bench.receive() for _ in range(3)]
        await bench.set("STATISTICS", results=results, shift=shift, start=True)
        refused = 0
        while (await bench.get("STATISTICS"))["start"]:
            try:
                await bench.set("STATISTICS", results=1)
            except Refused:
                refused += 1
        assert refused or results == 1
        found = await read_back(bench)
        got += [await bench.receive() for _ in run.results[3:]]
        np.testing.assert_array_equal(got, run.results)
        assert (await bench.get("STATUS"))["batch_done"]
        await bench.set("STATUS", batch_done=True)
        candidates = [statistics(sums[first:first + results], CONFIG, shift=shift)
                      for first in range(3, len(sums) - results + 1)]
        matching = [c for c in candidates if np.array_equal(c.sums, found[0])
                    and np.array_equal(c.squares, found[1])]
        assert len(matching) == 1, "the sums are not those of whole results that follow each other"
        shown = (await bench.get("STATISTICS"))["clipped"]
        assert shown == matching[0].clipped
        clipped.add(shown)
        await bench.stopped()
    assert clipped == {0, 1}
