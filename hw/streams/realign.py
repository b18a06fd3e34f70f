"""After a flush the rest of the vector that was under way is dropped: the next one is whole."""

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.streams.axi import beat

__all__ = ["Realign"]


class Realign(wiring.Component):
    """Passes beats on in the same clock; during a flush it takes none.

    If a flush begins within a vector, the beats up to and including the one with ``last`` are
    taken and dropped.

    Parameters
    ----------
    width : int
        Bits of a beat.

    Members
    -------
    i, o : In, Out(stream.Signature(beat(width)))
    flush : In(1)
        What is behind ``o`` forgets all it has; at least one clock.
    """

    def __init__(self, width):
        super().__init__({
            "i": In(stream.Signature(beat(width))),
            "o": Out(stream.Signature(beat(width))),
            "flush": In(1),
        })

    def elaborate(self, platform):
        m = Module()
        within = Signal()
        dropping = Signal()
        m.d.comb += [
            self.o.payload.eq(self.i.payload),
            self.o.valid.eq(self.i.valid & ~dropping & ~self.flush),
            self.i.ready.eq((dropping | self.o.ready) & ~self.flush),
        ]
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += within.eq(~self.i.payload.last)
            with m.If(self.i.payload.last):
                m.d.sync += dropping.eq(0)
        with m.If(self.flush & within):
            m.d.sync += dropping.eq(1)
        return m
