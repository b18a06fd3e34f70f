"""Table and dispatcher together: what the host writes comes out as vectors."""

import numpy as np
from amaranth.hdl import Module
from amaranth.sim import Simulator

from golden.descriptors import DESTINATIONS, SOURCES, Descriptor, descriptor_address
from golden.host.chain import descriptor_writes
from golden.presets import small
from golden.settings import Settings
from hw.control.descriptor_table import DescriptorTable
from hw.control.dispatcher import Dispatcher

CHAIN = [
    Descriptor(destination="activations", rows=30, columns=16, repeat=4,
               settings=Settings(shift=9, relu=True)),
    Descriptor(source="activations", first_column=16, columns=8, rows=16, repeat=2, bank=1,
               settings=Settings(shift=10, reads=2)),
    Descriptor(source="rows", first_row=8, rows=3, repeat=3, interrupt=True),
]
FIRST, LOOPS = 5, 3


def wanted():
    for _ in range(LOOPS):
        for d in CHAIN:
            for result in range(d.repeat):
                for _ in range(d.settings.reads):
                    yield {"source": SOURCES.index(d.source),
                           "destination": DESTINATIONS.index(d.destination), "rows": d.rows,
                           "first_beat": d.first_row // 8, "row": d.first_row + result,
                           "first_group": d.first_column // 8,
                           "last_group": (d.first_column + (d.columns or 32)) // 8 - 1,
                           "shift": d.settings.shift, "relu": int(d.settings.relu),
                           "reads": d.settings.reads, "pinned": int(d.bank is not None),
                           "bank": d.bank or 0, "final": int(result == d.repeat - 1),
                           "interrupt": int(d.interrupt)}


def shown(ctx, payload):
    job = ctx.get(payload.job)
    return {**{name: ctx.get(payload[name]) for name in ("source", "rows", "first_beat", "row")},
            **{name: job[name] for name in ("destination", "first_group", "last_group", "pinned",
                                            "bank", "final", "interrupt")},
            **{name: job.settings[name] for name in ("shift", "relu", "reads")}}


def test_from_writes_to_vectors():
    m = Module()
    m.submodules.table = table = DescriptorTable(small)
    m.submodules.dispatcher = dispatcher = Dispatcher(small)
    m.d.comb += [
        table.index.eq(dispatcher.index),
        dispatcher.descriptor.eq(table.descriptor),
        dispatcher.parity_error.eq(table.parity_error),
        table.locked.eq(dispatcher.running),
        table.first.eq(dispatcher.chain_first),
        table.last.eq(dispatcher.chain_last),
    ]
    vectors, bus = dispatcher.vectors, table.bus
    rng, ended, refusals = np.random.default_rng(1), [], {}

    async def write(ctx, address, value):
        ctx.set(bus.access, 1)
        ctx.set(bus.write, 1)
        ctx.set(bus.address, address & 0xFFFF)
        ctx.set(bus.data, value)
        await ctx.tick()
        ctx.set(bus.access, 0)
        return ctx.get(bus.refused)

    async def host(ctx):
        for address, value in descriptor_writes(CHAIN, small, first=FIRST):
            assert not await write(ctx, address, value)
        ctx.set(dispatcher.first, FIRST)
        ctx.set(dispatcher.last, FIRST + len(CHAIN) - 1)
        ctx.set(dispatcher.loops, LOOPS)
        ctx.set(dispatcher.start, 1)
        await ctx.tick()
        ctx.set(dispatcher.start, 0)
        for entry in (FIRST - 1, FIRST, FIRST + 2, FIRST + 3):
            refusals[entry] = await write(ctx, descriptor_address(entry), 0)

    async def tile(ctx):
        busy = 0
        for expected in wanted():
            while True:
                ready = int(rng.integers(3) == 0)
                ctx.set(vectors.ready, ready)
                ctx.set(dispatcher.idle, int(not busy))
                taken = ready and ctx.get(vectors.valid)
                found = shown(ctx, vectors.payload)
                busy = 7 if taken else max(busy - 1, 0)
                await ctx.tick()
                if taken:
                    break
            assert found == expected
        ctx.set(vectors.ready, 1)
        for left in range(busy, -1, -1):
            ctx.set(dispatcher.idle, int(left == 0))
            assert ctx.get(dispatcher.running) and not ctx.get(vectors.valid)
            assert ctx.get(dispatcher.chain_done) == (left == 0)
            await ctx.tick()
        assert not ctx.get(dispatcher.running) and ctx.get(dispatcher.refusal) == 0
        ended.append(True)

    simulator = Simulator(m)
    simulator.add_clock(1e-6)
    simulator.add_testbench(host)
    simulator.add_testbench(tile)
    simulator.run_until(2e-3)
    assert ended
    assert refusals == {FIRST - 1: 0, FIRST: 1, FIRST + 2: 1, FIRST + 3: 0}
