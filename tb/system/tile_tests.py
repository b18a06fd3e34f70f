"""Cocotb tests of a whole tile; the configuration comes in the environment variable TILE."""

import itertools
import json
import os
from pathlib import Path

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge

from golden.config import TileConfig
from golden.nmpu import Coefficients
from golden.registers import COEFFICIENTS, coefficient_address
from golden.settings import Settings, most_reads
from golden.tile import run_tile
from hw.nmpu.nmpu import Nmpu
from tb.agents.pauses import pauses
from tb.integer_array import IntegerArray
from tb.tile_bench import PERIOD_NS, Refused, TileBench

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
ROWS, COLUMNS = CONFIG.array.rows, CONFIG.array.columns


def random_settings(rng):
    """Settings whose results are neither all zero nor all saturated."""
    mode, bits = str(rng.choice(CONFIG.drive.read_modes)), int(rng.choice([8, 6, 4]))
    most = most_reads(CONFIG, read_mode=mode, input_bits=bits)
    return Settings(
        reads=min(int(rng.integers(1, 4)), most), shift=int(rng.integers(14, 24)),
        relu=bool(rng.integers(2)), output_bits=int(rng.choice([8, 6, 4])),
        input_bits=bits, read_mode=mode)


async def bench_with_array(dut, rng):
    array = IntegerArray(CONFIG, rng)
    bench = TileBench(dut, CONFIG, lambda window: array.counts(
        window.lengths[None], sides=window.sides)[0])
    await bench.start()
    return bench, array


async def run_and_compare(bench, array, x, coefficients, settings):
    """Send all vectors, and compare pulses and results with golden."""
    expected = run_tile(x, array.read, coefficients, settings, CONFIG)
    start = len(bench.windows)
    for vector in x:
        bench.send(vector)
    results = [await bench.receive() for _ in expected.results]
    np.testing.assert_array_equal([w.lengths for w in bench.windows[start:]],
                                  expected.lengths(CONFIG.blocks))
    np.testing.assert_array_equal(results, expected.results)
    await bench.stopped()
    return expected


@cocotb.test(timeout_time=20, timeout_unit="ms")
@cocotb.parametrize(longest_idle=[0, 5], longest_stall=[0, 5])
async def vectors_match_golden(dut, longest_idle, longest_stall):
    """Random coefficients and settings, several vectors per result, every mode and width."""
    rng, idle_rng, stall_rng = np.random.default_rng(cocotb.RANDOM_SEED).spawn(3)
    bench, array = await bench_with_array(dut, rng)
    bench.source.set_pause_generator(pauses(idle_rng, longest_idle))
    bench.sink.set_pause_generator(pauses(stall_rng, longest_stall))
    for _ in range(8 if COLUMNS <= 32 else 1):
        coefficients, settings = Coefficients.random(CONFIG, rng), random_settings(rng)
        await bench.load(coefficients)
        await bench.swap()
        await bench.configure(settings)
        x = rng.integers(-128, 128, (3 * settings.reads, ROWS))
        await run_and_compare(bench, array, x, coefficients, settings)


@cocotb.test(timeout_time=5, timeout_unit="ms")
@cocotb.parametrize(read_mode=CONFIG.drive.read_modes)
async def window_and_interval(dut, read_mode):
    """Windows are as long as the mode says, and follow each other without a clock between."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench, array = await bench_with_array(dut, rng)
    await bench.set("CONTROL", run=True)
    for bits in (8, 6):
        settings = Settings(input_bits=bits, read_mode=read_mode)
        await bench.configure(settings)
        opened, first = [], len(bench.windows)

        async def watch(opened=opened):
            gate = 0
            while True:
                await RisingEdge(dut.clk)
                before, gate = gate, int(dut.gate.value)
                if gate and gate != before:
                    opened.append(int(cocotb.simtime.get_sim_time("ns")) // PERIOD_NS)

        watcher = cocotb.start_soon(watch())
        for vector in rng.integers(-128, 128, (4, ROWS)):
            bench.send(vector)
        for _ in range(4):
            await bench.receive()
        watcher.cancel()
        wanted = [read.window_clocks for read in settings.mode.reads(np.zeros((1, 1), int))]
        wanted *= CONFIG.blocks * 4
        assert [window.clocks for window in bench.windows[first:]] == wanted
        assert (await bench.get("WINDOW"))["clocks"] == wanted[-1]
        # One bank waits for its capture: the bench answers two clocks after the gate has closed.
        # Two banks wait only if the last counts have not drained yet.
        overhead = 3 if CONFIG.readout.counter_banks == 1 else 0
        drain = CONFIG.counters // CONFIG.nmpu.lanes * (
            CONFIG.nmpu.lanes * 8 // CONFIG.stream.y_bits)
        gaps = np.diff(opened) - wanted[:-1]
        slack = max(drain - min(wanted), 0)
        assert gaps.min() >= overhead
        assert gaps.max() <= overhead + slack, gaps
        await bench.stopped()


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def drains_in_step(dut):
    """The groups are issued one per clock, and each leaves the NMPU's latency later."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench, _ = await bench_with_array(dut, rng)
    await bench.set("CONTROL", run=True)
    captured, beats, final = [], [], []

    async def watch():
        while True:
            await RisingEdge(dut.clk)
            now = int(cocotb.simtime.get_sim_time("ns") // PERIOD_NS)
            if dut.captured.value == 1:
                captured.append(now)
            if dut.y_tvalid.value == 1 and dut.y_tready.value == 1:
                beats.append(now)
                if dut.y_tlast.value == 1:
                    final.append(now)

    cocotb.start_soon(watch())
    for vector in rng.integers(-128, 128, (3, ROWS)):
        bench.send(vector)
    for _ in range(3):
        await bench.receive()
    parts = CONFIG.nmpu.lanes * 8 // CONFIG.stream.y_bits
    each = CONFIG.groups // CONFIG.blocks * parts
    beats = np.reshape(beats, (3 * CONFIG.blocks, each))
    # A group is issued the clock after the capture at the earliest.
    latency = beats[:, 0] - captured - 1
    issue = beats[:, -1] - beats[:, 0] + 1
    assert set(latency) == {Nmpu.latency_of(CONFIG)}
    assert set(issue) == {each}
    if parts == 1 and CONFIG.blocks == 1:
        all_results = np.array(final) - captured
        Path(os.environ["METRICS"], "latency.json").write_text(json.dumps({
            "issue_clocks": int(issue.max()), "pipeline_depth": Nmpu.latency_of(CONFIG),
            "latency_clocks": int(all_results.max())}))
    await bench.stopped()


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def bank_swaps_between_results(dut):
    """Under traffic every result uses the old coefficients or the new ones, never both."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench, array = await bench_with_array(dut, rng)
    settings = Settings(reads=2, shift=18, input_bits=4)
    banks = [Coefficients.random(CONFIG, rng) for _ in range(2)]
    await bench.load(banks[0])
    await bench.swap()
    await bench.configure(settings)
    await bench.load(banks[1])

    vectors = 2 * 24
    x = rng.integers(-8, 8, (vectors, ROWS))
    by_bank = [run_tile(x, array.read, bank, settings, CONFIG).results for bank in banks]
    for vector in x:
        bench.send(vector)
    results = [await bench.receive() for _ in range(4)]
    await bench.set("CONTROL", run=True, swap=True)
    refused = 0
    while (await bench.get("CONTROL"))["swap"]:
        try:
            await bench.write(coefficient_address(0, "scale_p"), 0)
        except Refused:
            refused += 1
    results += [await bench.receive() for _ in range(len(by_bank[0]) - 4)]
    old = [np.array_equal(r, e) for r, e in zip(results, by_bank[0], strict=True)]
    new = [np.array_equal(r, e) for r, e in zip(results, by_bank[1], strict=True)]
    change = old.index(False)
    assert change >= 4 and all(old[:change]) and all(new[change:]) and not any(old[change:])
    assert refused > 0, "the bank was never closed to the bus while the exchange was pending"
    await bench.stopped()


@cocotb.test(timeout_time=10, timeout_unit="ms")
async def coefficients_read_back(dut):
    """Written one at a time in random order, each is found where it was put, in both banks."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench, _ = await bench_with_array(dut, rng)
    columns = sorted({0, 1, CONFIG.nmpu.lanes - 1, CONFIG.nmpu.lanes % COLUMNS, COLUMNS - 1})
    places = list(itertools.product(columns, COEFFICIENTS))
    banks = [Coefficients.random(CONFIG, rng) for _ in range(2)]
    for bank in banks:
        for k in rng.permutation(len(places)):
            column, name = places[k]
            await bench.write(coefficient_address(column, name),
                              bench.coefficient(bank, name, column))
        await bench.swap(run=False)
    for bank in banks:
        for column, name in places:
            word = await bench.read(coefficient_address(column, name))
            assert word == bench.coefficient(bank, name, column) & 0xFFFFFFFF, (column, name)
        await bench.swap(run=False)
    for address in (coefficient_address(COLUMNS, "scale_p"),
                    coefficient_address(0, "norm_bias") + 4,
                    coefficient_address(0, "scale_p") + 2):
        if address < 1 << 16:
            for access in (bench.read(address), bench.write(address, 0)):
                try:
                    await access
                except Refused:
                    continue
                raise AssertionError(f"an access to {address:#x} was not refused")
    before = await bench.read(coefficient_address(0, "scale_p"))
    try:
        await bench.write(coefficient_address(0, "scale_p"), CONFIG.nmpu.scale.max + 1)
    except Refused:
        assert await bench.read(coefficient_address(0, "scale_p")) == before
    else:
        raise AssertionError("a scale that does not fit was not refused")


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def misuse_is_remembered(dut):
    """Clipped inputs, surplus beats and full counters set their flag, and only that one."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench = TileBench(dut, CONFIG)
    counts = np.zeros((2, COLUMNS), np.int64)
    bench.counts_of = lambda window: counts
    await bench.start()
    await bench.set("IRQ_ENABLE", input_clipped=True, count_full=True)
    await bench.configure(Settings(input_bits=4))
    await bench.set("CONTROL", run=True)
    sticky = ("input_clipped", "long_vector", "count_full")

    async def flags_after(vector):
        bench.send(vector)
        await bench.receive()
        await bench.stopped()
        status = await bench.get("STATUS")
        await bench.set("STATUS", **dict.fromkeys(sticky, True))
        cleared = await bench.get("STATUS")
        assert not any(cleared[name] for name in sticky)
        return {name for name in sticky if status[name]}

    assert await flags_after(np.full(ROWS, 7)) == set()
    assert await flags_after(np.full(ROWS, -7)) == set()
    assert dut.irq.value == 0
    one = np.zeros(ROWS, np.int64)
    one[rng.integers(ROWS)] = 8
    bench.send(one)
    await bench.receive()
    assert dut.irq.value == 1
    assert await flags_after(one) == {"input_clipped"}
    assert dut.irq.value == 0

    beat = CONFIG.stream.x_bits // 8
    long = np.concatenate([np.arange(ROWS) % 8, np.full(beat, 5)])
    assert await flags_after(long) == {"long_vector"}
    np.testing.assert_array_equal(bench.windows[-1].lengths, np.arange(ROWS) % 8)
    assert await flags_after(np.full(beat, 3)) == set()
    short = np.where(np.arange(ROWS) < beat, 3, 0)
    np.testing.assert_array_equal(bench.windows[-1].lengths, short)

    counts[1, rng.integers(COLUMNS)] = (1 << CONFIG.readout.counter_bits) - 1
    assert await flags_after(np.zeros(ROWS)) == {"count_full"}
    counts[:] = (1 << CONFIG.readout.counter_bits) - 2
    assert await flags_after(np.zeros(ROWS)) == set()


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def waits_without_loss(dut):
    """A slow converter, a stopped sink and a stopped controller hold vectors and lose none."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench, array = await bench_with_array(dut, rng)
    settings = Settings(input_bits=4, shift=18)
    coefficients = Coefficients.random(CONFIG, rng)
    await bench.load(coefficients)
    await bench.swap()
    await bench.configure(settings)
    x = rng.integers(-8, 8, (8, ROWS))
    expected = run_tile(x, array.read, coefficients, settings, CONFIG).results

    bench.sink.pause = True
    bench.answer.clear()
    for vector in x:
        bench.send(vector)
    await bench.clocks(200)
    assert len(bench.windows) == CONFIG.readout.counter_banks, "a window without a free bank"
    bench.answer.set()
    await bench.clocks(600)
    held = len(bench.windows)
    await bench.clocks(200)
    every = len(x) * CONFIG.blocks
    assert len(bench.windows) == held < every, "reads went on though results were not taken"
    await bench.set("CONTROL", run=False)
    bench.sink.pause = False
    await bench.clocks(1000)
    assert len(bench.windows) < every, "reads went on though the tile was stopped"
    await bench.set("CONTROL", run=True)
    np.testing.assert_array_equal([await bench.receive() for _ in x], expected)
    await bench.stopped()
    assert (await bench.get("READS"))["count"] == every
    assert (await bench.get("RESULTS"))["count"] == len(x)
