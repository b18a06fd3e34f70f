"""The `count` front end: the macro hands over counts."""

from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.readout.payloads import count_pairs

__all__ = ["CountFrontEnd"]


class CountFrontEnd(wiring.Component):
    """Takes the counts of a window from the macro, when they are due and not before.

    The macro offers the counts of its windows in their order, and may clear a bank when its counts
    were taken: its gate opens two clocks later at the earliest.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    counts : In(stream.Signature(count_pairs(config, counters)))
    due : In(1)
        A window has closed.
    o : Out(stream.Signature(count_pairs(config, counters)))
    """

    def __init__(self, config):
        payload = count_pairs(config, config.counters)
        super().__init__({
            "counts": In(stream.Signature(payload)),
            "due": In(1),
            "o": Out(stream.Signature(payload)),
        })

    def elaborate(self, platform):
        m = Module()
        m.d.comb += [
            self.o.payload.eq(self.counts.payload),
            self.o.valid.eq(self.counts.valid & self.due),
            self.counts.ready.eq(self.o.ready & self.due),
        ]
        return m
