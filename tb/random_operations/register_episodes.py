"""Accesses of a tile at rest, and what it measures by itself."""

import cocotb

from golden.registers import (
    ADDRESS_BITS,
    CHANNEL_BASES,
    COEFFICIENT_BASE,
    DESCRIPTOR_BASE,
    PROGRAM_KEY,
    REGISTERS,
    SATURATED_BASE,
    SUM_BASE,
    VECTOR_BASE,
    pack,
    sum_address,
    unpack,
)

__all__ = ["accesses", "any_address", "at_once", "drift", "everything", "exchange", "measure",
           "measurement", "measurement_ends", "tame"]

COMMANDS = {"CONTROL": ("run", "swap", "recover", "bad_parity"), "MEASURE": ("start",),
            "DRIFT": ("measure", "update"), "STATISTICS": ("start",), "CHAIN": ("start",)}
"""What would make a tile do more than the access."""


def any_address(bench):
    """A register or a word of a window most of the time, aligned most of the time."""
    rng, config = bench.rng, bench.config
    columns = config.array.columns
    place = rng.random()
    if place < 0.45:
        address = int(rng.choice([r.offset for r in REGISTERS.values()]))
    elif place < 0.6:
        address = DESCRIPTOR_BASE + 4 * int(rng.integers(8 * config.control.descriptors + 8))
    elif place < 0.75:
        address = COEFFICIENT_BASE + 4 * int(rng.integers(8 * columns + 8))
    elif place < 0.9:
        base = int(rng.choice([SATURATED_BASE, SUM_BASE, VECTOR_BASE, *CHANNEL_BASES.values()]))
        address = base + 4 * int(rng.integers(columns + 4))
    else:
        address = int(rng.integers(1 << (ADDRESS_BITS - 2))) << 2
    return address + (int(rng.integers(1, 4)) if rng.random() < 0.05 else 0)


def any_data(bench, address):
    """Any word, or what is there with another field, a few bits at a time."""
    rng, register = bench.rng, bench.model.register(address)
    data = int(rng.integers(1 << 32)) >> int(rng.integers(32))
    if register is None or rng.random() < 0.2:
        return data
    if register.name == "PROGRAM_KEY" and rng.random() < 0.5:
        return PROGRAM_KEY
    fields = dict(bench.model.fields[register.name])
    if None in fields.values():
        return data
    for _ in range(int(rng.integers(1, 3))):
        f = register.fields[int(rng.integers(len(register.fields)))]
        fields[f.name] = (int(rng.integers(1 << f.width)) >> int(rng.integers(f.width))) & (
            (1 << f.width) - 1)
    return pack(register.name, **fields)


def without_commands(bench, address, data):
    """A word that, if it is accepted, starts nothing now or later."""
    register = bench.model.register(address)
    if register is None or not bench.model.allows(address, data):
        return data
    fields = unpack(register.name, data)
    fields |= dict.fromkeys(COMMANDS.get(register.name, ()), 0)
    if register.name == "DRIFT_EVERY":
        fields["results"] &= ~0xFFFFF
    if register.name == "WATCHDOG" and fields["clocks"]:
        fields["clocks"] |= 1 << 13
    return pack(register.name, **fields)


async def one_access(bench):
    rng, address = bench.rng, any_address(bench)
    if address % 4 or rng.random() < 0.4:
        await bench.read(address)
    elif rng.random() < 0.05:
        offset = int(rng.integers(4))
        size = int(rng.integers(1, min(4, 5 - offset)))
        await bench.write(address, any_data(bench, address), offset=offset, size=size)
    else:
        data = without_commands(bench, address, any_data(bench, address))
        await bench.write(address, data)
        if rng.random() < 0.5:
            await bench.read(address)
    assert bench.dut.irq.value == bench.model.outputs()["irq"]


async def accesses(bench):
    """Accesses, legal or not, one after the other."""
    for _ in range(int(bench.rng.integers(20, 200))):
        await one_access(bench)


async def everything(bench):
    """All that can be read is as the model has it."""
    columns, descriptors = bench.config.array.columns, bench.config.control.descriptors
    for register in REGISTERS.values():
        await bench.read(register.offset)
    for base, words in ((DESCRIPTOR_BASE, 8 * descriptors), (COEFFICIENT_BASE, 8 * columns),
                        (SUM_BASE, columns), (SATURATED_BASE, 1)):
        for word in range(words):
            await bench.read(base + 4 * word)


async def exchange(bench):
    """The banks of a tile at rest change places; while they do, nobody reaches a coefficient."""
    if bench.rng.random() < 0.5:
        await bench.load()
    else:
        await bench.swap()


async def tame(bench):
    """What a chain may command must not take for ever."""
    rng, top = bench.rng, (1 << bench.config.readout.reference_bits) - 1
    repeats = int(rng.integers(1, 5))
    step = int(rng.integers(top // 8))
    await bench.set("SETTINGS", input_bits=int(rng.choice([4, 6])), reads=1, shift=12)
    await bench.set("REFERENCE", code=int(rng.integers(top - step * (repeats - 1))), step=step)
    await bench.set("MEASURE", repeats=repeats, negative=int(rng.integers(2)))
    await bench.set("CALIBRATION", kind=int(rng.integers(3)), slot=0, now=int(rng.integers(2)),
                    absolute=1, value=int(rng.integers(256)), repeats=int(rng.choice([1, 2, 4])))
    await bench.set("DRIFT", method=int(rng.integers(2)),
                    stored=int(rng.integers(1, bench.config.drift.vectors + 1)))
    await bench.set("DRIFT_EVERY")
    if not bench.model.fields["STATISTICS"]["start"]:
        await bench.set("STATISTICS", results=int(rng.integers(1, 6)), shift=8)


async def measure(bench):
    """Ask for a measurement of the known current; its codes."""
    model = bench.model
    told, reference = dict(model.fields["MEASURE"]), dict(model.fields["REFERENCE"])
    model.sums = None
    await bench.set("STATUS", measured=1)
    await bench.set("MEASURE", **{**told, "start": 1})
    return [reference["code"] + k * reference["step"] for k in range(told["repeats"])]


async def measurement_ends(bench, codes):
    """Its sums must be those of the codes."""
    model = bench.model
    while (await bench.get("MEASURE"))["start"]:
        await bench.clocks(int(bench.rng.integers(1, 60)))
    model.fields["MEASURE"]["start"] = 0
    assert (await bench.get("STATUS"))["measured"]
    negative = bool(model.fields["MEASURE"]["negative"])
    model.sums = sum(bench.known_current(code, negative) for code in codes).tolist()
    for column in range(bench.config.array.columns):
        await bench.read(sum_address(column))


async def measurement(bench):
    """A known current; meanwhile its registers are locked."""
    await tame(bench)
    codes = await measure(bench)
    await bench.write(REGISTERS[str(bench.rng.choice(["MEASURE", "REFERENCE"]))].offset, 1)
    await measurement_ends(bench, codes)
    await bench.rest()


async def drift(bench):
    """Calibration vectors and corrections that the host asks for, and gives up."""
    rng = bench.rng
    for _ in range(int(rng.integers(1, 4))):
        await tame(bench)
        held = {name: bench.model.fields["DRIFT"][name] for name in ("method", "stored")}
        await bench.set("DRIFT", **held, measure=1)
        if rng.random() < 0.3:
            await bench.clocks(int(rng.integers(1, 500)))
            bench.model.pins["drift_busy"] = (await bench.get("DRIFT"))["measure"]
            await bench.set("DRIFT", **held, abort=1)
        while (await bench.get("DRIFT"))["measure"]:
            await bench.clocks(int(rng.integers(1, 100)))
        bench.model.pins["drift_busy"] = bench.model.fields["DRIFT"]["measure"] = 0
        if rng.random() < 0.5:
            bench.model.coefficients.clear()
            await bench.set("DRIFT", **held, update=1)
            await bench.rest()
            bench.model.fields["DRIFT"]["update"] = 0
    await bench.rest()


async def at_once(bench):
    """A read and some writes under way at the same time, at different places."""
    rng = bench.rng
    for _ in range(int(rng.integers(1, 20))):
        places = rng.permutation(bench.config.control.descriptors)
        writes = [cocotb.start_soon(bench.write(
            DESCRIPTOR_BASE + 32 * int(place) + 4 * int(rng.integers(8)),
            int(rng.integers(1 << 32)))) for place in places[:int(rng.integers(1, 4))]]
        for place in places[4:4 + int(rng.integers(1, 4))]:
            await bench.read(DESCRIPTOR_BASE + 32 * int(place) + 4 * int(rng.integers(8)))
        for write in writes:
            await write
