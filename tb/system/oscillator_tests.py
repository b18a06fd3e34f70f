"""Cocotb tests of the oscillator front end; what they need to know is in the environment."""

import json
import os
import time
from pathlib import Path

import cocotb
import numpy as np

from golden.config import TileConfig
from golden.convert.oscillator import OscillatorBank
from tb.oscillator_bench import OscillatorBench, Window

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
COUNTERS = CONFIG.counters
BANKS = CONFIG.readout.counter_banks
SETTLE = CONFIG.readout.settle_clocks
RIPPLE_PS = int(os.environ["RIPPLE_PS"])
"""Longest time that a counter moves after its gate closed."""
CONVERSIONS = int(os.environ["CONVERSIONS"])
PHASE_BINS = 16


async def started(dut, rng, *, ideal=False):
    bits = CONFIG.readout.counter_bits
    return await started_with(dut, rng, OscillatorBank.ideal(COUNTERS, bits) if ideal else
                              OscillatorBank.sample(COUNTERS, bits, rng))


async def started_with(dut, rng, bank):
    bench = OscillatorBench(dut, CONFIG, bank)
    await bench.start(rng.integers(0, 1 << 16, (2, COUNTERS)))
    return bench


@cocotb.test(timeout_time=20, timeout_unit="us")
@cocotb.parametrize(longest_idle=[0, 9], longest_stall=[0, 300])
async def counts_whole_periods(dut, longest_idle, longest_stall):
    """Windows as fast as the banks allow and with pauses; the currents never stop."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench = await started(dut, rng)
    longest = min(bench.top // 3, 128)  # some counters get full, most do not
    windows = [Window.steady(bench.random_currents(rng), int(rng.integers(2, longest + 1)),
                             idle=int(rng.integers(0, longest_idle + 1))) for _ in range(12)]
    conversions = await bench.convert(
        windows, stalls=iter(rng.integers(0, longest_stall + 1, len(windows)).tolist()))
    bench.check(conversions, ripple_ps=RIPPLE_PS)
    assert len({c.counts.tobytes() for c in conversions}) > 6


@cocotb.test(timeout_time=20, timeout_unit="us")
async def timeline(dut):
    """A count is offered the settle time after its gate closed, and its bank opens two later."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench = await started(dut, rng)
    current = np.full((2, COUNTERS), 70_000)
    began = cocotb.simtime.get_sim_time("ns")
    conversions = await bench.convert([Window.steady(current, 40)] * 6)
    took = cocotb.simtime.get_sim_time("ns") - began
    bench.check(conversions, ripple_ps=RIPPLE_PS)
    assert set(bench.closed_for) == {SETTLE - 1}
    # Two banks hide the settling of one behind the window of the other.
    assert took == 6 * 40 + (SETTLE if BANKS == 2 else 6 * SETTLE + 5) + 2


@cocotb.test(timeout_time=20, timeout_unit="us")
async def every_start_phase(dut):
    """64 phases, the same currents: the fraction that was there at the opening decides."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench = await started(dut, rng)
    current = bench.random_currents(rng)
    seen = []
    for step in range(64):
        bench.drive(current)
        await bench.restart((step << 10) + np.arange(2 * COUNTERS).reshape(2, COUNTERS) * 977
                            & 0xFFFF)
        seen += await bench.convert([Window.steady(current, 8)])
    bench.check(seen, ripple_ps=RIPPLE_PS)
    counts, periods = np.array([c.counts for c in seen]), seen[0].periods
    for pair in np.ndindex(2, COUNTERS):
        fraction = periods[pair] % 1
        if 0.05 < fraction < 0.95 and periods[pair] < bench.top:
            assert set(counts[:, *pair]) == {int(periods[pair]), int(periods[pair]) + 1}


@cocotb.test(timeout_time=20, timeout_unit="us")
async def currents_change_within(dut):
    """What is counted is the sum over the parts of the window, none of it whole periods."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench = await started(dut, rng)
    windows = [Window([(bench.random_currents(rng), int(rng.integers(1, 9))) for _ in range(10)])
               for _ in range(8)]
    bench.check(await bench.convert(windows), ripple_ps=RIPPLE_PS)


@cocotb.test(timeout_time=20, timeout_unit="us")
async def full_counters_stay(dut):
    """Around full scale and far beyond: never beyond it, and never round to 0 again."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench = await started(dut, rng, ideal=True)
    clocks = int(bench.top / 3.3)
    near = (bench.top + np.linspace(-2.5, 2.5, 2 * COUNTERS)) / (35e-6 * clocks)
    near = np.rint(near).astype(np.int64).reshape(2, COUNTERS)
    fast, rest = np.full((2, COUNTERS), 100_000), np.zeros((2, COUNTERS), int)
    conversions = await bench.convert(
        [Window.steady(current, length) for current, length in (
            (near, clocks), (near[::-1], clocks), (fast, clocks), (fast, 11 * clocks // 5),
            (rest, 8), (fast, 2), (rest, 8))],
        stalls=iter([0, 50, 0, 3]))
    bench.check(conversions, ripple_ps=RIPPLE_PS)
    for conversion in conversions[:2]:
        assert {bench.top, bench.top - 1} <= set(conversion.counts.ravel())
    assert all((conversion.counts == bench.top).all() for conversion in conversions[2:4])


@cocotb.test(timeout_time=20, timeout_unit="us")
async def longest_carry(dut):
    """The last edge before the gate closes moves every bit of the counter."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench = await started(dut, rng, ideal=True)
    half = (bench.top + 1) // 2
    clocks = half // 2
    current = np.rint((half - 0.5) / clocks / bench.frequencies(
        np.ones((2, COUNTERS), int))).astype(np.int64)
    periods = bench.frequencies(current) * clocks
    for late in (0.02, 0.1, 0.3):  # of a period
        # The restart is one clock before the opening.
        phase = half + late - periods - bench.frequencies(current)
        bench.drive(current)
        await bench.restart(np.rint(phase % 1 * 65536).astype(np.int64) & 0xFFFF)
        conversions = await bench.convert([Window.steady(current, clocks)])
        bench.check(conversions, ripple_ps=RIPPLE_PS)
        assert (conversions[0].counts == half).all()


@cocotb.test(timeout_time=20, timeout_unit="us")
async def cleared_between(dut):
    """No count outlives its capture, and none a reset in mid-window."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench = await started(dut, rng)
    fast, rest = np.full((2, COUNTERS), 100_000), np.zeros((2, COUNTERS), int)
    conversions = await bench.convert(
        [Window.steady(current, 30) for current in (fast, fast, rest, rest, fast, rest)])
    bench.check(conversions, ripple_ps=RIPPLE_PS)
    assert not any(conversions[k].counts.any() for k in (2, 3, 5))
    bench.drive(fast)
    dut.gate.value = 1
    await bench.clocks(13)
    await bench.reset()
    conversions = await bench.convert([Window.steady(rest, 5)] * 2)
    bench.check(conversions, ripple_ps=RIPPLE_PS)
    assert not any(c.counts.any() for c in conversions)


@cocotb.test(timeout_time=20, timeout_unit="us")
async def stopped_oscillators(dut):
    """Without current nothing runs, nor below an offset; above it only the rest counts."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    ideal = OscillatorBank.ideal(COUNTERS, CONFIG.readout.counter_bits)
    bank = OscillatorBank(
        gain_mhz_per_ua=ideal.gain_mhz_per_ua, nonlinearity_per_ua=ideal.nonlinearity_per_ua,
        offset_mhz=np.full((2, COUNTERS), -700.0), counter_bits=CONFIG.readout.counter_bits)
    bench = await started_with(dut, rng, bank)
    currents = [0, 1, 19_000, 20_000, 20_001, 23_000]
    conversions = await bench.convert(
        [Window.steady(np.full((2, COUNTERS), current), 40) for current in currents])
    bench.check(conversions, ripple_ps=RIPPLE_PS)
    assert not any(c.counts.any() for c in conversions[:4])
    assert conversions[-1].counts.all()


@cocotb.test(timeout_time=2, timeout_unit="ms")
async def count_error(dut):
    """The wide measurement: windows of 128 clocks at every phase, with calibrated spreads."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    began = time.perf_counter()
    bench = await started(dut, rng)
    windows = -(-CONVERSIONS // (2 * COUNTERS))
    conversions = await bench.convert([
        Window.steady(bench.random_currents(rng), 128, idle=int(rng.integers(0, 3)))
        for _ in range(windows)])
    largest = bench.check(conversions, ripple_ps=RIPPLE_PS)
    running = np.concatenate([c.phases[c.periods > 0] for c in conversions])
    bins = np.bincount(running >> 12, minlength=PHASE_BINS)
    assert (bins > 0).all(), f"a start phase was never met: {bins.tolist()}"
    Path(os.environ["METRICS"], "count_error.json").write_text(json.dumps({
        "conversions": windows * 2 * COUNTERS, "largest_error": largest,
        "largest_count": int(max(c.counts.max() for c in conversions)),
        "phase_bins": bins.tolist(), "seconds": round(time.perf_counter() - began, 1)}))
