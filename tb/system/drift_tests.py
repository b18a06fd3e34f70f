"""Corrections and refusals of the drift engine, through the tile."""

from dataclasses import replace

import cocotb
import numpy as np

from golden.drift.divide import Refusal
from golden.drift.engine import METHODS
from golden.nmpu import Coefficients
from golden.settings import Settings
from golden.tile import run_tile
from tb.system.drift_bench import COLUMNS, CONFIG, ROWS, started, vectors_agree

SETTINGS = Settings(input_bits=6, shift=18)


async def measured(bench, method, which, *, mode=None):
    """Measure what an estimate needs: two constants for a line, stored vectors otherwise."""
    if method == "fit":
        for slot, value in enumerate((3, -3)):
            await bench.calibrate("constant", which, slot, absolute=False, value=value)
    else:
        await bench.calibrate("stored", which, repeats=7)


@cocotb.test(timeout_time=50, timeout_unit="ms")
@cocotb.parametrize(method=METHODS)
async def corrects_at_every_age(dut, method):
    """A reference, then four ages: coefficients, exponent and results as golden says."""
    bench, rng = await started(dut, SETTINGS)
    exponents = set()
    await measured(bench, method, "reference")
    for age in (0.8, 0.5, 0.45, 0.9):
        bench.array.age = age
        await measured(bench, method, "now")
        corrected, refusal = await bench.update(method)
        assert refusal is Refusal.NONE, refusal
        estimate, _ = bench.engine.estimate(method)
        assert (len(set(estimate.gains.tolist())) > 1) == (method != "tile")
        assert estimate.betas.any() == (method == "fit"), "offsets are not exercised"
        await vectors_agree(bench, corrected, rng)
        status = await bench.get("DRIFT_STATUS")
        bank = (await bench.get("STATUS"))["bank"]
        assert status["exponents"] >> bank & 1 == corrected.exponent
        if method == "tile":
            assert status["gain"] == estimate.gains[0]
        exponents.add(corrected.exponent)
        await bench.swap()
        assert await bench.idle_bank() == bench.words(corrected)
        await bench.swap()
    assert exponents == {0, 1}, "an exponent was never needed, or always"
    await bench.stopped()


@cocotb.test(timeout_time=20, timeout_unit="ms")
@cocotb.parametrize(read_mode=CONFIG.drive.read_modes)
async def every_read_mode(dut, read_mode):
    """A measurement is read like the vectors; sums of different modes are not compared."""
    bench, rng = await started(dut, replace(SETTINGS, read_mode=read_mode))
    await bench.calibrate("one_hot", "reference", value=31, repeats=ROWS + 3)
    bench.array.age = 0.7
    await bench.calibrate("one_hot", "now", value=31, repeats=ROWS + 3)
    corrected, refusal = await bench.update("tile")
    assert refusal is Refusal.NONE
    await vectors_agree(bench, corrected, rng)
    bench.settings = replace(SETTINGS, read_mode="split" if read_mode == "one_phase" else
                             "one_phase")
    await bench.configure(bench.settings)
    await bench.calibrate("one_hot", "now", value=31, repeats=ROWS + 3)
    assert (await bench.update("tile"))[1] is Refusal.NO_REFERENCE
    await vectors_agree(bench, corrected, rng)
    await bench.stopped()


def base_of_refusals(rng):
    """No offsets, so that counts of 0 are sums of 0; the largest scale in one column."""
    one = 1 << CONFIG.nmpu.scale.frac_bits
    scale = rng.integers(int(0.8 * one), int(1.2 * one), (2, COLUMNS))
    scale[0, COLUMNS // 2] = CONFIG.nmpu.scale.max
    return Coefficients(scale=scale, offset=np.zeros((2, COLUMNS), np.int64),
                        norm_scale=rng.integers(20, 100, COLUMNS),
                        norm_bias=rng.integers(-500, 500, COLUMNS)).validate(CONFIG)


@cocotb.test(timeout_time=50, timeout_unit="ms")
async def refusals_leave_everything_as_it_was(dut):
    """Each refusal by what causes it: results, both banks, status, counts and interrupt."""
    bench, rng = await started(dut, SETTINGS, base_of_refusals(np.random.default_rng(5)))
    active = bench.base
    await bench.set("IRQ_ENABLE", drift_refused=True)

    async def refused(method, wanted):
        before = await bench.idle_bank(), (await bench.get("STATUS"))["bank"]
        await bench.set("STATUS", drift_refused=True, drift_updated=True)
        assert dut.irq.value == 0
        assert (await bench.update(method))[1] is wanted
        status = await bench.get("STATUS")
        assert status["drift_refused"] and not status["drift_updated"] and dut.irq.value == 1
        assert (await bench.idle_bank(), status["bank"]) == before
        await vectors_agree(bench, active, rng, count=2)

    await refused("tile", Refusal.NO_REFERENCE)
    await measured(bench, "tile", "reference")
    await refused("tile", Refusal.NO_REFERENCE)
    await measured(bench, "tile", "now")
    active, refusal = await bench.update("tile")
    assert refusal is Refusal.NONE and (await bench.get("STATUS"))["drift_updated"]
    await refused("fit", Refusal.NO_REFERENCE)
    await bench.calibrate("stored", "now", repeats=6)
    await refused("tile", Refusal.NO_REFERENCE)
    await bench.calibrate("stored", "now", repeats=7, absolute=False)
    await refused("tile", Refusal.NO_REFERENCE)

    top = (1 << CONFIG.readout.counter_bits) - 1

    def one_full(counts):
        counts = counts.copy()
        counts[-1, 1, COLUMNS - 1] = top
        return counts

    for wanted, age, distort, minimum in (
            (Refusal.ZERO, 1.0, lambda counts: counts * 0, 0),
            (Refusal.TINY, 0.5, None, 1),
            (Refusal.SATURATED, 1.0, one_full, 0),
            (Refusal.RANGE, 0.05, lambda counts: counts // 16, 0),
            (Refusal.COEFFICIENT, 0.3, None, 0)):
        bench.array.age, bench.array.distort = age, distort
        await measured(bench, "tile", "now")
        bench.array.distort = None
        if minimum:
            sums = [bench.engine._kept[which, 0].sums for which in ("reference", "now")]
            await bench.minimum(int(sums[0].max()))
        await refused("tile", wanted)
        await bench.minimum(0)
    bench.array.age = 1.0
    for which, distort in (("reference", None), ("now", lambda counts: counts[:, ::-1])):
        bench.array.distort = distort
        await measured(bench, "fit", which)
    bench.array.distort = None
    await refused("fit", Refusal.NEGATIVE)
    await bench.stopped()


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def corrections_never_compound(dut):
    """Many updates from the same sums, with every method in between, give the same."""
    bench, rng = await started(dut, SETTINGS)
    await measured(bench, "tile", "reference")
    bench.array.age = 0.6
    await measured(bench, "tile", "now")
    found = []
    for method in ("tile", "column", "tile", "tile", "column", "tile", "tile"):
        corrected, refusal = await bench.update(method)
        assert refusal is Refusal.NONE
        await vectors_agree(bench, corrected, rng, count=2)
        await bench.swap()
        if method == "tile":
            found.append(await bench.idle_bank())
        await bench.swap()
    assert found == [bench.words(corrected)] * 5
    await bench.stopped()


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def gain_is_before_the_clipping(dut):
    """Results of 4 bits that clip: a gain behind the requantisation would give others."""
    bench, rng = await started(dut, SETTINGS)
    await measured(bench, "tile", "reference")
    bench.array.age = 0.45
    await measured(bench, "tile", "now")
    corrected, refusal = await bench.update("tile")
    assert refusal is Refusal.NONE
    gain = bench.engine.estimate("tile")[0].gains[0] * 2.0**-CONFIG.drift.gain.frac_bits
    x = rng.integers(-31, 32, (40, ROWS))

    def golden(coefficients):
        return run_tile(x, bench.array.of_read, coefficients, bench.settings, CONFIG).results

    for shift in range(14, 24):  # until some results clip and some do not
        bench.settings = replace(SETTINGS, output_bits=4, shift=shift)
        before, after = golden(corrected), np.clip(np.rint(gain * golden(bench.base)), -8, 7)
        if (before != after).mean() > 0.1:
            break
    clipped = (before == 7) | (before == -8)
    assert (before != after).mean() > 0.1 and clipped.any() and not clipped.all()
    await bench.configure(bench.settings)
    for vector in x:
        bench.send(vector)
    results = np.array([await bench.receive() for _ in x])
    np.testing.assert_array_equal(results, before)
    assert (results != after).any()
    await bench.stopped()
