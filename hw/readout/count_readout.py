"""The `count` front end: the macro hands over counts, the readout buffers and deals them."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.readout.payloads import count_pairs, group_of_counts, tag

__all__ = ["CountReadout"]


class CountReadout(wiring.Component):
    """Captures the counts of all columns at once, then deals one column per lane and clock.

    The macro's counters are the first buffer and the capture register the second: once the counts
    are captured, the array may integrate again while they drain. The first group is offered the
    clock after the capture; the next capture may coincide with the last group's departure.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    i : In(stream.Signature(count_pairs(config, columns)))
        Counts of the read just integrated.
    due : In(1)
        A read has been integrated and waits for its counts; none are taken before.
    tag : In(tag(config))
        Of that read.
    captured : Out(1)
        Its counts are being captured.
    full : Out(1)
        One of them stands at full scale.
    uses_bank : Out(2)
        Bit ``b``: the captured read needs coefficient bank ``b``.
    busy : Out(1)
        A captured read has not drained.
    o : Out(stream.Signature(group_of_counts(config)))
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "i": In(stream.Signature(count_pairs(config, config.array.columns))),
            "due": In(1),
            "tag": In(tag(config)),
            "captured": Out(1),
            "full": Out(1),
            "uses_bank": Out(2),
            "busy": Out(1),
            "o": Out(stream.Signature(group_of_counts(config))),
        })

    def elaborate(self, platform):
        m = Module()
        lanes, bits = self._config.nmpu.lanes, self._config.readout.counter_bits
        counts = Signal.like(self.i.payload)
        held = Signal.like(self.tag)
        group = Signal.like(self.o.payload.group)
        occupied = Signal()
        leaving = Signal()

        for polarity in ("p", "n"):
            m.d.comb += self.o.payload.counts[polarity].eq(
                counts[polarity].as_value().word_select(group, lanes * bits))
        m.d.comb += [
            self.o.valid.eq(occupied),
            self.o.payload.group.eq(group),
            self.o.payload.tag.eq(held),
            leaving.eq(self.o.ready & (group == self._config.groups - 1)),
            self.i.ready.eq(self.due & (~occupied | leaving)),
            self.captured.eq(self.i.valid & self.i.ready),
            self.full.eq(self.captured & Cat(
                self.i.payload[polarity][column].all()
                for polarity in ("p", "n") for column in range(self._config.array.columns)).any()),
            self.busy.eq(occupied),
            self.uses_bank.eq(Mux(occupied, 1 << held.bank, 0)),
        ]
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += group.eq(group + 1)
            with m.If(leaving):
                m.d.sync += [group.eq(0), occupied.eq(0)]
        with m.If(self.captured):
            m.d.sync += [counts.eq(self.i.payload), held.eq(self.tag), occupied.eq(1)]
        return m
