"""What comes in the same clock at a tile, or between the vectors of a result: nothing is lost in
silence, and nothing waits for ever."""

from types import SimpleNamespace

import pytest
from amaranth.sim import Simulator

from golden.descriptors import Descriptor
from golden.host.chain import descriptor_writes
from golden.presets import tiny
from golden.registers import REGISTERS, pack, unpack
from golden.settings import Settings
from hw.tile import Tile

OKAY, SLVERR = 0, 2
BEATS = tiny.array.rows * 8 // tiny.stream.x_bits


class Host:
    """One access of the bus after the other, one vector after the other."""

    def __init__(self, ctx, tile):
        self._ctx, self._tile = ctx, tile
        self.clock, self.trigger_at = 0, None

    async def ticks(self, clocks):
        for _ in range(clocks):
            await self._ctx.tick()
            self.clock += 1
            if self.clock == self.trigger_at:
                self.set(trigger=1)

    def set(self, **pins):
        """Inputs of the tile by name, ``x__tvalid`` that of a port."""
        for name, value in pins.items():
            self._ctx.set(self._pin(name), value)

    def get(self, name):
        return self._ctx.get(self._pin(name))

    def _pin(self, name):
        pin = self._tile
        for part in name.split("__"):
            pin = getattr(pin, part)
        return pin

    async def write(self, register, **fields):
        """The answer to a write."""
        return await self._write(REGISTERS[register].offset, pack(register, **fields))

    async def describe(self, *descriptors):
        for address, word in descriptor_writes(descriptors, tiny):
            assert await self._write(address, word) == OKAY

    async def _write(self, address, word):
        self.set(control__awvalid=1, control__wvalid=1, control__awaddr=address,
                 control__wdata=word, control__wstrb=15, control__bready=1)
        while not (self.get("control__awready") and self.get("control__wready")):
            await self.ticks(1)
        await self.ticks(1)
        self.set(control__awvalid=0, control__wvalid=0)
        while not self.get("control__bvalid"):
            await self.ticks(1)
        answer = self.get("control__bresp")
        await self.ticks(1)
        return answer

    async def read(self, register):
        """The fields of a register."""
        self.set(control__arvalid=1, control__araddr=REGISTERS[register].offset,
                 control__rready=1)
        while not self.get("control__arready"):
            await self.ticks(1)
        await self.ticks(1)
        self.set(control__arvalid=0)
        while not self.get("control__rvalid"):
            await self.ticks(1)
        word = self.get("control__rdata")
        await self.ticks(1)
        return unpack(register, word)

    async def send(self, vectors):
        for beat in range(vectors * BEATS):
            self.set(x__tvalid=1, x__tdata=0x0101, x__tlast=beat % BEATS == BEATS - 1)
            while not self.get("x__tready"):
                await self.ticks(1)
            await self.ticks(1)
        self.set(x__tvalid=0)


@pytest.fixture(scope="module")
def run():
    """Runs a story with a tile from reset on."""
    tile, now = Tile(tiny), SimpleNamespace(story=None)
    simulator = Simulator(tile)
    simulator.add_clock(1e-6)

    async def bench(ctx):
        host = Host(ctx, tile)
        host.set(counts__valid=1, y__tready=1)
        await host.ticks(3)
        await now.story(host)

    def tell(story):
        if now.story is None:
            simulator.add_testbench(bench)
        else:
            simulator.reset()
        now.story = story
        simulator.run()

    return tell


SHORT = Settings(input_bits=4)


def test_a_chain_does_not_start_within_a_result(run):
    async def story(host):
        await host.describe(Descriptor(settings=SHORT))
        await host.write("SETTINGS", reads=2, input_bits=4, output_bits=8)
        await host.write("CONTROL", run=1)
        await host.send(1)
        await host.ticks(40)
        await host.write("CONTROL", run=0)
        assert not (await host.read("STATUS"))["busy"]
        assert await host.write("CHAIN", start=1) == SLVERR
        host.set(trigger=1)
        await host.ticks(2)
        assert (await host.read("STATUS"))["trigger_lost"]
        await host.write("CONTROL", run=1)
        await host.send(1)
        await host.ticks(40)
        await host.write("CONTROL", run=0)
        assert await host.write("CHAIN", start=1) == OKAY
        await host.send(1)
        await host.ticks(40)
        assert (await host.read("JOBS"))["count"] == 1
        assert (await host.read("RESULTS"))["count"] == 2

    run(story)


@pytest.mark.parametrize("clocks", range(5))
def test_a_trigger_beside_run(run, clocks):
    """Either the chain runs and ``run`` is refused, or the other way round."""
    async def story(host):
        await host.describe(Descriptor(settings=SHORT))

        host.set(trigger=clocks == 0)
        host.trigger_at = host.clock + clocks
        answer = await host.write("CONTROL", run=1)
        await host.ticks(10)
        status, control = await host.read("STATUS"), await host.read("CONTROL")
        assert status["running"] + control["run"] == 1
        assert (status["trigger_lost"], answer) == (
            (0, SLVERR) if status["running"] else (1, OKAY))

    run(story)


@pytest.mark.parametrize("clocks", range(6))
@pytest.mark.parametrize(("register", "command"), [
    ("MEASURE", {"start": 1}), ("DRIFT", {"measure": 1, "stored": 1}),
    ("STATISTICS", {"start": 1, "results": 1})])
def test_a_command_in_a_flush_is_forgotten_or_ends(run, register, command, clocks):
    name = next(iter(command))

    async def story(host):
        await host.write("CONTROL", recover=1)
        await host.ticks(clocks)
        assert await host.write(register, **command) == OKAY
        await host.ticks(300)
        await host.write("CONTROL", run=1)
        await host.send(2)
        await host.ticks(300)
        assert (await host.read(register))[name] == 0
        assert await host.write(register, **command) == OKAY

    run(story)


def test_a_measurement_after_a_measurement_is_shown(run):
    """MEASURE.start is 1 while a measurement runs, those of a chain included."""
    async def story(host):
        shown, running = 0, 0
        await host.describe(Descriptor(settings=Settings(input_bits=8)), Descriptor(kind="measure"))
        await host.write("MEASURE", repeats=3)
        assert await host.write("CHAIN", first=0, last=1, start=1) == OKAY
        await host.ticks(10)
        await host.send(1)
        await host.ticks(20)
        assert await host.write("MEASURE", repeats=3, start=1) == OKAY
        for _ in range(1200):
            before = host.get("converters__reference")
            start = (await host.read("MEASURE"))["start"]
            if before and host.get("converters__reference"):
                running, shown = running + 1, shown + start
        # Two measurements of three windows of 128 clocks, a read in three or four.
        assert shown == running > 150

    run(story)
