"""What goes wrong in a tile: converters that hang, memories that forget."""

from golden.descriptors import Descriptor, descriptor_address
from golden.faults import FAULTS
from golden.refusals import Refusal
from golden.registers import COEFFICIENTS, coefficient_address
from golden.settings import Settings
from tb.random_operations.stream_episodes import (
    clear_status,
    golden,
    known_banks,
    send,
    start,
)

__all__ = ["hung_converter", "wrong_coefficient", "wrong_descriptor"]


async def fault_comes(bench, name):
    """Wait for the safe state, look around in it, and leave it."""
    while not (await bench.get("STATUS"))["safe"]:
        await bench.clocks(20)
    bench.model.pins["running"] = bench.model.pins["busy"] = 0
    status = await bench.get("STATUS")
    assert status["fault"] and not status["running"]
    assert (await bench.get("FAULT"))["code"] == FAULTS.index(name)
    driven = bench.dut.integrated.value.to_unsigned()
    await bench.clocks(int(bench.rng.integers(1, 300)))
    assert bench.dut.integrated.value.to_unsigned() == driven
    await bench.write(descriptor_address(0), int(bench.rng.integers(1 << 32)))
    await bench.set("STATUS", fault=1, trigger_lost=1)
    bench.dut.trigger.value = 1
    await bench.clocks(3)
    bench.dut.trigger.value = 0
    status = await bench.get("STATUS")
    assert status["safe"] and not status["fault"] and status["trigger_lost"]
    assert not status["running"]
    await bench.abort()


def some_job(bench):
    rng = bench.rng
    job = Descriptor(settings=Settings(shift=18, input_bits=4), repeat=int(rng.integers(1, 4)))
    return Descriptor.from_words(job.words(bench.config), bench.config)


async def put(bench, job, words=range(5)):
    for word in words:
        await bench.write(descriptor_address(0, word), job.words(bench.config)[word])


async def run(bench, job, banks, expect):
    """Start a chain of one job whose end is not waited for."""
    needed, fresh = golden(bench, [job], banks=banks)
    await bench.set("DRIFT_EVERY")
    await put(bench, job)
    await clear_status(bench)
    bench.y.expect([expect(y) for y in needed.y])
    send(bench, fresh)
    await start(bench, 0, 0)


async def hung_converter(bench):
    """The watchdog finds it."""
    await known_banks(bench)
    await bench.set("WATCHDOG", clocks=int(bench.rng.integers(20, 400)))
    bench.tile.answer.clear()
    await run(bench, some_job(bench), bench.banks, lambda y: (y,))
    await fault_comes(bench, "conversion")
    await bench.set("WATCHDOG")


async def wrong_coefficient(bench):
    """One with the wrong parity, in the bank that comes into use."""
    await known_banks(bench)
    rng, model, banks = bench.rng, bench.model, bench.banks
    place = 1 - model.pins["bank"], int(rng.integers(bench.config.array.columns)), int(
        rng.integers(len(COEFFICIENTS)))
    await bench.set("CONTROL", bad_parity=1)
    await bench.write(coefficient_address(place[1], COEFFICIENTS[place[2]]),
                      model.coefficients[place])
    await bench.set("CONTROL")
    await bench.swap()
    await bench.set("WATCHDOG")
    await run(bench, some_job(bench), banks, lambda y: None)
    await fault_comes(bench, "coefficient_parity")
    await bench.load()


async def wrong_descriptor(bench):
    """A chain with one is refused."""
    rng = bench.rng
    job, bad = some_job(bench), int(rng.integers(5))
    await bench.set("CONTROL", bad_parity=1)
    await put(bench, job, [bad])
    await bench.set("CONTROL")
    await put(bench, job, [word for word in range(5) if word != bad])
    await clear_status(bench)
    await start(bench, 0, 0)
    await bench.clocks(60)
    bench.model.pins["running"] = bench.model.pins["busy"] = 0
    seen = await bench.get("CHAIN_STATUS")
    assert (seen["refusal"], seen["at"]) == (Refusal.PARITY, 0)
    await put(bench, job, [bad])
    await bench.rest()
