"""Sums and sums of squares of the accumulated readouts of a batch of results."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from golden.drift.statistics import MOST_RESULTS, SHIFT_BITS
from golden.formats import NmpuFormats
from golden.registers import WINDOW_BITS
from hw.control.register_bus import RegisterBus
from hw.formats.q import Q
from hw.nmpu.statistics_lane import StatisticsLane
from hw.readout.payloads import group_range

__all__ = ["Statistics"]


class Statistics(wiring.Component):
    """``golden.drift.statistics.statistics`` over results as they pass.

    A batch starts with the first group of a result and ends with the last group of its last one.
    Results may have any columns; the sums of a column are those of the results that had it.
    Throughput is one group per enabled clock; the sums are complete three enabled clocks after
    the last group. Those of a new batch start when it is asked for.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    start : In(1)
        Add up the next ``results`` results.
    results : In(range(MOST_RESULTS + 1))
    shift : In(SHIFT_BITS)
        Both steady until ``done``.
    en : In(1)
        The pipeline advances.
    valid : In(1)
        ``i`` is what a result is made of.
    group, first_group, last_group : In(group_range(config))
        Of ``i``; those of its result.
    i : In(ArrayLayout(Q(NmpuFormats.accumulated), lanes))
    flush : In(1)
        Give the batch up.
    busy : Out(1)
        Groups are inside that have not been added.
    done : Out(1)
        The batch is complete; one clock.
    clipped : Out(1)
        A sample of this batch, or of the last one, was clipped.
    sums, squares_low, squares_high : In(RegisterBus())
        Word ``c`` is that of column ``c``; read only.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "start": In(1), "results": In(range(MOST_RESULTS + 1)), "shift": In(SHIFT_BITS),
            "en": In(1), "valid": In(1), "group": In(group_range(config)),
            "first_group": In(group_range(config)), "last_group": In(group_range(config)),
            "i": In(data.ArrayLayout(Q(NmpuFormats.of(config).accumulated.fmt),
                                     config.nmpu.lanes)),
            "flush": In(1), "busy": Out(1), "done": Out(1), "clipped": Out(1),
            "sums": In(RegisterBus()), "squares_low": In(RegisterBus()),
            "squares_high": In(RegisterBus()),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        lanes, groups = config.nmpu.lanes, config.groups
        group_bits = ceil_log2(groups)

        armed, running = Signal(), Signal()
        left = Signal.like(self.results)
        fresh = Signal(groups)  # groups of which the batch has no result yet
        begins = armed & (self.group == self.first_group)
        ends = self.group == self.last_group
        counts = self.en & self.valid & (begins | running)
        final = ends & (Mux(begins, self.results, left) == 1)
        with m.If(self.start):
            m.d.sync += [armed.eq(1), running.eq(0), self.clipped.eq(0), fresh.eq(~0)]
        with m.Elif(counts):
            m.d.sync += [armed.eq(0), running.eq(~final), fresh.bit_select(self.group, 1).eq(0)]
            with m.If(begins):
                m.d.sync += left.eq(self.results)
            with m.If(ends):
                m.d.sync += left.eq(Mux(begins, self.results, left) - 1)

        # Samples, their squares, and the sums, a clock each.
        valid, first, last = (Signal(2, name=name) for name in ("valids", "firsts", "lasts"))
        group_1, group_2 = Signal(group_bits), Signal(group_bits)
        with m.If(self.en):
            m.d.sync += [
                valid.eq(Cat(counts, valid)),
                first.eq(Cat(fresh.bit_select(self.group, 1), first)),
                last.eq(Cat(counts & final, last)),
                group_1.eq(self.group),
                group_2.eq(group_1),
            ]
        m.d.comb += [
            self.busy.eq(valid.any()),
            self.done.eq(self.en & valid[1] & last[1]),
        ]

        clips, inspected_group = Signal(lanes), Signal(group_bits)
        m.d.comb += inspected_group.eq(self.sums.address[2:WINDOW_BITS] // lanes)
        parts = [StatisticsLane(config) for _ in range(lanes)]
        for k, part in enumerate(parts):
            m.submodules[f"statistics_lane_{k}"] = part
            m.d.comb += [
                part.en.eq(self.en),
                part.i.eq(self.i[k]),
                part.shift.eq(self.shift),
                clips[k].eq(part.clips),
                part.next_group.eq(group_1),
                part.group.eq(group_2),
                part.valid.eq(valid[1]),
                part.first.eq(first[1]),
                part.inspected_group.eq(inspected_group),
            ]
        with m.If(counts & clips.any()):
            m.d.sync += self.clipped.eq(1)

        with m.If(self.flush):
            m.d.sync += [armed.eq(0), running.eq(0), valid.eq(0)]

        for bus, name, bits in ((self.sums, "sum", slice(0, 32)),
                                (self.squares_low, "square", slice(0, 32)),
                                (self.squares_high, "square", slice(32, 64))):
            self._answer(m, bus, [getattr(part, name)[bits] for part in parts])
        return m

    def _answer(self, m, bus, words):
        """A bus sees those of the lanes that belong to its address; all have the same one."""
        lanes = self._config.nmpu.lanes
        column = bus.address[2:WINDOW_BITS]
        lane = Signal(range(max(lanes, 2)))
        m.d.sync += [
            lane.eq(column % lanes),
            bus.refused.eq(bus.write | (bus.address[:2] != 0)
                           | (column >= self._config.array.columns)),
        ]
        with m.Switch(lane):
            for k, word in enumerate(words):
                with m.Case(k):
                    m.d.comb += bus.read.eq(Mux(bus.refused, 0, word))
