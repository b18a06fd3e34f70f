"""A tile with write heads, and an array behind both, beside golden that programs its twin.

The configuration comes in the environment variable TILE.
"""

import copy
import os

import cocotb
import numpy as np
from cocotb.simtime import get_sim_time
from cocotb.triggers import RisingEdge

from golden.array.pulse_array import PulseArray
from golden.array.pulse_response import PulseResponse
from golden.config import TileConfig
from golden.descriptors import Descriptor
from golden.host.program import settings_writes, target_vector, unlock_writes
from golden.program.clocks import job_clocks
from golden.program.engine import program_rows
from golden.registers import STICKY, sum_address
from tb.agents.patient_source import PatientSource
from tb.cases.program_engine import Logged, split
from tb.tile_bench import TileBench
from tb.write_heads import WriteHeads

__all__ = ["BEAT_ROWS", "COLUMNS", "CONFIG", "FULL", "LANES", "ROWS", "ProgramBench",
           "clear_status", "product", "tile_clocks"]

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
ROWS, COLUMNS, LANES = CONFIG.array.rows, CONFIG.array.columns, CONFIG.nmpu.lanes
BEAT_ROWS = CONFIG.stream.x_bits // 8
FULL = 80 * CONFIG.program.devices
"""Counts of the largest target."""
COUNTS_PER_US = 3.584
"""Of a verify read: the nominal 35 MHz/µA at 0.2 V, in four windows."""
THROUGH = 6
"""Clocks of a verify read beside its windows and the groups of its last one: to the row drivers,
and through the readout."""
BETWEEN = 3
"""Clocks from one window to the next with a single bank of counters, which is captured first."""


class ProgramBench:
    """Programs the array, and with golden its twin.

    Parameters
    ----------
    dut
        The handle of ``tile_bench``.
    rng : numpy.random.Generator
    settings : ProgramSettings
        Fewer windows count as much as more.
    """

    def __init__(self, dut, rng, settings):
        self.rng, self.dut, self.settings = rng, dut, settings
        devices = PulseResponse().sample((CONFIG.program.devices, 2, ROWS, COLUMNS), rng)
        self.array = PulseArray(devices, counts_per_us=COUNTS_PER_US / settings.windows, seed=7,
                                counter_bits=CONFIG.readout.counter_bits)
        self.heads = WriteHeads(dut, CONFIG, self.array)
        self.tile = TileBench(dut, CONFIG, self.counts_of)
        self.source = PatientSource(dut, CONFIG)

    def counts_of(self, window):
        if self.heads.is_verify_read(window):
            return self.heads.counts(window)
        return product(self.array, window.lengths[None])[0]

    async def start(self):
        await self.tile.start()
        self.heads.start()
        await self.write(unlock_writes())
        await self.write(settings_writes(self.settings, CONFIG))
        await self.tile.set("IRQ_ENABLE", program_done=1, fault=1)

    async def write(self, writes):
        for address, value in writes:
            await self.tile.write(address, value)

    def job(self, *, rows, first_row=0, first_column=0, columns=None, **fields):
        """A descriptor and random targets for it, a few of them 0."""
        job = Descriptor(kind="program", first_row=first_row, rows=rows,
                         first_column=first_column, columns=columns, **fields)
        width = COLUMNS - first_column if columns is None else columns
        targets = self.rng.integers(-FULL, FULL + 1, (rows, width))
        targets[self.rng.random(targets.shape) < 0.1] = 0
        return job, targets

    def golden(self, job, targets):
        """What golden makes of the twin of the array as it is now."""
        twin = Logged(copy.deepcopy(self.array))
        rows = program_rows(targets, twin, first_row=job.first_row,
                            first_column=job.first_column, settings=self.settings)
        return rows, twin

    async def ends(self):
        """Wait for the interrupt; clear it."""
        if not int(self.dut.irq.value):
            await RisingEdge(self.dut.irq)
        self.ended = int(get_sim_time("ns"))
        await clear_status(self.tile)

    async def run(self, job, targets):
        """A job on its own, against golden: pulses, array, registers; golden's rows."""
        rows, twin = self.golden(job, targets)
        await self.program(job, targets)
        await self.compare(rows, twin)
        return rows

    async def program(self, job, targets):
        """A job on its own; its clocks, from its first beat of targets to its interrupt."""
        self.heads.forget()
        feed = self.feed(targets)
        await self.tile.start_chain([job])
        await self.ends()
        await feed
        return self.ended - self.source.first_taken

    def feed(self, targets):
        """Begin to send rows of targets; the task."""
        return cocotb.start_soon(self.source.send([target_vector(row, CONFIG) for row in targets]))

    async def compare(self, rows, twin):
        """Every pulse, the array, the last read and the registers, against golden."""
        np.testing.assert_equal(
            [(row, trailing > 0, cells) for row, _, trailing, cells in self.heads.log],
            split(twin.pulses, CONFIG.program.heads))
        np.testing.assert_array_equal(self.array.g_us, twin.g_us)
        converged = np.array([row.converged for row in rows])
        rounds = np.array([row.rounds for row in rows])
        get = self.tile.get
        result = await get("PROGRAM_RESULT")
        assert result == {"rows": len(rows), "rounds": rounds.max(), "clipped": 0, "surplus": 0}
        for name, wanted in (("CELLS", converged.size), ("CONVERGED", converged.sum()),
                             ("FAILED", (~converged).sum()), ("PULSES", rounds.sum())):
            assert (await get(f"PROGRAM_{name}"))["count"] == wanted, name
        sums = [await self.tile.read(sum_address(column)) for column in range(COLUMNS)]
        np.testing.assert_array_equal(np.array(sums, np.uint32).astype(np.int32), twin.last_read)

    def tile_clocks(self, rows, job):
        """Those of `program`, by golden."""
        return tile_clocks(rows, CONFIG, self.settings, first_column=job.first_column)


def tile_clocks(rows, config, settings, *, first_column=0):
    """Clocks of a job in a tile, from its first beat of targets to its interrupt.

    Those of `golden.program.clocks`, which takes the clocks of a verify read as they are, and less
    what lies before the first beat: the engine starts, finds the first group and asks for the row.
    """
    windows = settings.windows * config.blocks
    between = BETWEEN if config.readout.counter_banks == 1 else 0
    read = windows * (128 + between) - between + THROUGH + config.counters // config.nmpu.lanes
    return job_clocks(rows, config, settings, first_column=first_column, read_clocks=read) - (
        4 + first_column // config.program.heads)


def product(array, lengths):
    """Counts (vectors, 2, columns) of what was programmed, without noise, whatever the order."""
    shares = np.rint(array.g_us.sum(axis=0) * 64).astype(np.int64)
    plus, minus = np.maximum(lengths, 0), np.maximum(-lengths, 0)
    counts = np.stack([plus @ shares[0] + minus @ shares[1], minus @ shares[0] + plus @ shares[1]],
                      axis=1) >> 10
    return np.minimum(counts, (1 << CONFIG.readout.counter_bits) - 1)


async def clear_status(tile):
    await tile.set("STATUS", **{f.name: 1 for f in STICKY})
