# amaranth: UnusedElaboratable=no
"""The FP16 unit beyond its results: banks in use, readback, what is refused."""

import re

import pytest
from amaranth.sim import Simulator

from golden.presets import tiny
from hw.baseline.coefficients import Fp16Coefficients
from hw.baseline.fp16_datapath import Fp16Datapath
from hw.baseline.fp16_unit import Fp16Unit
from hw.baseline.from_integer import FromInteger
from hw.baseline.round import Round


def simulate(component, testbench):
    done = []

    async def whole(ctx):
        await testbench(ctx)
        done.append(True)

    simulator = Simulator(component)
    simulator.add_clock(1e-6)
    simulator.add_testbench(whole)
    simulator.run_until(1e-3)
    assert done


@pytest.mark.parametrize("receives", [False, True])
@pytest.mark.parametrize("bank", [0, 1])
def test_uses_bank_and_busy(bank, receives):
    unit = Fp16Unit(tiny, receives=receives)
    last_fetch = (Fp16Datapath.receive_at if receives else Fp16Datapath.normalise_at) - 1

    async def testbench(ctx):
        ctx.set(unit.i.valid, 1)
        ctx.set(unit.i.payload.tag.bank, bank)
        for clock in range(unit.latency + 3):
            assert ctx.get(unit.uses_bank) == (1 << bank if clock <= last_fetch else 0), clock
            assert ctx.get(unit.busy) == (clock > 0), clock
            assert ctx.get(unit.o.valid) == (clock >= unit.latency), clock
            await ctx.tick()
            ctx.set(unit.i.valid, 0)
        ctx.set(unit.o.ready, 1)
        await ctx.tick()
        assert not ctx.get(unit.busy) and not ctx.get(unit.o.valid)

    simulate(unit, testbench)


@pytest.mark.parametrize("receives", [False, True])
def test_readback(receives):
    memory = Fp16Coefficients(tiny, receives=receives)
    bus = memory.bus
    count = 6 + receives
    places = [(bank, word, column) for bank in range(2) for word in range(count)
              for column in range(tiny.array.columns)]

    async def testbench(ctx):
        async def access(place, write, value):
            for port, part in zip((bus.bank, bus.word, bus.column), place, strict=True):
                ctx.set(port, part)
            ctx.set(bus.write, write)
            ctx.set(bus.data, value)
            fits = ctx.get(bus.exists), ctx.get(bus.fits)
            await ctx.tick()
            return fits

        for number, place in enumerate(places):
            assert await access(place, 1, 0xFFFF - 97 * number) == (1, 1)
        for value in (-1, 1 << 16, 1 << 30):
            assert await access(places[0], 1, value) == (1, 0)
        for word in range(count, 8):
            assert await access((0, word, 0), 1, 0) == (0, 0)
        for number, place in enumerate(places):
            await access(place, 0, 0)
            assert ctx.get(bus.read) == 0xFFFF - 97 * number

    simulate(memory, testbench)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: Round(12), "width must be at least 13, not 12"),
    (lambda: FromInteger(0), "bits must be at least 1, not 0"),
])
def test_refused(call, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()
