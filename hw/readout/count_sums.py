"""Counts of a measurement, added column by column."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from golden.registers import MOST_REPEATS, WINDOW_BITS
from hw.control.register_bus import RegisterBus
from hw.readout.payloads import group_of_counts

__all__ = ["CountSums"]


class CountSums(wiring.Component):
    """Adds up to `golden.registers.MOST_REPEATS` counts of one polarity per column; none wraps.

    Throughput is one group per clock; a group of a read that is ``first`` starts new sums.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    i : In(stream.Signature(group_of_counts(config)))
        Always ready.
    negative : In(1)
        Add the counts of N, otherwise those of P.
    bus : In(RegisterBus())
        Word ``c`` is the sum of column ``c``; read only.
    done : Out(1)
        The last group of the last read has been added; one clock.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "i": In(stream.Signature(group_of_counts(config))),
            "negative": In(1),
            "bus": In(RegisterBus()),
            "done": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        lanes, groups = config.nmpu.lanes, config.groups
        width = config.readout.counter_bits + ceil_log2(MOST_REPEATS)
        shape = data.ArrayLayout(width, lanes)
        group_bits = ceil_log2(groups)

        m.submodules.memory = sums = Memory(shape=shape, depth=groups, init=[])
        write = sums.write_port()
        read = sums.read_port(transparent_for=[write])
        inspect = sums.read_port()

        # The old sum is read while the group arrives and written with the count a clock later.
        counts = Signal(data.ArrayLayout(config.readout.counter_bits, lanes))
        first, last, group = Signal(), Signal(), Signal(group_bits)
        arriving = self.i.payload
        m.d.comb += [
            self.i.ready.eq(1),
            read.en.eq(1),
            read.addr.eq(arriving.group[:group_bits]),
            write.addr.eq(group),
            *(write.data[k].eq(counts[k] + Mux(first, 0, read.data[k])) for k in range(lanes)),
        ]
        m.d.sync += [
            write.en.eq(self.i.valid),
            counts.eq(Mux(self.negative, arriving.counts.n.as_value(),
                          arriving.counts.p.as_value())),
            first.eq(arriving.tag.first),
            last.eq(self.i.valid & arriving.tag.last & (arriving.group == groups - 1)),
            group.eq(arriving.group),
            self.done.eq(last),
        ]

        column = self.bus.address[2:WINDOW_BITS]
        lane = Signal(range(max(lanes, 2)))
        m.d.comb += [
            inspect.en.eq(1),
            inspect.addr.eq((column // lanes)[:group_bits]),
            self.bus.read.eq(Mux(self.bus.refused, 0, inspect.data[lane])),
        ]
        m.d.sync += [
            lane.eq(column % lanes),
            self.bus.refused.eq(self.bus.write | (self.bus.address[:2] != 0)
                                | (column >= config.array.columns)),
        ]
        return m
