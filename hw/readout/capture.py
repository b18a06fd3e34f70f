"""One register holds the counts of a window and deals them, so that the counters are free again."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.readout.payloads import count_pairs, group_of_counts, tag

__all__ = ["Capture", "window_counts"]


def window_counts(config):
    """Counts of a whole window: every pair of counters, and the read's ``tag``."""
    return data.StructLayout({
        "counts": count_pairs(config, config.counters), "tag": tag(config)})


class Capture(wiring.Component):
    """Captures the counts of all counters at once, then deals one column per lane and clock.

    The counters are the first buffer and this register the second: once the counts are captured,
    the counters may be cleared while they drain. The first group is offered the clock after the
    capture; the next capture may coincide with the last group's departure. Only groups from the
    tag's ``first_group`` to its ``last_group`` are dealt; a window that has none of them is dropped
    with its capture.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    i : In(stream.Signature(window_counts(config)))
    full : Out(counters)
        Bit ``k``: a counter of pair ``k`` that is being captured stands at full scale.
    uses_bank : Out(2)
        Bit ``b``: the captured read needs coefficient bank ``b``.
    busy : Out(1)
        A captured read has not drained.
    o : Out(stream.Signature(group_of_counts(config)))
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "i": In(stream.Signature(window_counts(config))),
            "full": Out(config.counters),
            "uses_bank": Out(2),
            "busy": Out(1),
            "o": Out(stream.Signature(group_of_counts(config))),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        width = config.nmpu.lanes * config.readout.counter_bits
        groups = config.counters // config.nmpu.lanes
        # Not reset, so that its clock can be gated: it means nothing unless `occupied`.
        held = Signal.like(self.i.payload, reset_less=True)
        group, final = (Signal(range(max(groups, 2)), name=name) for name in ("group", "final"))
        occupied = Signal()
        leaving = Signal()
        captured = Signal()
        start, end, empty = self._range(m, groups)

        for polarity in ("p", "n"):
            m.d.comb += self.o.payload.counts[polarity].eq(
                held.counts[polarity].as_value().word_select(group, width))
        m.d.comb += [
            self.o.valid.eq(occupied),
            self.o.payload.group.eq(held.tag.block * groups + group),
            self.o.payload.tag.eq(held.tag),
            leaving.eq(self.o.ready & (group == final)),
            self.i.ready.eq(~occupied | leaving),
            captured.eq(self.i.valid & self.i.ready),
            self.full.eq(Cat(captured & (self.i.payload.counts.p[k].all()
                                         | self.i.payload.counts.n[k].all())
                             for k in range(config.counters))),
            self.busy.eq(occupied),
            self.uses_bank.eq(Mux(occupied, 1 << held.tag.bank, 0)),
        ]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += group.eq(group + 1)
            with m.If(leaving):
                m.d.sync += occupied.eq(0)
        with m.If(captured):
            m.d.sync += [held.eq(self.i.payload), occupied.eq(~empty), group.eq(start),
                         final.eq(end)]
        return m

    def _range(self, m, groups):
        """First and last group of the offered window that are to be dealt; whether none is."""
        given, blocks = self.i.payload.tag, self._config.blocks
        start, end = (Signal(range(max(groups, 2)), name=name) for name in ("start", "end"))
        empty = Signal()
        with m.Switch(given.block):
            for block in range(blocks):
                low, high = block * groups, (block + 1) * groups - 1
                with m.Case(block):
                    if groups > 1:
                        m.d.comb += [
                            start.eq(given.first_group - low), end.eq(given.last_group - low)]
                    # What is before the first block, or after the last one, need not be asked.
                    if block > 0:
                        with m.If(given.first_group < low):
                            m.d.comb += start.eq(0)
                        with m.If(given.last_group < low):
                            m.d.comb += empty.eq(1)
                    if block < blocks - 1:
                        with m.If(given.last_group > high):
                            m.d.comb += end.eq(groups - 1)
                        with m.If(given.first_group > high):
                            m.d.comb += empty.eq(1)
        return start, end, empty
