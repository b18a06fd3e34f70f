"""Converters calibrated over the bus, from the first measurement to the corrected results.

Reads TILE (configuration) and METRICS (folder for the outcome). The pins are answered by a golden
bank of oscillators with the spreads that HERMES publishes.
"""

import itertools
import json
import os
from dataclasses import asdict
from pathlib import Path

import cocotb
import numpy as np
from cocotb.triggers import with_timeout

from golden.config import TileConfig
from golden.convert.oscillator import OscillatorBank
from golden.host.calibration import calibrate, correct, correction, golden_sums, plan, report
from golden.nmpu import Coefficients
from golden.registers import (
    COEFFICIENTS,
    REGISTERS,
    coefficient_address,
    saturated_address,
    sum_address,
)
from golden.settings import Settings
from golden.tile import run_tile
from tb.tile_bench import Refused, TileBench

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
ROWS, COLUMNS = CONFIG.array.rows, CONFIG.array.columns
LSB_UA = 0.1
UNIT_UA = 0.2 * 20.0
"""Current of a full device: 20 µS at 0.2 V."""


def counts_of(bank, lengths, clocks, reference=None):
    """Counts (vectors, 2, columns) of an ideal array whose every device is full, or of a current.

    Each positive row adds to P of every column, each negative one to N.
    """
    current = np.zeros((len(lengths), 2, COLUMNS))
    if reference is None:
        for polarity, sign in enumerate((1, -1)):
            charge = np.maximum(sign * lengths, 0).sum(axis=1)
            current[:, polarity] = (UNIT_UA * charge / clocks)[:, None]
    else:
        code = ~reference if reference < 0 else reference
        current[:, int(reference < 0)] = LSB_UA * code
    return bank.counts(current, window_ns=float(clocks))


async def measure(bench, run):
    """One run of the plan; the sums of all columns."""
    first = len(bench.windows)
    for address, word in run.writes:
        await bench.write(address, word)
    refused = 0
    while (await bench.get("MEASURE"))["start"]:
        try:
            await bench.write(*run.writes[0])
        except Refused:
            refused += 1
    assert refused > 0, "REFERENCE could be written during a measurement"
    assert (await bench.get("STATUS"))["measured"]
    await bench.set("STATUS", measured=True)
    codes = [~code if run.negative else code for code in run.codes.tolist()]
    windows = bench.windows[first:]
    assert [w.reference for w in windows] == codes * CONFIG.blocks
    assert not any(w.lengths.any() for w in windows), "a row was driven during a measurement"
    return [await bench.read(sum_address(column)) for column in range(COLUMNS)]


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def calibrates_over_the_bus(dut):
    """Six measurements, the host's arithmetic, new coefficients; then vectors with them."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bank = OscillatorBank.sample(COLUMNS, CONFIG.readout.counter_bits, rng)
    bench = TileBench(dut, CONFIG, lambda w: counts_of(
        bank, w.lengths[None], w.clocks, w.reference)[0])
    await bench.start()
    await bench.set("CONTROL", run=True)

    todo = plan(CONFIG, lsb_ua=LSB_UA)
    sums = np.array([await measure(bench, run) for run in todo.runs]).reshape(3, 2, COLUMNS)
    np.testing.assert_array_equal(sums, golden_sums(todo, bank))
    found = calibrate(todo, sums, CONFIG)

    settings = Settings(shift=15)
    plain = Coefficients(
        scale=np.full((2, COLUMNS), 1 << CONFIG.nmpu.scale.frac_bits),
        offset=np.zeros((2, COLUMNS), np.int64),
        norm_scale=np.full(COLUMNS, 1 << (CONFIG.nmpu.norm_scale.frac_bits - 1)),
        norm_bias=np.zeros(COLUMNS, np.int64))
    corrected = correct(plain, *correction(found, settings), CONFIG)
    await bench.load(corrected)
    for column, name in itertools.product(range(COLUMNS), COEFFICIENTS):
        word = await bench.read(coefficient_address(column, name))
        assert word == bench.coefficient(corrected, name, column) & 0xFFFFFFFF
    await bench.swap()
    await bench.configure(settings)

    x = rng.integers(-127, 128, (8, ROWS)) // 8
    expected = run_tile(x, lambda read: counts_of(bank, read.lengths, read.window_clocks),
                        corrected, settings, CONFIG)
    for vector in x:
        bench.send(vector)
    for wanted in expected.results:
        np.testing.assert_array_equal(await bench.receive(), wanted)
    await bench.stopped()

    real = corrected.real(CONFIG)
    outcome = report(bank, real["scale"], real["offset"], window_ns=todo.window_ns)
    assert outcome.gain_sigma_after < outcome.gain_sigma_before / 10
    Path(os.environ["METRICS"], "calibration.json").write_text(json.dumps(
        {"columns": COLUMNS, "windows": sum(run.repeats for run in todo.runs) * CONFIG.blocks,
         **asdict(outcome)}))


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def measures_between_results(dut):
    """A measurement asked for under traffic waits for the open result, and changes none."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bank = OscillatorBank.sample(COLUMNS, CONFIG.readout.counter_bits, rng)
    bench = TileBench(dut, CONFIG, lambda w: counts_of(
        bank, w.lengths[None], w.clocks, w.reference)[0])
    await bench.start()
    settings = Settings(shift=18, reads=3, input_bits=4)
    coefficients = Coefficients.random(CONFIG, rng)
    await bench.load(coefficients)
    await bench.swap()
    await bench.configure(settings)
    x = rng.integers(-7, 8, (3 * 12, ROWS))
    expected = run_tile(x, lambda read: counts_of(bank, read.lengths, read.window_clocks),
                        coefficients, settings, CONFIG).results
    for vector in x:
        bench.send(vector)
    results = [await bench.receive()]
    await bench.set("REFERENCE", code=700, step=3)
    await bench.set("IRQ_ENABLE", measured=True)
    await bench.set("MEASURE", repeats=5, start=True)
    results += [await bench.receive() for _ in expected[1:]]
    np.testing.assert_array_equal(results, expected)
    while dut.irq.value == 0:
        await with_timeout(bench.clocks(1), 1, "ms")
    references = [w.reference for w in bench.windows]
    start = references.index(700)
    assert references[start:start + 5 * CONFIG.blocks] == [700, 703, 706, 709, 712] * CONFIG.blocks
    assert sum(r is not None for r in references) == 5 * CONFIG.blocks
    assert start % (settings.reads * CONFIG.blocks) == 0, "it interrupted a result"
    assert start < len(x) * CONFIG.blocks, "it waited for the stream to end"
    window = bench.windows[start].clocks
    codes = np.array([700, 703, 706, 709, 712])
    current = np.zeros((5, 2, COLUMNS))
    current[:, 0] = LSB_UA * codes[:, None]
    wanted = bank.counts(current, window_ns=float(window))[:, 0].sum(axis=0)
    sums = [await bench.read(sum_address(column)) for column in range(COLUMNS)]
    np.testing.assert_array_equal(sums, wanted)
    await bench.stopped()


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def diagnostics_tell(dut):
    """Raw counts of any column, flags of those that were full, and how often."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    top = (1 << CONFIG.readout.counter_bits) - 1
    counts = rng.integers(0, top, (2, COLUMNS))
    bench = TileBench(dut, CONFIG, lambda w: counts)
    await bench.start()
    await bench.configure(Settings(input_bits=4))
    await bench.set("CONTROL", run=True)

    async def one_vector():
        bench.send(np.zeros(ROWS))
        await bench.receive()
        await bench.stopped()

    async def flags():
        words = [await bench.read(saturated_address(c)) for c in range(0, COLUMNS, 32)]
        return [c for c in range(COLUMNS) if words[c // 32] >> c % 32 & 1]

    for column in {0, 1, COLUMNS // 2, COLUMNS - 1}:
        await bench.set("PROBE", column=column)
        assert await bench.get("PROBE_COUNTS") == {"p": 0, "n": 0}
        await one_vector()
        wanted = {"p": counts[0, column], "n": counts[1, column]}
        assert await bench.get("PROBE_COUNTS") == wanted
    try:
        await bench.write(REGISTERS["PROBE"].offset, COLUMNS)
    except Refused:
        pass
    else:
        raise AssertionError("a column that does not exist was accepted")

    assert await flags() == []
    full = sorted({0, COLUMNS - 1, *rng.integers(COLUMNS, size=3).tolist()})
    before = (await bench.get("SATURATIONS"))["count"]
    for k, column in enumerate(full):
        counts[k % 2, column] = top
    await one_vector()
    assert await flags() == full
    blocks = len({column // CONFIG.counters for column in full})
    assert (await bench.get("SATURATIONS"))["count"] == before + blocks
    counts[counts == top] = 0
    await one_vector()
    assert await flags() == full, "flags are sticky"
    await bench.write(saturated_address(0), 1)
    assert await flags() == full[1:], "one bit clears one column"
    for column in range(0, COLUMNS, 32):
        await bench.write(saturated_address(column), 0xFFFFFFFF)
    assert await flags() == []
