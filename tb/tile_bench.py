"""The test bench of a whole tile: cocotbext-axi on the buses, a golden array on the pins."""

import gc
from dataclasses import dataclass

import cocotb
import numpy as np
from cocotb.clock import Clock
from cocotb.simtime import get_sim_time
from cocotb.triggers import Event, FallingEdge, RisingEdge, ValueChange
from cocotbext.axi import (
    AxiLiteBus,
    AxiLiteMaster,
    AxiResp,
    AxiStreamBus,
    AxiStreamFrame,
    AxiStreamSink,
    AxiStreamSource,
)

from golden.array.modes import READ_MODES
from golden.host.chain import descriptor_writes, start_writes
from golden.registers import COEFFICIENTS, REGISTERS, coefficient_address, pack, unpack

__all__ = ["Refused", "TileBench", "Window"]

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


@dataclass(frozen=True, kw_only=True, eq=False)
class Window:
    """A window as measured at the pins.

    Parameters
    ----------
    number : int
        From 0.
    lengths : int64 array, (rows,)
        Signed pulse lengths in clocks.
    clocks : int
        That the gate was open.
    sides : str
        Polarities connected, see `golden.array.modes.Read`.
    devices : int
        Bit ``d``: device ``d`` of each polarity is connected.
    block : int
        Part of the columns that is connected to the counters.
    reference : int or None
        Code of the known current into P, or, if negative, minus one minus that into N; None if
        there is none.
    """

    number: int
    lengths: np.ndarray
    clocks: int
    sides: str
    devices: int
    block: int
    reference: int | None


class TileBench:
    """Drives `sim_models/tile_bench.v`.

    Parameters
    ----------
    dut
        The handle of ``tile_bench``.
    config : TileConfig
    counts_of : callable
        Answers a `Window` with counts (2, columns) of all columns; the counters are given those
        of its block. May be exchanged between vectors.
    """

    def __init__(self, dut, config, counts_of=None):
        self.dut = dut
        self.config = config
        self.counts_of = counts_of
        self.windows = []
        """Every `Window` so far."""
        self.closed_at = 0
        """Clock in which the gate of the last of them was closed for the first time."""
        self.answer = Event()
        """Clear to hold the converter back, set to let it answer."""
        self.answer.set()
        self.accesses = 0
        """Of the bus, so far."""
        self._answering = False
        self._answer_task = None
        self._answered = 0

    async def start(self):
        """Clock, reset, agents."""
        dut = self.dut
        # What the imports made stays for good; without this the collector walks it again and again.
        gc.freeze()
        Clock(dut.clk, PERIOD_NS, unit="ns").start(start_high=False)
        dut.rst.value = 1
        dut.answer.value = 0
        dut.answered.value = 0
        dut.trigger.value = 0
        dut.program_ready.value = 0
        self.bus = AxiLiteMaster(AxiLiteBus.from_prefix(dut, "control"), dut.clk, dut.rst)
        # A beat is one item of the agents: byte by byte they would take most of the run.
        self.source = AxiStreamSource(AxiStreamBus.from_prefix(dut, "x"), dut.clk, dut.rst,
                                      byte_lanes=1)
        self.sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "y"), dut.clk, dut.rst,
                                  byte_lanes=1)
        self.sums_sink = AxiStreamSink(AxiStreamBus.from_prefix(dut, "o_sums"), dut.clk, dut.rst,
                                       byte_lanes=1)
        self.sums_source, self.residuals = (
            AxiStreamSource(AxiStreamBus.from_prefix(dut, name), dut.clk, dut.rst, byte_lanes=1)
            for name in ("i_sums", "residual"))
        for agent in (self.bus.write_if, self.bus.read_if, self.source, self.sink,
                      self.sums_sink, self.sums_source, self.residuals):
            agent.log.setLevel("WARNING")
        await self.clocks(4)
        dut.rst.value = 0
        await self.clocks(2)
        cocotb.start_soon(self._converter())
        cocotb.start_soon(self._forget())

    async def reset(self, clocks):
        """Reset the tile; the macro forgets its windows, the streams what was not taken."""
        self.dut.rst.value = 1
        await self.clocks(1)
        await self.clocks(1)  # by now no window can close any more
        if self._answering:
            self._answer_task.cancel()
        for agent in (self.source, self.residuals, self.sums_source, self.sink, self.sums_sink):
            agent.clear()
        self.windows.clear()
        self._answering, self._answered = False, 0
        self.dut.answered.value = 0
        await self.clocks(clocks)
        self.dut.rst.value = 0
        await self.clocks(2)

    async def clocks(self, count):
        for _ in range(count):
            await RisingEdge(self.dut.clk)

    async def _converter(self):
        """Take down every window as it closes."""
        dut = self.dut
        while True:
            await ValueChange(dut.reads)
            if dut.reads.value.to_unsigned() == 0:
                continue
            self.windows.append(self._window())
            self.closed_at = int(get_sim_time("ns")) // PERIOD_NS - 1
            if dut.flush.value:
                self._answered = len(self.windows)
            elif not self._answering:
                self._answering = True
                self._answer_task = cocotb.start_soon(self._answer())

    async def _forget(self):
        """In a flush, windows that have not been answered are not answered any more."""
        while True:
            await RisingEdge(self.dut.flush)
            self._answered = len(self.windows)

    async def _answer(self):
        """Answer windows in their order, each when the one before was taken."""
        dut, config = self.dut, self.config
        bits, counters = config.readout.counter_bits, config.counters
        while self._answered < len(self.windows):
            window = self.windows[self._answered]
            await self.answer.wait()
            if self._answered > window.number:  # forgotten meanwhile
                continue
            part = slice(window.block * counters, (window.block + 1) * counters)
            self._answered += 1
            dut.answer.value = packed(self.counts_of(window)[:, part].ravel(), bits)
            dut.answered.value = self._answered
            await FallingEdge(dut.waiting)
        self._answering = False

    def _window(self):
        dut = self.dut
        length = np.packbits(bits_of(dut.lengths), bitorder="little").astype(np.int64)
        plus, minus, first, second, used, negative, *rest = bits_of(dut.described).tolist()
        code_bits = self.config.readout.reference_bits
        code, block = (sum(bit << k for k, bit in enumerate(part))
                       for part in (rest[:code_bits], rest[code_bits:]))
        return Window(
            number=len(self.windows),
            lengths=np.where(bits_of(dut.polarity) == 1, -length, length),
            clocks=dut.window.value.to_unsigned(),
            sides={(1, 1): "both", (1, 0): "plus", (0, 1): "minus"}[plus, minus],
            devices=first | second << 1,
            block=block,
            reference=(~code if negative else code) if used else None)

    async def write(self, address, value):
        """Write a word, or raise `Refused`."""
        self.accesses += 1
        answer = await self.bus.write(address, (value & 0xFFFFFFFF).to_bytes(4, "little"))
        if answer.resp != AxiResp.OKAY:
            raise Refused(f"write of {value:#x} to {address:#x}")

    async def read(self, address):
        """Read a word, or raise `Refused`."""
        self.accesses += 1
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
                       read_mode=READ_MODES.index(settings.read_mode), reads=settings.reads)

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
        """Queue a vector of signed bytes, one for each row."""
        self._send(self.source, np.asarray(vector, np.int8), self.config.stream.x_bits // 8)

    def send_residual(self, vector):
        """Queue a vector of signed bytes, one for each column of a result."""
        self._send(self.residuals, np.asarray(vector, np.int8), self.config.stream.y_bits // 8)

    def send_sums(self, vector):
        """Queue partial sums, one for each column of a result."""
        self._send(self.sums_source, np.asarray(vector, self._sum),
                   self.config.stream.y_bits // 8 * self._sum.itemsize)

    @property
    def _sum(self):
        return np.dtype(f"<i{self.config.sum_bits // 8}")

    @staticmethod
    def _send(source, values, size):
        """Whole beats of ``size`` bytes; what the last one lacks is 0."""
        data = values.tobytes()
        source.send_nowait(AxiStreamFrame([
            int.from_bytes(data[k:k + size], "little") for k in range(0, len(data), size)]))

    async def receive(self):
        """The next result vector, (columns,) int64."""
        return self._received(await self.sink.recv(), np.dtype(np.int8))

    async def receive_sums(self):
        """The next vector of partial sums, (columns,) int64."""
        return self._received(await self.sums_sink.recv(), self._sum)

    def _received(self, frame, kind):
        assert not np.any(frame.tuser), "a vector was cut off"
        size = self.config.stream.y_bits // 8 * kind.itemsize
        data = b"".join(beat.to_bytes(size, "little") for beat in frame.tdata)
        return np.frombuffer(data, kind).astype(np.int64)

    async def start_chain(self, descriptors, *, loops=1):
        """Write descriptors into the table, and start them; see `golden.host.chain`."""
        for address, value in (*descriptor_writes(descriptors, self.config),
                               *start_writes(0, len(descriptors) - 1, loops=loops)):
            await self.write(address, value)

    async def chain_ends(self):
        """Wait until no chain runs."""
        while (await self.get("STATUS"))["running"]:
            pass

    async def stopped(self):
        """Wait until nothing is between the streams, then check that nothing was left over."""
        while (await self.get("STATUS"))["busy"]:
            pass
        assert self.sink.empty() and self.sums_sink.empty(), "results beyond those expected"
        assert self.source.empty() and self.residuals.empty() and self.sums_source.empty(), (
            "vectors were not taken")
        assert self.dut.misdriven.value == 0, "a row was driven outside its pulse"
        assert self.dut.broken.value == 0, "a handshake or the safe state was broken"
