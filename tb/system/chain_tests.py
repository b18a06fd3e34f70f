"""Cocotb tests of chains of jobs in a whole tile; the configuration comes in the variable TILE."""

import cocotb
import numpy as np
import pytest
from cocotb.triggers import RisingEdge

from golden.descriptors import Descriptor
from golden.host.chain import descriptor_writes
from golden.registers import PROGRAM_KEY, REGISTERS, STICKY, pack
from golden.settings import Settings
from tb.system.chain_bench import COLUMNS, CONFIG, started
from tb.tile_bench import Refused


async def clear_status(tile):
    await tile.set("STATUS", **{f.name: 1 for f in STICKY})


@cocotb.test(timeout_time=50, timeout_unit="ms")
@cocotb.parametrize(longest_idle=[0, 5])
async def random_chains_match_golden(dut, longest_idle):
    """Every source and destination, resumed sums, pinned banks, loops; all streams at random."""
    bench = await started(dut)
    bench.pause(longest_idle)
    tile, jobs_done = bench.tile, 0
    for _ in range(12):
        length = int(bench.rng.integers(1, min(CONFIG.control.descriptors, 6) + 1))
        loops = int(bench.rng.integers(1, 4))
        jobs = bench.chain(length)
        run, streams = await bench.golden(jobs, loops=loops)
        await clear_status(tile)
        first = len(tile.windows)
        bench.send(run, streams)
        await tile.start_chain(jobs, loops=loops)
        await bench.compare(run, first)
        status = await tile.get("STATUS")
        jobs_done += run.jobs
        assert (await tile.get("JOBS"))["count"] == jobs_done
        wanted = {"chain_done": 1, "chain_refused": 0, "fault": 0, "long_vector": 0,
                  "stream_misaligned": 0, "job_done": int(any(job.interrupt for job in jobs)),
                  "sums_clipped": int(run.sums_clipped), "input_clipped": int(run.input_clipped)}
        assert {name: status[name] for name in wanted} == wanted


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def triggers(dut):
    """A rising edge starts the chain as the registers have it; one too many is remembered."""
    bench = await started(dut)
    tile = bench.tile
    jobs = [Descriptor(settings=Settings(shift=18))]
    run, streams = await bench.golden(jobs)
    await tile.start_chain(jobs)
    first = len(tile.windows)
    bench.send(run, streams)
    await bench.compare(run, first)
    await clear_status(tile)
    dut.trigger.value = 1
    await tile.clocks(20)
    status = await tile.get("STATUS")
    assert status["running"] and not status["trigger_lost"]
    dut.trigger.value = 0
    await tile.clocks(5)
    dut.trigger.value = 1
    await tile.clocks(5)
    assert (await tile.get("STATUS"))["trigger_lost"]
    run, streams = await bench.golden(jobs)
    first = len(tile.windows)
    bench.send(run, streams)
    await bench.compare(run, first)


@cocotb.test(timeout_time=20, timeout_unit="ms")
async def aborts_anywhere(dut):
    """A chain cut off at any clock: whole results before it are right, and the next chain too."""
    bench = await started(dut)
    bench.pause(20)
    tile, rng = bench.tile, bench.rng
    broken = 0
    for _ in range(25):
        jobs = bench.chain(int(rng.integers(1, 4)))
        run, streams = await bench.golden(jobs)
        bench.send(run, streams)
        await tile.start_chain(jobs)
        await tile.clocks(int(rng.integers(1, 900)))
        await tile.set("CONTROL", recover=1)
        while (await tile.get("CONTROL"))["recover"]:
            pass
        assert not (await tile.get("STATUS"))["running"]
        await tile.clocks(300)
        for port in bench.ports.values():
            port.give_up()
        for sink, whole in ((tile.sink, run.y), (tile.sums_sink, run.sums)):
            count = 0
            while not sink.empty():
                frame = sink.recv_nowait()
                if np.any(frame.tuser):
                    broken += 1
                    assert sink.empty(), "nothing follows a vector that was cut off"
                    break
                frame.tuser = None
                kind = np.dtype(np.int8) if sink is tile.sink else tile._sum
                np.testing.assert_array_equal(tile._received(frame, kind), whole[count])
                count += 1
        status = await tile.get("STATUS")
        assert not status["busy"] and not status["safe"]
    assert broken > 0, "no vector was cut off"
    jobs = bench.chain(2)
    run, streams = await bench.golden(jobs)
    first = len(tile.windows)
    bench.send(run, streams)
    await tile.start_chain(jobs)
    await bench.compare(run, first)


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def a_hung_converter_is_a_fault(dut):
    """The watchdog stops everything; one write later the tile works again."""
    bench = await started(dut)
    tile = bench.tile
    await tile.set("WATCHDOG", clocks=300)
    jobs = [Descriptor(settings=Settings(shift=18), repeat=3)]
    run, streams = await bench.golden(jobs)
    bench.send(run, streams)
    tile.answer.clear()
    await tile.start_chain(jobs)
    await tile.clocks(1000)
    status = await tile.get("STATUS")
    assert status["safe"] and status["fault"] and not status["running"]
    assert (await tile.get("FAULT"))["code"] == 1
    assert dut.gate.value == 0
    tile.answer.set()
    driven = int(dut.integrated.value)
    await tile.clocks(500)
    assert int(dut.integrated.value) == driven, "a row is driven in the safe state"
    await tile.set("CONTROL", recover=1)
    await tile.clocks(20)
    bench.ports["x"].give_up()
    assert not (await tile.get("STATUS"))["safe"]
    assert (await tile.get("FAULT"))["code"] == 0
    run, streams = await bench.golden(jobs)
    first = len(tile.windows)
    bench.send(run, streams)
    await tile.start_chain(jobs)
    await bench.compare(run, first)


@cocotb.test(timeout_time=5, timeout_unit="ms", skip=not CONFIG.control.parity)
async def wrong_parity_is_a_fault(dut):
    """Of a coefficient when it is used, of a descriptor when it is looked at."""
    bench = await started(dut)
    tile = bench.tile
    jobs = [Descriptor(settings=Settings(shift=18))]
    await tile.set("CONTROL", bad_parity=1)
    await tile.start_chain(jobs)
    await tile.clocks(50)
    assert (await tile.get("CHAIN_STATUS")) == {"refusal": 2, "at": 0, "current": 0}
    await tile.load(bench.banks[1], columns=[COLUMNS - 1])
    await tile.set("CONTROL", bad_parity=0, swap=1)
    run, streams = await bench.golden(jobs)
    bench.send(run, streams)
    await tile.start_chain(jobs)
    for _ in range(2000):
        await RisingEdge(dut.clk)
        if dut.flush.value:
            break
    assert (await tile.get("FAULT"))["code"] == 3
    await tile.set("CONTROL", recover=1)
    await tile.clocks(300)
    assert not (await tile.get("STATUS"))["safe"]


@cocotb.test(timeout_time=150, timeout_unit="us", skip=not (
    CONFIG.drift.engine and CONFIG.program.engine))
@cocotb.parametrize((("kind", "register", "command"), [
    ("correct", "DRIFT", "measure"), ("calibrate", "DRIFT", "update"),
    ("calibrate", "DRIFT", "measure"), ("measure", "MEASURE", "start"),
    ("program", "MEASURE", "start"), ("program", "DRIFT", "measure")]))
async def commands_meet_the_host(dut, kind, register, command):
    """In any clock around that of a chain's command: both are done, or the host's is refused."""
    bench = await started(dut)
    tile = bench.tile
    dut.program_ready.value = 1
    await tile.set("SETTINGS", input_bits=4)
    await tile.set("PROGRAM_KEY", key=PROGRAM_KEY)
    await tile.set("PROGRAM_LIMITS", max_rounds=0, windows=1)
    await tile.set("PROGRAM_PRECHARGE", clocks=1)
    jobs = [Descriptor(kind=kind, rows=1, columns=CONFIG.nmpu.lanes)]
    for address, value in descriptor_writes(jobs, CONFIG):
        await tile.write(address, value)
    refusals = 0
    for wait in range(24):
        await tile.set("CHAIN", start=1)
        if kind == "program":
            bench.ports["x"].send([[0] * 2 * CONFIG.nmpu.lanes])
        await tile.clocks(wait)
        try:
            await tile.set(register, **{command: 1})
        except Refused:
            refusals += 1
        else:
            while (await tile.get(register))[command]:
                pass
        await tile.chain_ends()
        await tile.stopped()
    assert 0 < refusals < 24 or kind == "measure"


@cocotb.test(timeout_time=5, timeout_unit="ms")
async def refused_chains_change_nothing(dut):
    """The code names the field, and no vector is taken."""
    bench = await started(dut)
    tile = bench.tile
    good, bad = Descriptor(settings=Settings(shift=18)), Descriptor(resume=True)
    await tile.start_chain([good, bad])
    await tile.clocks(50)
    status = await tile.get("STATUS")
    assert status["chain_refused"] and not status["running"]
    assert (await tile.get("CHAIN_STATUS"))["refusal"] == 6
    assert (await tile.get("CHAIN_STATUS"))["at"] == 1
    assert not tile.windows
    await tile.set("CONTROL", run=1)
    with pytest.raises(Refused):
        await tile.write(REGISTERS["CHAIN"].offset, pack("CHAIN", start=1))
