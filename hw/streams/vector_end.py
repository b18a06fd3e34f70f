"""A vector that a flush cuts off still ends, and says that it is broken."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.streams.axi import beat, ended_beat

__all__ = ["VectorEnd"]


class VectorEnd(wiring.Component):
    """Passes beats on in the same clock, whatever happens to the one who sends them.

    A beat that is offered when a flush begins stays until it is taken. If its vector, or the one
    before, is not at its end then, a beat of zeros with ``last`` and ``broken`` follows.

    Parameters
    ----------
    width : int
        Bits of a beat.

    Members
    -------
    i : In(stream.Signature(beat(width)))
        Offers nothing from the second clock of a flush to its end.
    o : Out(stream.Signature(ended_beat(width)))
    flush : In(1)
    busy : Out(1)
        A beat that ``i`` does not offer any more, or the end of its vector, has not been taken.
    """

    def __init__(self, width):
        super().__init__({
            "i": In(stream.Signature(beat(width))),
            "o": Out(stream.Signature(ended_beat(width))),
            "flush": In(1),
            "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        held = Signal(self.o.payload.shape())
        within = Signal()
        ending = Signal()
        m.d.comb += [
            self.o.valid.eq(self.busy | self.i.valid),
            self.o.payload.eq(held),
            self.i.ready.eq(self.o.ready & ~self.busy),
        ]
        with m.If(~self.busy):
            m.d.comb += [self.o.payload.data.eq(self.i.payload.data),
                         self.o.payload.last.eq(self.i.payload.last),
                         self.o.payload.broken.eq(0)]

        taken = self.o.valid & self.o.ready
        open_after = Mux(taken, ~self.o.payload.last, within)
        end = {"data": 0, "last": 1, "broken": 1}
        m.d.sync += within.eq(open_after)
        with m.If(self.flush & ~self.busy):
            with m.If(self.o.valid & ~self.o.ready):
                m.d.sync += [held.eq(self.o.payload), self.busy.eq(1),
                             ending.eq(~self.o.payload.last)]
            with m.Elif(open_after):
                m.d.sync += [held.eq(held.shape().const(end)), self.busy.eq(1), ending.eq(0)]
        with m.Elif(self.busy & self.o.ready):
            m.d.sync += [held.eq(held.shape().const(end)), self.busy.eq(ending), ending.eq(0)]
        return m
