"""Readouts of calibration vectors, added column by column, in four slots."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from golden.drift.formats import DriftFormats
from golden.formats import NmpuFormats
from hw.formats.q import Q
from hw.readout.payloads import group_range

__all__ = ["Tally", "TallyBus"]


class TallyBus(wiring.Signature):
    """One sum at a time, seen from the side that reads.

    Members
    -------
    slot : Out(2)
    column : Out(range(columns))
    sum : In(Q(DriftFormats.sum))
        Of the slot and column of the clock before.
    """

    def __init__(self, config):
        super().__init__({
            "slot": Out(2),
            "column": Out(range(config.array.columns)),
            "sum": In(Q(DriftFormats.of(config).sum.fmt)),
        })


class Tally(wiring.Component):
    """Adds the accumulated readouts of up to ``drift.max_repeats`` vectors, or their magnitudes.

    Throughput is one group per enabled clock, the same group again included.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    en : In(1)
        The pipeline advances.
    next_group : In(group_range(config))
        Group that ``i`` will carry after the next enabled clock.
    group : In(group_range(config))
    valid : In(1)
        ``i`` is to be added.
    restart : In(1)
        It starts new sums.
    slot : In(2)
        Steady while a measurement runs.
    absolute : In(1)
        Add magnitudes.
    i : In(ArrayLayout(Q(NmpuFormats.accumulated), lanes))
    bus : In(TallyBus(config))
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "en": In(1),
            "next_group": In(group_range(config)), "group": In(group_range(config)),
            "valid": In(1), "restart": In(1), "slot": In(2), "absolute": In(1),
            "i": In(data.ArrayLayout(Q(NmpuFormats.of(config).accumulated.fmt),
                                     config.nmpu.lanes)),
            "bus": In(TallyBus(config)),
        })

    def elaborate(self, platform):
        m = Module()
        lanes, group_bits = self._config.nmpu.lanes, ceil_log2(self._config.groups)
        m.submodules.sums = sums = Memory(
            shape=data.ArrayLayout(self.bus.sum.shape(), lanes), depth=4 << group_bits, init=[])
        write = sums.write_port()
        read = sums.read_port(transparent_for=[write])
        inspect = sums.read_port()

        lane = Signal(range(max(lanes, 2)))
        m.d.comb += [
            read.en.eq(self.en),
            read.addr.eq(Cat(self.next_group[:group_bits], self.slot)),
            write.en.eq(self.en & self.valid),
            write.addr.eq(Cat(self.group[:group_bits], self.slot)),
            inspect.en.eq(1),
            inspect.addr.eq(Cat((self.bus.column // lanes)[:group_bits], self.bus.slot)),
            self.bus.sum.as_value().eq(inspect.data[lane].raw),
        ]
        m.d.sync += lane.eq(self.bus.column % lanes)
        for k in range(lanes):
            value = self.i[k].raw
            # Its magnitude is the complement and 1, which the same adder takes as its carry.
            turned = self.absolute & value[-1]
            before = Mux(self.restart, 0, read.data[k].raw)
            m.d.comb += write.data[k].eq_proven(
                (value ^ turned.replicate(len(value)).as_signed()) + before + turned)
        return m
