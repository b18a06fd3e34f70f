"""Vectors of the length that is wanted, whatever arrives."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Align"]


class Align(wiring.Component):
    """Pads vectors that are too short with zeros and drops what is too much of long ones.

    So the next vector begins with its own first beat, whatever the length of the one before.
    Latency is zero; throughput is one beat per clock.

    Parameters
    ----------
    shape : amaranth.lib.data.Layout
        Of the data of a beat.

    Members
    -------
    i : In(stream.Signature(StructLayout({"data": shape, "last": 1})))
        ``last`` ends a vector.
    o : Out(stream.Signature(shape))
    ends : In(1)
        The beat that is offered, or will be, is the last one that is wanted.
    misaligned : Out(1)
        A beat is taken that ends a vector too early, or does not end it in time; one clock.
    """

    def __init__(self, shape):
        super().__init__({
            "i": In(stream.Signature(data.StructLayout({"data": shape, "last": 1}))),
            "o": Out(stream.Signature(shape)),
            "ends": In(1),
            "misaligned": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        short = Signal()
        long = Signal()
        taken = self.o.valid & self.o.ready
        m.d.comb += [
            self.o.valid.eq(short | (~long & self.i.valid)),
            self.o.payload.as_value().eq(Mux(short, 0, self.i.payload.data.as_value())),
            self.i.ready.eq(long | (~short & self.o.ready)),
            self.misaligned.eq(taken & ~short & (self.i.payload.last != self.ends)),
        ]
        with m.If(taken & self.ends):
            m.d.sync += [short.eq(0), long.eq(~short & ~self.i.payload.last)]
        with m.Elif(taken & self.i.payload.last):
            m.d.sync += short.eq(1)
        with m.Elif(long & self.i.valid & self.i.payload.last):
            m.d.sync += long.eq(0)
        return m
