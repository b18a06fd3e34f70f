"""hw.control.descriptor_table: what a reset leaves, which the memory itself does not know."""

from amaranth.hdl import Module, ResetInserter, Signal
from amaranth.sim import Simulator

from golden.descriptors import WORDS, descriptor_address
from golden.presets import tiny
from hw.control.descriptor_table import DescriptorTable


def test_nothing_is_known_after_a_reset():
    m, reset = Module(), Signal()
    table = DescriptorTable(tiny)
    m.submodules.table = ResetInserter(reset)(table)
    bus, seen = table.bus, []

    async def access(ctx, write, word):
        ctx.set(bus.access, 1)
        ctx.set(bus.write, write)
        ctx.set(bus.address, descriptor_address(3, word) & 0xFFFF)
        await ctx.tick()
        ctx.set(bus.access, 0)
        assert not ctx.get(bus.refused)
        return ctx.get(bus.read)

    async def bench(ctx):
        ctx.set(bus.data, 0xFFFF_FFFF)
        ctx.set(table.bad_parity, 1)
        for word in range(len(WORDS)):
            await access(ctx, 1, word)
        ctx.set(table.index, 3)
        for expected in (True, False):
            words = [await access(ctx, 0, word) for word in range(len(WORDS))]
            everything = ctx.get(table.descriptor.as_value())
            assert all(map(bool, (*words, everything, ctx.get(table.parity_error)))) == expected
            assert any((*words, everything, ctx.get(table.parity_error))) == expected
            seen.append(words)
            ctx.set(reset, 1)
            await ctx.tick()
            ctx.set(reset, 0)

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run_until(1e-4)
    assert len(seen) == 2
