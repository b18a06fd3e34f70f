"""Counts of a measurement, added column by column."""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from golden.registers import MOST_REPEATS, WINDOW_BITS
from hw.control.register_bus import RegisterBus
from hw.readout.payloads import group_of_counts

__all__ = ["CountSums", "sum_shape"]


def sum_shape(config):
    """A sum of `golden.registers.MOST_REPEATS` counts of P less as many of N."""
    return signed(config.readout.counter_bits + ceil_log2(MOST_REPEATS) + 1)


class CountSums(wiring.Component):
    """Adds up to `golden.registers.MOST_REPEATS` counts of one polarity per column, or those of P
    less those of N; none wraps.

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
    difference : In(1)
        Add the counts of P less those of N.
    bus : In(RegisterBus())
        Word ``c`` is the sum of column ``c``; read only, and refused while ``inspect``.
    inspect : In(1)
        ``sum`` answers instead of the bus.
    column : In(range(columns))
    sum : Out(sum_shape(config))
        Of the column of the clock before.
    done : Out(1)
        The last group of the last read has been added; one clock.
    busy : Out(1)
        A group has been taken and is being added, or this is the clock of ``done``.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "i": In(stream.Signature(group_of_counts(config))),
            "negative": In(1), "difference": In(1),
            "bus": In(RegisterBus()),
            "inspect": In(1), "column": In(range(config.array.columns)),
            "sum": Out(sum_shape(config)),
            "done": Out(1), "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        lanes, groups = config.nmpu.lanes, config.groups
        shape = data.ArrayLayout(self.sum.shape(), lanes)
        group_bits = ceil_log2(groups)

        m.submodules.memory = sums = Memory(shape=shape, depth=groups, init=[])
        write = sums.write_port()
        read = sums.read_port(transparent_for=[write])
        inspect = sums.read_port()

        # The old sum is read while the group arrives and written with the count a clock later.
        counts = Signal(data.ArrayLayout(signed(config.readout.counter_bits + 1), lanes))
        first = Signal()
        last = Signal()
        group = Signal(group_bits)
        arriving = self.i.payload
        m.d.comb += [
            self.i.ready.eq(1),
            read.en.eq(1),
            read.addr.eq(arriving.group[:group_bits]),
            write.addr.eq(group),
            self.busy.eq(write.en | self.done),
            *(write.data[k].eq(counts[k] + Mux(first, 0, read.data[k])) for k in range(lanes)),
        ]
        m.d.sync += [
            write.en.eq(self.i.valid),
            *(counts[k].eq(Mux(self.negative & ~self.difference, n, p)
                           - Mux(self.difference, n, 0))
              for k, (p, n) in enumerate(zip(arriving.counts.p, arriving.counts.n,
                                             strict=True))),
            first.eq(arriving.tag.first),
            last.eq(self.i.valid & arriving.tag.last & (arriving.group == groups - 1)),
            group.eq(arriving.group),
            self.done.eq(last),
        ]

        asked = self.bus.address[2:WINDOW_BITS]
        column = Mux(self.inspect, self.column, asked)
        lane = Signal(range(max(lanes, 2)))
        m.d.comb += [
            inspect.en.eq(1),
            inspect.addr.eq((column // lanes)[:group_bits]),
            self.sum.eq(inspect.data[lane]),
            self.bus.read.eq(Mux(self.bus.refused, 0, self.sum)),
        ]
        m.d.sync += [
            lane.eq(column % lanes),
            self.bus.refused.eq(self.bus.write | (self.bus.address[:2] != 0) | self.inspect
                                | (asked >= config.array.columns)),
        ]
        return m
