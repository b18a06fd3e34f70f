"""The drift engine beside a stream of vectors: nothing is disturbed, and nothing stands still.

Reads TILE (configuration) and METRICS (folder for the outcome).
"""

import json
import os
from dataclasses import replace
from pathlib import Path

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge

from golden.drift.divide import Refusal
from golden.registers import coefficient_address
from golden.settings import Settings
from golden.tile import run_tile
from tb.system.drift_bench import CONFIG, ROWS, started, vectors_agree
from tb.tile_bench import Refused

SETTINGS = Settings(input_bits=6, shift=18)
VALUE = 3
"""Of constant calibration vectors; no data vector is constant."""


def is_calibration(window):
    return len(set(window.lengths.tolist())) == 1


async def reads_reach(bench, count):
    while bench.dut.reads.value.to_unsigned() < count:
        await RisingEdge(bench.dut.clk)


@cocotb.test(timeout_time=20, timeout_unit="ms")
@cocotb.parametrize(moment=["waiting", "first", "middle", "last", "nothing"])
async def aborts(dut, moment):
    """The measurement ends with its vector; its sums are invalid, and the next one is right."""
    bench, rng = await started(dut, replace(SETTINGS, reads=2))
    repeats = 8  # of all measurements: the sums of an aborted one are of the same kind
    await bench.calibrate("stored", "reference", repeats=repeats)
    bench.array.age = 0.8
    await bench.calibrate("stored", "now", repeats=repeats)
    x = rng.integers(-31, 32, (2, ROWS))
    expected = run_tile(x, bench.array.of_read, bench.base, bench.settings, CONFIG).results[0]
    first = len(bench.windows)
    await bench.set("STATUS", calibrated=True)
    if moment == "waiting":
        bench.send(x[0])
        await reads_reach(bench, first + 1)
    if moment == "nothing":
        await bench.command(abort=True)
    else:
        await bench.begin_measurement("stored", "now", repeats=repeats)
        await reads_reach(bench, first + {"middle": 2, "last": 7}.get(moment, 0))
        await bench.abort("now")
    count = {"waiting": 1, "nothing": 0, "last": repeats}.get(moment)
    done = len(bench.windows) - first
    assert done == count if count is not None else done < repeats, done
    status = await bench.get("STATUS")
    assert status["calibrated"] == (moment != "nothing")
    wanted = Refusal.NONE if moment == "nothing" else Refusal.NO_REFERENCE
    corrected, refusal = await bench.update("tile")
    assert refusal is wanted
    for vector in x[1:] if moment == "waiting" else x:
        bench.send(vector)
    if moment == "nothing":
        expected = run_tile(x, bench.array.of_read, corrected, bench.settings, CONFIG).results[0]
    np.testing.assert_array_equal(await bench.receive(), expected)
    await bench.calibrate("stored", "now", repeats=repeats)
    corrected, refusal = await bench.update("tile")
    assert refusal is Refusal.NONE
    await vectors_agree(bench, corrected, rng)
    await bench.stopped()


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def measures_between_two_results(dut):
    """Under traffic: results bit for bit, the calibration vectors in one piece between two."""
    settings = replace(SETTINGS, reads=3)
    bench, rng = await started(dut, settings)
    x = rng.integers(-31, 32, (24, ROWS))
    expected = run_tile(x, bench.array.of_read, bench.base, settings, CONFIG).results
    for vector in x:
        bench.send(vector)
    await reads_reach(bench, 4)
    await bench.begin_measurement("constant", "reference", repeats=5, value=VALUE)
    bench.golden_measures("constant", "reference", repeats=5, value=VALUE)
    await bench.ended("measure")
    assert len(bench.windows) < len(x), "no traffic was left"
    np.testing.assert_array_equal([await bench.receive() for _ in expected], expected)
    found = [k for k, window in enumerate(bench.windows) if is_calibration(window)]
    assert found == list(range(found[0], found[0] + 5 * CONFIG.blocks))
    assert 3 < found[0] < len(x) and found[0] % settings.reads == 0
    bench.array.age = 0.6
    await bench.calibrate("constant", "now", repeats=5, value=VALUE)
    corrected, refusal = await bench.update("column")
    assert refusal is Refusal.NONE
    await vectors_agree(bench, corrected, rng)
    await bench.stopped()


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def waits_for_a_pending_exchange(dut):
    """A second update leaves the idle bank alone while reads may still need the first exchange."""
    bench, rng = await started(dut, replace(SETTINGS, reads=2))
    await bench.calibrate("stored", "reference")
    bench.array.age = 0.7
    await bench.calibrate("stored", "now")
    x = rng.integers(-31, 32, (2, ROWS))
    expected = run_tile(x, bench.array.of_read, bench.base, bench.settings, CONFIG).results[0]
    bench.send(x[0])
    await reads_reach(bench, len(bench.windows) + 1)
    assert (await bench.update("tile"))[1] is Refusal.NONE
    assert (await bench.get("CONTROL"))["swap"], "the result that lacks a read holds it up"
    await bench.command(method="column", update=True)
    await bench.clocks(120 * CONFIG.array.columns)
    assert (await bench.get("DRIFT"))["update"]
    assert (await bench.get("DRIFT_COUNTS"))["updates"] == 1
    bench.send(x[1])
    np.testing.assert_array_equal(await bench.receive(), expected)
    await bench.ended("update")
    corrected, refusal = bench.engine.update("column")
    assert refusal is Refusal.NONE
    await vectors_agree(bench, corrected, rng)
    await bench.stopped()


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def follows_by_itself(dut):
    """Every few results the engine measures and corrects; the gain follows the array."""
    every = 6
    bench, rng = await started(dut, SETTINGS)
    await bench.calibrate("constant", "reference", value=VALUE)
    await bench.set("CALIBRATION", kind=0, now=True, absolute=True, value=VALUE, repeats=4)
    await bench.set("DRIFT_EVERY", results=every)
    base, begun = bench.base, 0
    for step, age in enumerate((0.9, 0.7, 0.5)):
        bench.array.age = age
        first = len(bench.windows)
        bench.golden_measures("constant", "now", value=VALUE)
        corrected, refusal = bench.engine.update("tile")
        assert refusal is Refusal.NONE
        x = rng.integers(-31, 32, (every, ROWS))
        wanted = run_tile(x, bench.array.of_read, base, bench.settings, CONFIG).results
        for vector in x:
            bench.send(vector)
        np.testing.assert_array_equal([await bench.receive() for _ in wanted], wanted)
        for _ in range(200):
            if (await bench.get("DRIFT_COUNTS"))["updates"] > step:
                break
        else:
            raise AssertionError("the engine does not run by itself")
        while (await bench.get("CONTROL"))["swap"]:
            pass
        begun = [k for k, w in enumerate(bench.windows[first:]) if is_calibration(w)]
        assert begun == list(range(every, every + 4 * CONFIG.blocks)), "not after `every` results"
        gain = bench.engine.estimate("tile")[0].gains[0]
        assert (await bench.get("DRIFT_STATUS"))["gain"] == gain
        assert abs(gain / (1 << CONFIG.drift.gain.frac_bits) - 1 / age) < 0.25
        base = corrected
    await bench.set("DRIFT_EVERY", results=0)
    for _ in range(2):
        await vectors_agree(bench, corrected, rng, count=every)
    assert await bench.get("DRIFT_COUNTS") == {"updates": 3, "refusals": 0}
    await bench.stopped()


@cocotb.test(timeout_time=20, timeout_unit="ms", skip=CONFIG.readout.counter_banks == 1)
async def stream_keeps_its_rate(dut):
    """Estimate and rewrite beside traffic: the gates stay open, the host is kept out."""
    bench, rng = await started(dut, SETTINGS)
    await bench.calibrate("stored", "reference")
    bench.array.age = 0.45
    await bench.calibrate("stored", "now")
    corrected, refusal = bench.engine.update("column")
    assert refusal is Refusal.NONE
    x = rng.integers(-31, 32, (140, ROWS))
    results = [run_tile(x, bench.array.of_read, coefficients, bench.settings, CONFIG).results
               for coefficients in (bench.base, corrected)]
    for vector in x:
        bench.send(vector)
    await reads_reach(bench, dut.reads.value.to_unsigned() + 3)
    shut = 0

    async def watch():
        nonlocal shut
        while True:
            await RisingEdge(dut.clk)
            shut += dut.integrate.value == 0

    watcher = cocotb.start_soon(watch())
    await bench.command(method="column", update=True)
    refused, address = {"coefficient": 0, "swap": 0}, coefficient_address(0, "scale_p")
    while (await bench.get("DRIFT"))["update"]:
        try:
            await bench.write(address, bench.coefficient(bench.base, "scale_p", 0))
        except Refused:
            refused["coefficient"] += 1
            if refused["coefficient"] == 1:
                try:
                    await bench.set("CONTROL", run=True, swap=True)
                except Refused:
                    refused["swap"] += 1
    watcher.cancel()
    assert min(refused.values()) > 0, refused
    assert shut == 0, f"the gates were shut in {shut} clocks"
    got = [await bench.receive() for _ in x]
    old, new = ([np.array_equal(a, b) for a, b in zip(got, wanted, strict=True)]
                for wanted in results)
    change = old.index(False)
    assert 3 < change < len(x) - 1, change
    assert all(old[:change]) and all(new[change:]) and not any(old[change:])
    await bench.stopped()


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def array_time_of_an_update(dut):
    """A gain of the tile from 15 constant vectors of 8 bits."""
    bench, rng = await started(dut, Settings(shift=18))
    await bench.calibrate("constant", "reference", repeats=15, value=VALUE)
    bench.array.age = 0.7
    before = dut.integrated.value.to_unsigned()
    await bench.calibrate("constant", "now", repeats=15, value=VALUE)
    corrected, refusal = await bench.update("tile")
    clocks = dut.integrated.value.to_unsigned() - before
    assert refusal is Refusal.NONE
    await vectors_agree(bench, corrected, rng)
    assert clocks == 15 * 128 * CONFIG.blocks
    Path(os.environ["METRICS"], "drift.json").write_text(
        json.dumps({"calibration_clocks": clocks}))
    await bench.stopped()
