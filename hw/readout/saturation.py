"""Which columns have met full scale, and how often a window has."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.registers import WINDOW_BITS
from hw.control.register_bus import RegisterBus
from hw.readout.payloads import block_range

__all__ = ["Saturation"]


class Saturation(wiring.Component):
    """A sticky flag per column, read and cleared 32 at a time.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    full : In(counters)
        Counters captured in this clock at full scale; all 0 if none is captured.
    block : In(block_range(config))
        Part of the columns that they count.
    any_full : Out(1)
    bus : In(RegisterBus())
        Word ``w`` has the columns from ``32 w``; writing 1 clears, unless ``full`` sets.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "full": In(config.counters),
            "block": In(block_range(config)),
            "any_full": Out(1),
            "bus": In(RegisterBus()),
        })

    def elaborate(self, platform):
        m = Module()
        columns, counters = self._config.array.columns, self._config.counters
        words = -(-columns // 32)
        flags = Signal(columns)
        setting = Signal(columns)
        clearing = Signal(columns)
        word = self.bus.address[2:WINDOW_BITS]
        exists = (self.bus.address[:2] == 0) & (word < words)

        for block in range(self._config.blocks):
            with m.If(self.block == block):
                m.d.comb += setting[block * counters:(block + 1) * counters].eq(self.full)
        m.d.comb += self.any_full.eq(self.full.any())
        m.d.sync += [
            flags.eq((flags & ~clearing) | setting),
            self.bus.refused.eq(~exists),
            self.bus.read.eq(0),
        ]
        for k in range(words):
            part = slice(32 * k, min(32 * k + 32, columns))
            with m.If(exists & (word == k)):
                m.d.sync += self.bus.read.eq(flags[part])
                with m.If(self.bus.access & self.bus.write):
                    m.d.comb += clearing[part].eq(self.bus.data[:part.stop - part.start])
        return m
