"""Cocotb tests of programming through a whole tile; TILE holds the configuration."""

import cocotb
import numpy as np
from cocotb.simtime import get_sim_time
from cocotb.triggers import RisingEdge, with_timeout

from golden.array.verify import VerifySettings
from golden.descriptors import Descriptor
from golden.faults import FAULTS
from golden.host.program import unlock_writes
from golden.nmpu import Coefficients
from golden.program.settings import ProgramSettings
from golden.refusals import Refusal
from golden.registers.program import PROGRAM_KEY
from golden.settings import Settings
from golden.tile import run_tile
from tb.system.program_bench import (
    BEAT_ROWS,
    COLUMNS,
    CONFIG,
    LANES,
    ROWS,
    ProgramBench,
    clear_status,
    product,
)

SHORT = ProgramSettings(loop=VerifySettings(max_rounds=9), windows=2, precharge=5,
                        reset_clocks=6, set_clocks=9, set_trailing=4, pulse_clocks=7)
LONG = ProgramSettings(loop=VerifySettings(), windows=1, precharge=5, reset_clocks=400,
                       set_clocks=400, set_trailing=20, pulse_clocks=400)


async def started(dut, settings=SHORT):
    bench = ProgramBench(dut, np.random.default_rng(cocotb.RANDOM_SEED), settings)
    await bench.start()
    return bench


async def recover(tile):
    await tile.set("CONTROL", recover=1)
    while (await tile.get("CONTROL"))["recover"]:
        pass
    await tile.clocks(10)
    status = await tile.get("STATUS")
    assert not status["safe"] and not status["running"] and not status["busy"]
    await clear_status(tile)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def jobs_match_golden(dut):
    """Ranges of rows and columns: every pulse, the array, the registers and the clocks."""
    bench = await started(dut)
    converged = failed = 0
    last = COLUMNS - LANES
    for place in ({"rows": ROWS}, {"rows": 2, "first_row": ROWS - BEAT_ROWS},
                  {"rows": 1, "first_row": BEAT_ROWS, "first_column": LANES},
                  {"rows": 2, "first_column": last, "columns": LANES},
                  {"rows": 1, "columns": LANES}):
        job, targets = bench.job(**place)
        rows = await bench.run(job, targets)
        assert bench.ended - bench.source.first_taken == bench.tile_clocks(rows, job)
        converged += sum(row.converged.sum() for row in rows)
        failed += sum((~row.converged).sum() for row in rows)
    assert converged and failed, "verdicts of one kind never came"
    await bench.tile.stopped()


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def published_pulses_converge(dut):
    """With the settings that reset leaves: nearly all cells reach their targets."""
    bench = await started(dut, ProgramSettings.of(CONFIG))
    job, targets = bench.job(rows=2)
    rows = await bench.run(job, targets)
    assert bench.ended - bench.source.first_taken == bench.tile_clocks(rows, job)
    assert np.mean([row.converged for row in rows]) > 0.9


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def programs_then_multiplies(dut):
    """One chain: what is programmed is multiplied with."""
    bench = await started(dut)
    tile = bench.tile
    coefficients, settings = Coefficients.random(CONFIG, bench.rng), Settings(shift=12)
    await tile.load(coefficients)
    await tile.swap(run=False)
    job, targets = bench.job(rows=ROWS)
    x = bench.rng.integers(-127, 128, (3, ROWS))
    rows, twin = bench.golden(job, targets)
    bench.heads.forget()
    await tile.set("IRQ_ENABLE", chain_done=1)
    await tile.start_chain([job, Descriptor(settings=settings, repeat=len(x))])
    await bench.feed(targets)
    for vector in x:
        tile.send(vector)
    found = [await tile.receive() for _ in x]
    wanted = run_tile(x, lambda read: product(twin, read.lengths), coefficients, settings, CONFIG)
    np.testing.assert_array_equal(found, wanted.results)
    assert wanted.results.any(axis=1).all(), "results of nothing"
    await bench.ends()

    await tile.stopped()


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def nothing_without_the_key(dut):
    """A locked tile refuses the chain that would program it, and runs others."""
    bench = await started(dut)
    tile = bench.tile
    await tile.set("PROGRAM_KEY", key=PROGRAM_KEY + 1)
    job, targets = bench.job(rows=1)
    await tile.start_chain([job])
    await tile.clocks(30)
    status = await tile.get("STATUS")
    assert status["chain_refused"] and not status["running"]
    assert (await tile.get("CHAIN_STATUS"))["refusal"] == Refusal.LOCKED
    assert not bench.heads.log and not tile.windows
    await clear_status(tile)
    await bench.write(unlock_writes())
    await bench.run(job, targets)


async def until_fires(bench, job, targets):
    """Start a job and wait for the middle of a pulse; golden's array is left behind."""
    bench.heads.forget()
    feed = bench.feed(targets)
    await bench.tile.start_chain([job])
    await with_timeout(feed, 100, "us")
    while not bench.heads.firing:
        await RisingEdge(bench.dut.clk)


async def stands_still(bench, fault):
    """Nothing moves in the safe state, and FAULT says why."""
    tile, dut = bench.tile, bench.dut
    if not int(dut.irq.value):
        await with_timeout(RisingEdge(dut.irq), 100, "us")
    status = await tile.get("STATUS")
    assert status["safe"] and status["fault"] and not status["running"]
    assert (await tile.get("FAULT"))["code"] == FAULTS.index(fault)
    pulses, windows = len(bench.heads.log), len(tile.windows)
    await tile.clocks(1000)
    assert (len(bench.heads.log), len(tile.windows)) == (pulses, windows)
    assert dut.gate.value == 0 and dut.program_fire.value == 0


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def locking_stops_a_pulse(dut):
    """The key is taken away while heads fire: a fault; after recovery the row is done anew."""
    bench = await started(dut, LONG)
    tile = bench.tile
    job, targets = bench.job(rows=1)
    await until_fires(bench, job, targets)
    await tile.set("PROGRAM_KEY", key=0)
    assert not bench.heads.firing
    await stands_still(bench, "pulse_limit")
    assert bench.heads.log[-1][1] < LONG.reset_clocks, "the pulse was not cut"
    await recover(tile)
    assert (await tile.get("FAULT"))["code"] == 0
    await bench.write(unlock_writes())
    await bench.run(job, targets)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def heads_that_hang_are_a_fault(dut):
    """Heads that do not get ready: the watchdog ends it, and does not if they are late."""
    bench = await started(dut)
    tile, heads = bench.tile, bench.heads
    await tile.set("WATCHDOG", clocks=300)
    job, targets = bench.job(rows=1)
    heads.ready(False)
    feed = bench.feed(targets)
    rows, twin = bench.golden(job, targets)
    heads.forget()
    await tile.start_chain([job])
    await tile.clocks(250)
    heads.ready(True)
    await bench.ends()
    await feed
    await bench.compare(rows, twin)

    heads.ready(False)
    feed = bench.feed(targets)
    heads.forget()
    await tile.start_chain([job])
    await stands_still(bench, "pulse")
    assert not heads.log
    heads.ready(True)
    await feed
    await recover(tile)
    await bench.run(job, targets)


@cocotb.test(timeout_time=50, timeout_unit="ms")
async def aborts_anywhere(dut):
    """CONTROL.recover at any clock of a job: nothing fires from the next clock on."""
    bench = await started(dut, LONG)
    tile, heads = bench.tile, bench.heads
    cut = 0
    for _ in range(8):
        job, targets = bench.job(rows=1)
        await until_fires(bench, job, targets)
        await tile.clocks(int(bench.rng.integers(1, 6000)))
        recovering = cocotb.start_soon(recover(tile))
        await RisingEdge(dut.flush)
        flushed, fired = int(get_sim_time("ns")), heads.firing
        await recovering
        pulses = len(heads.log)
        if fired:
            cut += 1
            assert heads.quiet_since == flushed + 1
        await tile.clocks(1000)
        assert len(heads.log) == pulses and not heads.firing
    assert cut, "no pulse was cut"
    await bench.run(job, targets)
    await tile.stopped()
