"""A host on the buses of a tile: writes, waits, reads; it knows nothing of the array."""

import cocotb
import numpy as np
from cocotb.simtime import get_sim_time
from cocotb.triggers import RisingEdge

from golden.host.chain import start_writes
from golden.registers import STICKY, sum_address
from tb.agents.patient_source import PatientSource
from tb.tile_bench import PERIOD_NS

__all__ = ["Host"]


class Host:
    """Words on the bus, vectors on the streams, and the interrupt.

    Parameters
    ----------
    tile : TileBench
    """

    def __init__(self, tile):
        self.tile = tile
        self._source = PatientSource(tile.dut, tile.config)

    @property
    def clock(self):
        return int(get_sim_time("ns")) // PERIOD_NS

    async def write(self, writes):
        """(address, value), one after the other."""
        for address, value in writes:
            await self.tile.write(address, value)

    async def event(self, name):
        """Wait for an event of STATUS, by interrupt, and clear all."""
        if not int(self.tile.dut.irq.value):
            await RisingEdge(self.tile.dut.irq)
        status = await self.tile.get("STATUS")
        assert status[name] and not status["fault"], status
        await self.tile.set("STATUS", **{f.name: 1 for f in STICKY})

    async def expect(self, *names):
        """Let only these events interrupt."""
        await self.tile.set("IRQ_ENABLE", **dict.fromkeys(names, 1))

    async def run(self, first, last, *, loops=1):
        """Run a chain of the table to its end."""
        await self.expect("chain_done", "fault", "chain_refused")
        await self.write(start_writes(first, last, loops=loops))
        await self.event("chain_done")

    def send(self, vectors):
        """Begin to send vectors of signed bytes; they are taken as the jobs ask for them."""
        cocotb.start_soon(self._source.send(vectors))

    async def sums(self):
        """Of a measurement, of all columns."""
        columns = range(self.tile.config.array.columns)
        return np.array([await self.tile.read(sum_address(column)) for column in columns])
