"""Thousands of vectors in every read mode, under random patterns of both streams.

Reads TILE (configuration), VECTORS (how many at least) and METRICS (folder for the outcome). Counts
follow from the pulses measured at the pins, and every row, column and sign has its own weight: a
vector that is lost, repeated or mixed with another changes results, which are compared with ``==``.
"""

import itertools
import json
import os
from pathlib import Path

import cocotb
import numpy as np
from cocotb_coverage.coverage import CoverCross, CoverPoint, coverage_db

from golden.config import VECTOR_BITS, TileConfig
from golden.nmpu import Coefficients
from golden.settings import Settings, most_reads
from golden.tile import run_tile
from tb.integer_array import IntegerArray
from tb.tile_bench import TileBench

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
ROWS = CONFIG.array.rows
WIDTHS = [bits for bits in VECTOR_BITS if bits <= CONFIG.drive.input_bits]
VECTORS_PER_BATCH = 24
LONGEST = (0, 4, 300)
"""Longest pause of a stream, in clocks; the last one exceeds what all buffers together cover."""


@CoverPoint("readout.read_mode", xf=lambda s: s[0], bins=list(CONFIG.drive.read_modes))
@CoverPoint("readout.input_bits", xf=lambda s: s[1], bins=WIDTHS)
@CoverPoint("readout.saturated", xf=lambda s: s[2], bins=[False, True])
@CoverPoint("readout.back_pressure", xf=lambda s: s[3], bins=[False, True])
@CoverCross("readout.cross", items=["readout.read_mode", "readout.input_bits",
                                    "readout.saturated", "readout.back_pressure"])
def cover(sample):
    """Of each result: read mode, width of its inputs, whether a counter was full, whether the
    output stream was held up since the result before."""


def pauses(rng, longest):
    """Stop and go at random; bursts of traffic between pauses of up to ``longest`` clocks."""
    while True:
        yield from [True] * int(rng.integers(0, longest, endpoint=True))
        yield from [False] * int(rng.integers(1, 8))


def inputs(rng, bits):
    """A batch whose vectors run from nearly nothing to full scale on every row."""
    limit = (1 << (bits - 1)) - 1
    x = rng.integers(-limit, limit, (VECTORS_PER_BATCH, ROWS), endpoint=True)
    x >>= rng.integers(0, bits, (VECTORS_PER_BATCH, 1))
    x *= rng.random(x.shape) < rng.choice([1.0, 0.3, 0.1], (VECTORS_PER_BATCH, 1))
    full = rng.random(VECTORS_PER_BATCH) < 0.25
    x[full] = limit * rng.choice([-1, 1], (full.sum(), 1))
    return x


def counts_of(array):
    """The answer of the pins and of golden to the same window."""
    def of_window(window):
        return array.counts(window.lengths[None], sides=window.sides,
                            longest=window.clocks - 1)[0]

    def of_read(read):
        return array.counts(read.lengths, sides=read.sides, longest=read.window_clocks - 1)
    return of_window, of_read


async def run_batch(bench, of_read, settings, coefficients, rng):
    """One batch; the number of vectors."""
    x = inputs(rng, settings.input_bits)
    x = x[:len(x) // settings.reads * settings.reads]
    expected = run_tile(x, of_read, coefficients, settings, CONFIG)
    top = (1 << CONFIG.readout.counter_bits) - 1
    full = (expected.counts == top).any(axis=(1, 2, 3)).reshape(-1, settings.reads).any(axis=1)
    first, stalled = len(bench.windows), bench.dut.stalled.value.to_unsigned()
    for vector in x:
        bench.send(vector)
    for wanted, saturated in zip(expected.results, full, strict=True):
        np.testing.assert_array_equal(await bench.receive(), wanted)
        before, stalled = stalled, bench.dut.stalled.value.to_unsigned()
        cover((settings.read_mode, settings.input_bits, bool(saturated), stalled > before))
    await bench.stopped()
    np.testing.assert_array_equal([w.lengths for w in bench.windows[first:]],
                                  expected.lengths(CONFIG.blocks))
    return len(x)


@cocotb.test(timeout_time=200, timeout_unit="ms")
async def nothing_is_lost(dut):
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    array = IntegerArray(CONFIG, rng)
    of_window, of_read = counts_of(array)
    bench = TileBench(dut, CONFIG, of_window)
    await bench.start()
    vectors, wanted = 0, int(os.environ["VECTORS"])
    patterns = itertools.cycle(itertools.product(LONGEST, LONGEST))
    while vectors < wanted:
        coefficients = Coefficients.random(CONFIG, rng)
        await bench.load(coefficients)
        await bench.swap()
        for mode, bits in itertools.product(CONFIG.drive.read_modes, WIDTHS):
            idle, stall = next(patterns)
            idle_rng, stall_rng = rng.spawn(2)
            bench.source.set_pause_generator(pauses(idle_rng, idle))
            bench.sink.set_pause_generator(pauses(stall_rng, stall))
            most = most_reads(CONFIG, read_mode=mode, input_bits=bits)
            settings = Settings(
                read_mode=mode, input_bits=bits, reads=min(int(rng.integers(1, 4)), most),
                shift=int(rng.integers(14, 24)), relu=bool(rng.integers(2)),
                output_bits=int(rng.choice([8, 6, 4])))
            await bench.configure(settings)
            vectors += await run_batch(bench, of_read, settings, coefficients, rng)
        next(patterns)  # 9 patterns and 12 modes: every pair comes up in turn
    coverage_db.report_coverage(cocotb.log.info, bins=False)
    cross = coverage_db["readout.cross"]
    holes = [str(name) for name, hits in cross.detailed_coverage.items() if hits == 0]
    Path(os.environ["METRICS"], "patterns.json").write_text(json.dumps({
        "vectors": vectors, "windows": len(bench.windows), "bins": cross.size,
        "covered": cross.coverage, "holes": holes,
        "saturations": (await bench.get("SATURATIONS"))["count"],
        "points": {name: {str(k): v for k, v in coverage_db[name].detailed_coverage.items()}
                   for name in ("readout.read_mode", "readout.input_bits", "readout.saturated",
                                "readout.back_pressure")}}))
