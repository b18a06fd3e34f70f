"""A tile under random operations: its bus against a model, its streams against what golden says."""

import cocotb
import numpy as np
from cocotb.triggers import First, RisingEdge, Timer
from cocotbext.axi import AxiResp

from golden.nmpu import Coefficients
from golden.registers import COEFFICIENTS, REGISTERS, coefficient_address, pack, unpack
from tb.integer_array import IntegerArray
from tb.random_operations.registers import VOLATILE, TileModel
from tb.random_operations.streams import Inlet, Outlet
from tb.tile_bench import TileBench

__all__ = ["Interrupted", "RandomBench"]

IN = {"x": ("source", "send"), "residual": ("residuals", "send_residual"),
      "sums": ("sums_source", "send_sums")}
PINS = {"x": "x", "residual": "residual", "sums": "i_sums"}
LONGEST = (0, 0, 3, 40)
"""Longest pause of a stream, in clocks."""


class Interrupted(Exception):
    """A reset took the access."""


class RandomBench:
    """A `TileBench`, a model of everything behind its bus, and ports that know what is pending.

    Parameters
    ----------
    dut
    config : TileConfig
    rng : numpy.random.Generator
    """

    def __init__(self, dut, config, rng):
        self.dut, self.config, self.rng = dut, config, rng
        self.array = IntegerArray(config, rng)
        self.tile = TileBench(dut, config, self._counts_of)
        self.model = TileModel(config)
        self.accesses = []  # under way
        self.refused = 0
        self._pausing = []

    @property
    def operations(self):
        """Accesses answered, and vectors that went by on any stream."""
        return sum(getattr(self.dut, name).value.to_unsigned() for name in (
            "accesses", "x_vectors", "residual_vectors", "i_sums_vectors", "y_vectors",
            "o_sums_vectors"))

    def known_current(self, code, negative):
        """Counts of a known current, in all columns."""
        top = (1 << self.config.readout.counter_bits) - 1
        return (3 * code + (7 if negative else 5) * np.arange(self.config.array.columns)) & top

    def _counts_of(self, window):
        if window.reference is None:
            return self.array.counts(window.lengths[None], sides=window.sides)[0]
        code = ~window.reference if window.reference < 0 else window.reference
        return np.stack([self.known_current(code, side) for side in (False, True)])

    async def start(self):
        tile, dut = self.tile, self.dut
        await tile.start()
        dut.program_ready.value = 1
        self.inlets = {name: Inlet(
            getattr(tile, source), getattr(tile, send),
            vectors=lambda name=name: getattr(dut, f"{PINS[name]}_vectors").value.to_unsigned(),
            unended=lambda bit=bit: dut.unended.value.to_unsigned() >> bit & 1)
            for bit, (name, (source, send)) in enumerate(IN.items())}
        self.y = Outlet("y", tile.sink, lambda frame: tile._received(frame, np.dtype(np.int8)))
        self.sums = Outlet("o_sums", tile.sums_sink, lambda frame: tile._received(
            frame, tile._sum))
        self.outlets = (self.y, self.sums)
        for outlet in self.outlets:
            cocotb.start_soon(outlet.watch())
        cocotb.start_soon(self._flushes())
        self._agents = [tile.source, tile.residuals, tile.sums_source, tile.sink, tile.sums_sink]
        self._channels = [tile.bus.write_if.aw_channel, tile.bus.write_if.w_channel,
                          tile.bus.write_if.b_channel, tile.bus.read_if.ar_channel,
                          tile.bus.read_if.r_channel]
        await self.load()

    async def _flushes(self):
        while True:
            await RisingEdge(self.dut.flush)
            for port in (*self.inlets.values(), *self.outlets):
                port.flushed()

    # Pauses

    def pause(self):
        """Other pauses for every stream and, less often, for the channels of the bus."""
        for task in self._pausing:
            task.cancel()
        slow = [int(self.rng.choice(LONGEST)) for _ in self._agents]
        slow += [int(self.rng.choice((0, 0, 0, 0, 0, 6))) for _ in self._channels]
        self._pausing = []
        for agent, longest, rng in zip((*self._agents, *self._channels), slow,
                                       self.rng.spawn(len(slow)), strict=True):
            agent.pause = False
            if longest:
                self._pausing.append(cocotb.start_soon(self._pause(agent, longest, rng)))

    @staticmethod
    async def _pause(agent, longest, rng):
        while True:
            agent.pause = True
            await Timer(int(rng.integers(1, longest, endpoint=True)), "ns")
            agent.pause = False
            await Timer(int(rng.integers(1, longest, endpoint=True)), "ns")

    # The bus

    async def write(self, address, data, *, offset=0, size=4):
        """Write; the answer must be that of the model. Whether the tile refused it.

        With a ``size`` below 4, only these bytes from ``offset`` on, which is always refused.
        """
        return await self._access(self._write(address, data, offset, size))

    async def read(self, address, *, known=True):
        """Read: (refused, data). Not ``known``, the model does not say what."""
        return await self._access(self._read(address, known))

    async def _access(self, access):
        # By itself, so that it is finished whatever becomes of who asked for it.
        task = cocotb.start_soon(access)
        self.accesses = [other for other in self.accesses if not other.done()] + [task]
        answer = await task
        if answer is None:
            raise Interrupted
        return answer

    async def _write(self, address, data, offset, size):
        model = self.model
        word = (data & 0xFFFFFFFF).to_bytes(4, "little")
        answer = await self.tile.bus.write(address + offset, word[offset:offset + size])
        if answer is None or model is not self.model:
            return None
        refused = answer.resp != AxiResp.OKAY
        self.refused += refused
        strobe = ((1 << size) - 1) << offset
        wanted = model.write(address, data & 0xFFFFFFFF, strobe)
        assert refused == wanted, (
            f"write of {data:#x} to {address:#x}, strobes {strobe:#x}, "
            f"must {'' if wanted else 'not '}be refused")
        return refused

    async def _read(self, address, known):
        model = self.model
        size = 4 - address % 4
        answer = await self.tile.bus.read(address, size)
        if answer is None or model is not self.model:
            return None
        refused, data = answer.resp != AxiResp.OKAY, int.from_bytes(answer.data, "little")
        self.refused += refused
        assert not (refused and data), f"a refused read of {address:#x} gives {data:#x}"
        if known:
            wanted, value = model.read(address)
            assert refused == wanted, (
                f"read of {address:#x} must {'' if wanted else 'not '}be refused")
            assert refused or value is None or data == value, (
                f"read of {address:#x} must give {value:#x}, not {data:#x}")
        return refused, data

    async def set(self, register, **fields):
        """Write a register; it must be accepted."""
        refused = await self.write(REGISTERS[register].offset, pack(register, **fields))
        assert not refused, f"a write of {register} with {fields} was refused"

    async def get(self, register):
        refused, data = await self.read(REGISTERS[register].offset, known=False)
        assert not refused, f"a read of {register} was refused"
        return unpack(register, data)

    # Banks

    @property
    def banks(self):
        """Coefficients of both."""
        return [self.model.bank(number) for number in range(2)]

    async def load(self):
        """Random coefficients in both banks."""
        for _ in range(2):
            coefficients = Coefficients.random(self.config, self.rng)
            for column in range(self.config.array.columns):
                for name in COEFFICIENTS:
                    await self.write(coefficient_address(column, name),
                                     self.tile.coefficient(coefficients, name, column))
            await self.swap()

    async def swap(self):
        """Exchange the banks of a tile at rest."""
        await self.set("CONTROL", swap=1)
        while (await self.get("CONTROL"))["swap"]:
            pass
        self.model.set("bank", 1 - self.model.pins["bank"])

    # The end of whatever was

    async def rest(self):
        """Wait until the tile is at rest and nothing is left over, and look at what it did."""
        while True:
            status = await self.get("STATUS")
            if not (status["busy"] or status["running"] or (await self.get("CONTROL"))["swap"]
                    or (await self.get("DRIFT"))["update"] or (await self.get("DRIFT"))["measure"]):
                break
            await self.clocks(20)
        for outlet in self.outlets:
            while outlet.lacking:
                await self.clocks(20)
        assert not status["safe"], "the tile is in its safe state"
        assert (await self.get("RESULTS"))["count"] == self.y.whole
        self.judge()
        await self.look()

    async def look(self):
        """Take over what the tile alone knows."""
        for name in VOLATILE:
            self.model.fields[name] = await self.get(name)
        status = self.model.fields["STATUS"]
        self.model.fields["DRIFT"] |= {"measure": 0, "update": 0}
        self.model.pins |= {name: status[name] for name in ("bank", "busy", "running", "safe")}

    def judge(self):
        """What the judges at the pins found."""
        broken = self.dut.broken.value.to_unsigned()
        assert not broken, "broken: " + ", ".join(
            name for k, name in enumerate(("x", "residual", "i_sums", "y", "o_sums", "control",
                                           "the safe state")) if broken >> k & 1)
        assert self.dut.misdriven.value == 0, "a row was driven outside its pulse"

    async def clocks(self, count):
        await Timer(count, "ns")

    async def abort(self):
        """Recover: afterwards the tile is at rest, whatever it did."""
        await self._end_accesses()
        self.tile.answer.set()
        self.dut.trigger.value = 0
        self.model.pins["running"] = self.model.pins["busy"] = 0
        self.model.pins |= {"programming": 0, "drift_busy": 0}
        self.model.fields["MEASURE"]["start"] = 0
        for _ in range(int(self.rng.choice([1, 1, 2, 3]))):
            await self.set("CONTROL", recover=1)
            await self.clocks(int(self.rng.integers(1, 8)))
        while (await self.get("CONTROL"))["recover"]:
            pass
        await self.clocks(10)
        for agent in self._agents[3:]:  # what was cut off has to leave
            while not agent.empty():
                await self.clocks(5)
        while (await self.get("STATUS"))["busy"]:
            await self.clocks(10)
        await self.clocks(200)
        for outlet in self.outlets:
            outlet.settled()
        await self.rest()

    async def reset(self):
        """Reset at once: afterwards the tile is as at the start."""
        self.tile.answer.set()
        self.dut.trigger.value = 0
        await self.tile.reset(int(self.rng.integers(1, 5)))
        self.model = TileModel(self.config)
        for port in (*self.inlets.values(), *self.outlets):
            port.reset()
        await self._end_accesses()
        for register in REGISTERS.values():
            await self.read(register.offset)
        await self.load()
        await self.rest()

    async def _end_accesses(self):
        while any(not task.done() for task in self.accesses):
            await self.clocks(5)

    async def within(self, clocks, episode):
        """Whether an episode ended within so many clocks; if not, it was cut off."""
        task = cocotb.start_soon(episode)
        await First(task.complete, Timer(clocks, "ns"))
        if task.done():
            task.result()
            return True
        task.cancel()
        return False
