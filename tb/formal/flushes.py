"""A flush breaks no stream: what is offered stays, what is open ends, the rest is dropped."""

from amaranth.hdl import Signal

from hw.streams.realign import Realign
from hw.streams.vector_end import VectorEnd
from tb.formal.plant import Plant
from tb.formal.property import Property
from tb.formal.rules import ends_cut_vectors, kept, taken, waiting

__all__ = ["PROPERTIES"]

def vector_end(wrapper):
    block = wrapper.add(VectorEnd(8))
    i, o = block.i, block.o
    later = wrapper.before(block.flush)
    again = i.valid & (i.payload.as_value() == wrapper.before(i.payload))
    wrapper.assume(again, when=waiting(wrapper, i) & ~later)
    wrapper.assume(~i.valid, when=later & block.flush)
    owes = ends_cut_vectors(
        wrapper, block.flush, valid=o.valid, ready=o.ready, data=o.payload.data,
        last=o.payload.last, broken=o.payload.broken)
    wrapper.require(block.busy == owes)
    wrapper.require((o.valid == i.valid) & (i.ready == o.ready), when=~owes)
    wrapper.require((o.payload.data == i.payload.data) & (o.payload.last == i.payload.last),
                    when=o.valid & ~owes)
    wrapper.require(~i.ready, when=owes)


def realign(wrapper):
    block = wrapper.add(Realign(8))
    i, o = block.i, block.o
    kept(wrapper, i)
    within, old = Signal(), Signal()
    with wrapper.m.If(taken(i)):
        wrapper.m.d.sync += within.eq(~i.payload.last)
        with wrapper.m.If(i.payload.last):
            wrapper.m.d.sync += old.eq(0)
    with wrapper.m.If(block.flush & within):
        wrapper.m.d.sync += old.eq(1)
    wrapper.require(o.valid == (i.valid & ~old & ~block.flush))
    wrapper.require(o.payload.as_value() == i.payload.as_value(), when=o.valid)
    wrapper.require(taken(i) == (taken(o) | (i.valid & old & ~block.flush)))
    wrapper.reach(taken(o) & wrapper.before(taken(i) & old))
    wrapper.reach(taken(i) & ~i.payload.last & old)


PROPERTIES = (
    Property(
        name="flush_vector_end",
        sentence="A beat stays through a flush; a vector that a flush left open ends with one "
                 "beat, last and broken, and no other is broken; the rest passes as it is.",
        build=vector_end,
        plant=Plant(VectorEnd, "open_after = Mux(taken, ~self.o.payload.last, within)",
                    "open_after = within")),
    Property(
        name="flush_realign",
        sentence="No beat of a vector that began before a flush passes after it, and every other "
                 "one does.",
        build=realign,
        plant=Plant(Realign, "with m.If(self.flush & within):",
                    "with m.If(self.flush & within & self.i.valid):")),
)
