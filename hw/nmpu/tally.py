"""Readouts of calibration vectors, added column by column, in four slots."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from golden.drift.formats import DriftFormats
from golden.formats import NmpuFormats
from hw.formats.q import Q
from hw.nmpu.tally_lane import TallyLane
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
        lane = Signal(range(max(lanes, 2)))
        m.d.sync += lane.eq(self.bus.column % lanes)
        words = 4 << group_bits
        next_word, word, inspected_word = (Signal(range(words), name=name) for name in (
            "next_word", "word", "inspected_word"))
        m.d.comb += [
            next_word.eq(Cat(self.next_group[:group_bits], self.slot)),
            word.eq(Cat(self.group[:group_bits], self.slot)),
            inspected_word.eq(Cat((self.bus.column // lanes)[:group_bits], self.bus.slot)),
        ]
        parts = [TallyLane(self._config, words=words) for _ in range(lanes)]
        for k, part in enumerate(parts):
            m.submodules[f"tally_lane_{k}"] = part
            m.d.comb += [
                *(getattr(part, name).eq(getattr(self, name))
                  for name in ("en", "valid", "restart", "absolute")),
                part.next_word.eq(next_word),
                part.word.eq(word),
                part.inspected_word.eq(inspected_word),
                part.i.eq(self.i[k]),
            ]
        with m.Switch(lane):
            for k, part in enumerate(parts):
                with m.Case(k):
                    m.d.comb += self.bus.sum.eq(part.inspected)
        return m
