"""The test bench of a whole tile: cocotbext-axi on the buses, a golden array on the pins."""

import gc

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import Event, RisingEdge, ValueChange
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiResp,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)

from golden.registers import COEFFICIENTS, REGISTERS, coefficient_address, pack, unpack

__all__ = ["Refused", "TileBench"]

PERIOD_NS = 1


class Refused(Exception):
    """The tile answered an access with SLVERR."""


def packed(values, bits):
    """Unsigned integers, element 0 lowest, as one integer of ``bits`` each."""
    digits = (np.asarray(values)[:, None] >> np.arange(bits)) & 1
    return int.from_bytes(np.packbits(digits.astype(np.uint8), bitorder="little").tobytes(),
                          "little")


def bits_of(handle):
    """A vector's bits as uint8, lowest first; an unknown bit raises `ValueError`."""
    text = np.frombuffer(str(handle.value).encode(), np.uint8)[::-1] - ord("0")
    if text.max() > 1:
        raise ValueError(f"{handle._name} has unknown bits")
    return text


class TileBench:
    """Drives `sim_models/tile_bench.v`.

    Parameters
    ----------
    dut
        The handle of ``tile_bench``.
    config : TileConfig
    counts_of : callable
        Answers a window: (its number, signed pulse lengths (rows,) int64 as measured at the pins)
        to counts (2, columns). May be exchanged between vectors.
    """

    def __init__(self, dut, config, counts_of=None):
        self.dut = dut
        self.config = config
        self.counts_of = counts_of
        self.lengths = []
        """Signed pulse lengths (rows,) of every window so far, as measured at the pins."""
        self.windows = []
        """Clocks the gate was open in every window so far."""
        self.answer = Event()
        """Clear to hold the converter back, set to let it answer."""
        self.answer.set()

    async def start(self):
        """Clock, reset, agents."""
        dut = self.dut
        # What the imports made stays for good; without this the collector walks it again and again.
        gc.freeze()
        Clock(dut.clk, PERIOD_NS, unit="ns").start(start_high=False)
        dut.rst.value = 1
        dut.answer.value = 0
        dut.answered.value = 0
        self.bus = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "control"), dut.clk, dut.rst)
        # A beat is one item of the agents: byte by byte they would take most of the run.
        self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "x"), dut.clk, dut.rst,
                                      byte_lanes=1)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "y"), dut.clk, dut.rst,
                                  byte_lanes=1)
        for agent in (self.bus.write_if, self.bus.read_if, self.source, self.sink):
            agent.log.setLevel("WARNING")
        await self.clocks(4)
        dut.rst.value = 0
        await self.clocks(2)
        cocotb.start_soon(self._converter())

    async def clocks(self, count):
        for _ in range(count):
            await RisingEdge(self.dut.clk)

    async def _converter(self):
        dut = self.dut
        bits = self.config.readout.counter_bits
        while True:
            await ValueChange(dut.reads)
            number = dut.reads.value.to_unsigned()
            if number == 0:
                continue
            length = np.packbits(bits_of(dut.lengths), bitorder="little").astype(np.int64)
            signed = np.where(bits_of(dut.polarity) == 1, -length, length)
            self.lengths.append(signed)
            self.windows.append(dut.window.value.to_unsigned())
            await self.answer.wait()
            counts = self.counts_of(number - 1, signed)
            dut.answer.value = packed(counts.ravel(), bits)
            dut.answered.value = number

    async def write(self, address, value):
        """Write a word, or raise `Refused`."""
        answer = await self.bus.write(address, (value & 0xFFFFFFFF).to_bytes(4, "little"))
        if answer.resp != AxiResp.OKAY:
            raise Refused(f"write of {value:#x} to {address:#x}")

    async def read(self, address):
        """Read a word, or raise `Refused`."""
        answer = await self.bus.read(address, 4)
        if answer.resp != AxiResp.OKAY:
            raise Refused(f"read of {address:#x}")
        return int.from_bytes(answer.data, "little")

    async def set(self, register, **fields):
        await self.write(REGISTERS[register].offset, pack(register, **fields))

    async def get(self, register):
        return unpack(register, await self.read(REGISTERS[register].offset))

    async def configure(self, settings):
        """Write SETTINGS."""
        await self.set("SETTINGS", shift=settings.shift, relu=settings.relu,
                       output_bits=settings.output_bits, input_bits=settings.input_bits,
                       reads=settings.reads)

    async def load(self, coefficients, columns=None):
        """Write coefficients to the shadow bank."""
        for column in range(self.config.array.columns) if columns is None else columns:
            for name in COEFFICIENTS:
                await self.write(coefficient_address(column, name),
                                 self.coefficient(coefficients, name, column))

    @staticmethod
    def coefficient(coefficients, name, column):
        """The raw integer behind a name of `golden.registers.COEFFICIENTS`."""
        if name.endswith(("_p", "_n")):
            return int(getattr(coefficients, name[:-2])["pn".index(name[-1]), column])
        return int(getattr(coefficients, name)[column])

    async def swap(self, *, run=True):
        """Exchange the banks and wait until the old one is free."""
        await self.set("CONTROL", run=run, swap=True)
        while (await self.get("CONTROL"))["swap"]:
            pass

    def send(self, vector):
        """Queue a vector of signed bytes, whole beats of them."""
        size = self.config.stream.x_bits // 8
        data = np.asarray(vector, np.int8).tobytes()
        self.source.send_nowait(AxiStreamFrame([
            int.from_bytes(data[k:k + size], "little") for k in range(0, len(data), size)]))

    async def receive(self):
        """The next result vector, (columns,) int64."""
        frame = await self.sink.recv()
        size = self.config.stream.y_bits // 8
        data = b"".join(beat.to_bytes(size, "little") for beat in frame.tdata)
        return np.frombuffer(data, np.int8).astype(np.int64)

    async def stopped(self):
        """Wait until nothing is between the streams, then check that nothing was left over."""
        while (await self.get("STATUS"))["busy"]:
            pass
        assert self.sink.empty(), "results beyond those expected"
        assert self.source.empty(), "vectors were not taken"
        assert self.dut.misdriven.value == 0, "a row was driven outside its pulse"
