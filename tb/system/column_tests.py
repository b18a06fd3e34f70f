"""Many random columns through a tile: rounding ties and both clip edges first, then anything.

Reads TILE (configuration), LEAST_COLUMNS and METRICS (folder for the tally). A shell may have a
COLUMNS of its own, the width of its window.
"""

import itertools
import json
import os
from pathlib import Path

import cocotb
import numpy as np

from golden.config import VECTOR_BITS, TileConfig
from golden.formats import NmpuFormats
from golden.nmpu import Coefficients, combine, gather, normalise
from golden.settings import Settings
from golden.tile import run_tile
from tb.tile_bench import TileBench

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
TOP = (1 << CONFIG.readout.counter_bits) - 1


def plain_coefficients():
    """Scale 1, offset 0, normalisation by one half: a result steps every second count."""
    columns, nmpu = CONFIG.array.columns, CONFIG.nmpu
    return Coefficients(
        scale=np.full((2, columns), 1 << nmpu.scale.frac_bits),
        offset=np.zeros((2, columns), np.int64),
        norm_scale=np.full(columns, 1 << (nmpu.norm_scale.frac_bits - 1)),
        norm_bias=np.zeros(columns, np.int64)).validate(CONFIG)


def decisive_counts(rng, vectors, bits):
    """Counts whose difference lies on a tie or within three counts of a clip edge."""
    shape = (vectors, CONFIG.array.columns)
    limit = 1 << bits
    edges = np.concatenate([np.arange(-3, 4) + edge for edge in (-limit - 1, -limit, limit - 1)])
    ties = rng.integers(-limit // 2, limit // 2, shape) * 2 + 1
    difference = np.where(rng.random(shape) < 0.5, ties, rng.choice(edges, shape))
    lower = rng.integers(0, TOP - np.abs(difference), endpoint=True)
    return np.stack([lower + np.maximum(difference, 0), lower + np.maximum(-difference, 0)], axis=1)


def batches(rng, columns):
    """(coefficients, settings, counts) of each batch."""
    each = -(-columns // (CONFIG.array.columns * 2 * len(VECTOR_BITS) * 2))
    frac = NmpuFormats.of(CONFIG).normalised.fmt.frac_bits
    for bits, relu in itertools.product(VECTOR_BITS, (False, True)):
        settings = Settings(shift=frac, relu=relu, output_bits=bits, input_bits=4)
        yield plain_coefficients(), settings, decisive_counts(rng, each, bits)
    for bits, relu in itertools.product(VECTOR_BITS, (False, True)):
        reads = int(rng.integers(1, 3))
        settings = Settings(shift=int(rng.integers(frac - 4, frac + 4)), relu=relu, reads=reads,
                            output_bits=bits, input_bits=4)
        counts = rng.integers(0, TOP, (each * reads, 2, CONFIG.array.columns), endpoint=True)
        yield (Coefficients.random(CONFIG, rng), settings,
               counts >> rng.integers(0, CONFIG.readout.counter_bits, counts.shape))


def tally(counts, coefficients, settings):
    """How many columns were ties, and how many lay at or beyond each clip edge."""
    sums = gather(combine(counts.reshape(-1, settings.reads, 2, CONFIG.array.columns),
                          coefficients, CONFIG), [1] * settings.reads, CONFIG)
    z = normalise(sums, coefficients, CONFIG)
    z = np.maximum(z, 0) if settings.relu else z
    ties = (z & ((1 << settings.shift) - 1)) == 1 << (settings.shift - 1)
    limit = 1 << (settings.output_bits - 1)
    return {"ties": int(ties.sum()), "high": int((z >> settings.shift >= limit - 1).sum()),
            "low": int((z >> settings.shift <= -limit).sum())}


@cocotb.test(timeout_time=100, timeout_unit="ms")
async def columns_match_golden(dut):
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench = TileBench(dut, CONFIG)
    await bench.start()
    total = {"columns": 0, "vectors": 0, "mismatches": 0, "ties": 0, "high": 0, "low": 0}
    for coefficients, settings, counts in batches(rng, int(os.environ["LEAST_COLUMNS"])):
        first = len(bench.windows)
        bench.counts_of = lambda window, first=first, counts=counts: counts[
            (window.number - first) // CONFIG.blocks]
        await bench.load(coefficients)
        await bench.swap()
        await bench.configure(settings)
        x = rng.integers(-7, 8, (len(counts), CONFIG.array.rows))
        expected = run_tile(x, lambda _, counts=counts: counts, coefficients, settings, CONFIG)
        for vector in x:
            bench.send(vector)
        results = np.array([await bench.receive() for _ in expected.results])
        await bench.stopped()
        np.testing.assert_array_equal([w.lengths for w in bench.windows[first:]],
                                      expected.lengths(CONFIG.blocks))
        total["mismatches"] += int((results != expected.results).sum())
        total["columns"] += results.size
        total["vectors"] += len(x)
        for name, number in tally(counts, coefficients, settings).items():
            total[name] += number
    Path(os.environ["METRICS"], "columns.json").write_text(json.dumps(total))
    assert total["mismatches"] == 0
    assert min(total["ties"], total["high"], total["low"]) > 100
