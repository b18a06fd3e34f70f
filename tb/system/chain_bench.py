"""A tile that runs chains of jobs, beside golden that is told the same.

The configuration comes in the environment variable TILE.
"""

import os

import cocotb
import numpy as np
from cocotb.triggers import RisingEdge

from golden.chain import run_chain
from golden.config import TileConfig
from golden.descriptors import Descriptor
from golden.descriptors import words as descriptor_words
from golden.nmpu import Coefficients
from golden.registers.descriptors import KINDS
from tb.agents.pauses import pauses
from tb.cases.chains import Chains
from tb.integer_array import IntegerArray
from tb.tile_bench import TileBench

__all__ = ["COLUMNS", "CONFIG", "started"]

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
ROWS, COLUMNS = CONFIG.array.rows, CONFIG.array.columns
AGENTS = ("source", "residuals", "sums_source", "sink", "sums_sink")


class Port:
    """An input stream, and which of its vectors are through."""

    def __init__(self, dut, name, source, send):
        self._valid, self._ready, self._last = (
            getattr(dut, f"{name}_{wire}") for wire in ("tvalid", "tready", "tlast"))
        self._clk, self._source, self._send = dut.clk, source, send
        self.pending = []

    async def watch(self):
        while True:
            await RisingEdge(self._clk)
            if self._valid.value and self._ready.value and self._last.value:
                self.pending.pop(0)

    def send(self, vectors):
        for vector in vectors:
            self._send(vector)
            self.pending.append(vector)

    def give_up(self):
        """Forget what has not been offered; what has been stays, as the stream wants it."""
        self._source.clear()
        del self.pending[1 if self._valid.value else 0:]


class ChainBench:
    """A tile, an array, two banks of coefficients, and chains of random multiplications."""

    def __init__(self, dut, rng):
        self.rng = rng
        self.array = IntegerArray(CONFIG, rng)
        self.tile = TileBench(dut, CONFIG, lambda window: self.array.counts(
            window.lengths[None], sides=window.sides)[0])
        self.banks = [Coefficients.random(CONFIG, rng) for _ in range(2)]
        self._chains = Chains(CONFIG, rng, repeat=4, reads=3)

    async def start(self):
        tile = self.tile
        await tile.start()
        self.ports = {
            "x": Port(tile.dut, "x", tile.source, tile.send),
            "residual": Port(tile.dut, "residual", tile.residuals, tile.send_residual),
            "sums": Port(tile.dut, "i_sums", tile.sums_source, tile.send_sums)}
        for port in self.ports.values():
            cocotb.start_soon(port.watch())
        for bank in (1, 0):
            await self.tile.load(self.banks[bank])
            await self.tile.swap(run=False)

    def pause(self, longest):
        for name, rng in zip(AGENTS, self.rng.spawn(len(AGENTS)), strict=True):
            getattr(self.tile, name).set_pause_generator(pauses(rng, longest))

    def chain(self, length):
        """Random jobs that multiply, no pair of them torn apart."""
        while True:
            fields = self._chains.chain(length)
            if all(f["kind"] == KINDS.index("multiply") for f in fields):
                return [Descriptor.from_words(descriptor_words(f), CONFIG) for f in fields]

    async def golden(self, jobs, *, loops=1):
        """What the tile must do with random vectors, and those vectors.

        The first of them are those that an abort has left at the streams.
        """
        jobs = [Descriptor.from_words(job.words(CONFIG), CONFIG) for job in jobs]
        rng, count = self.rng, loops * sum(job.repeat * job.settings.reads for job in jobs)
        streams = {
            "x": rng.integers(-128, 128, (count, ROWS)),
            "residual": rng.integers(-128, 128, (count, COLUMNS)),
            "sums": rng.integers(-1 << 31, 1 << 31, (count, COLUMNS)) >> rng.integers(
                0, 24, (count, COLUMNS))}
        streams = {name: [list(v) for v in vectors] for name, vectors in streams.items()}
        # Vectors have the length of what they are for, so that the streams stay aligned.
        place = dict.fromkeys(streams, 0)
        for job in jobs * loops:
            for _ in range(job.repeat):
                for name, wanted, length in (
                        ("x", job.settings.reads * (job.source == "x"), job.rows),
                        ("sums", job.sums, job.columns),
                        ("residual", job.settings.residual and job.destination in (
                            "y", "activations"), job.columns)):
                    for _ in range(int(wanted)):
                        del streams[name][place[name]][length:]
                        place[name] += 1
        for name, port in self.ports.items():
            streams[name][:len(port.pending)] = port.pending
        run = run_chain(jobs, CONFIG, counts_of=self.array.read, banks=self.banks,
                        bank=(await self.tile.get("STATUS"))["bank"], loops=loops, **streams)
        assert run.taken == place
        return run, streams

    def send(self, run, streams):
        for name, port in self.ports.items():
            port.send(streams[name][len(port.pending):run.taken[name]])

    async def compare(self, run, first):
        """Results, partial sums and pulses of a chain that has been started."""
        tile = self.tile
        np.testing.assert_equal([await tile.receive() for _ in run.y], run.y)
        np.testing.assert_equal([await tile.receive_sums() for _ in run.sums], run.sums)
        await tile.chain_ends()
        np.testing.assert_array_equal([w.lengths for w in tile.windows[first:]], run.lengths)
        await tile.stopped()


async def started(dut):
    """A bench after reset, with coefficients in both banks."""
    bench = ChainBench(dut, np.random.default_rng(cocotb.RANDOM_SEED))
    await bench.start()
    return bench
