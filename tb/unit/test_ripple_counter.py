"""RippleCounter in Amaranth's simulator: exact behaviour, edge by edge."""

import pytest
from amaranth.sim import Simulator

from hw.readout.ripple_counter import RippleCounter

HALF_PERIOD = 150e-12
WIDTHS = (1, 2, 4, 7, 12)


def simulate(bits, script):
    """Run ``script(ctx, counter, edges)``; ``edges(n)`` makes that many rising edges."""
    counter = RippleCounter(bits)

    async def testbench(ctx):
        async def edges(count):
            for _ in range(count):
                for level in (1, 0):
                    ctx.set(counter.oscillator, level)
                    await ctx.delay(HALF_PERIOD)

        await script(ctx, counter, edges)

    simulator = Simulator(counter)
    simulator.add_testbench(testbench)
    simulator.run()


@pytest.mark.parametrize("bits", WIDTHS)
def test_counts_every_edge_up_to_full_scale(bits):
    top = (1 << bits) - 1
    done = []

    async def script(ctx, counter, edges):
        ctx.set(counter.gate, 1)
        for edge in range(top + 9):
            assert ctx.get(counter.count) == min(edge, top)
            await edges(1)
        done.append(ctx.get(counter.count))

    simulate(bits, script)
    assert done == [top]


def test_counts_inside_the_gate_only():
    done = []

    async def script(ctx, counter, edges):
        total = 0
        for outside, inside in ((3, 0), (0, 1), (5, 10), (1, 77), (200, 1000)):
            ctx.set(counter.gate, 0)
            await edges(outside)
            assert ctx.get(counter.count) == total
            ctx.set(counter.gate, 1)
            await edges(inside)
            total += inside
            assert ctx.get(counter.count) == total
        done.append(total)

    simulate(12, script)
    assert done == [1088]


@pytest.mark.parametrize("level", [0, 1])
def test_the_gate_makes_no_edge(level):
    """Opened and closed while the oscillator stands at either level, the count stays."""
    done = []

    async def script(ctx, counter, edges):
        ctx.set(counter.gate, 1)
        await edges(5)
        ctx.set(counter.gate, 0)
        ctx.set(counter.oscillator, level)
        await ctx.delay(HALF_PERIOD)
        for gate in (1, 0) * 4:
            ctx.set(counter.gate, gate)
            await ctx.delay(HALF_PERIOD)
            assert ctx.get(counter.count) == 5
        done.append(True)

    simulate(4, script)
    assert done


@pytest.mark.parametrize("bits", WIDTHS)
def test_clear_needs_no_edge_and_holds(bits):
    top = (1 << bits) - 1
    done = []

    async def script(ctx, counter, edges):
        for count in sorted({1, 2, top // 3, top // 2, top - 1, top} - {0}):
            ctx.set(counter.gate, 1)
            await edges(count)
            assert ctx.get(counter.count) == min(count, top)
            ctx.set(counter.gate, 0)
            ctx.set(counter.clear, 1)
            await ctx.delay(HALF_PERIOD)
            assert ctx.get(counter.count) == 0
            ctx.set(counter.gate, 1)
            await edges(3)
            assert ctx.get(counter.count) == 0, "counted while it was being cleared"
            ctx.set(counter.clear, 0)
            await ctx.delay(HALF_PERIOD)
            assert ctx.get(counter.count) == 0
        await edges(1)
        done.append(ctx.get(counter.count))

    simulate(bits, script)
    assert done == [1]
