"""A flush breaks no stream: what is offered stays, what is open ends, the rest is dropped."""

from amaranth.hdl import Cat, Signal

from hw.streams.realign import Realign
from hw.streams.vector_end import VectorEnd
from hw.tile import Tile
from tb.formal.configs import NANO, SIDE_STREAMS
from tb.formal.plant import Plant
from tb.formal.property import Property
from tb.formal.rules import kept, taken, waiting

__all__ = ["PROPERTIES"]

NOTHING, BEAT_AND_END, END, BEAT = range(4)


def _ends(wrapper, flush, *, valid, ready, data, last, broken):
    """What the sink is owed because of a flush, and that it gets just that. Returned: whether that
    is something."""
    owed, within = Signal(2, name="owed"), Signal(name="within")
    after = Signal(name="within_after")
    goes = valid & ready
    wrapper.m.d.comb += after.eq(within)
    with wrapper.m.If(goes):
        wrapper.m.d.comb += after.eq(~last)
        wrapper.m.d.sync += owed.eq(NOTHING)
        with wrapper.m.If(owed == BEAT_AND_END):
            wrapper.m.d.sync += owed.eq(END)
    wrapper.m.d.sync += within.eq(after)
    with wrapper.m.If((owed == NOTHING) & flush):
        with wrapper.m.If(valid & ~ready):
            wrapper.m.d.sync += owed.eq(BEAT_AND_END)
            with wrapper.m.If(last):
                wrapper.m.d.sync += owed.eq(BEAT)
        with wrapper.m.Elif(after):
            wrapper.m.d.sync += owed.eq(END)
    wrapper.require(valid, when=owed != NOTHING)
    wrapper.require(last & broken & (data == 0), when=owed == END)
    wrapper.require(~broken, when=valid & (owed != END))
    wrapper.require(last == (owed == BEAT), when=(owed == BEAT_AND_END) | (owed == BEAT))
    # A beat that is offered again is the same one.
    said = Cat(data, last, broken)
    wrapper.require(valid & (said == wrapper.before(said)), when=wrapper.before(valid & ~ready))
    wrapper.reach((owed == END) & goes & wrapper.before(owed == BEAT_AND_END) & ~flush)
    wrapper.reach((owed == BEAT) & goes)
    return owed != NOTHING


def vector_end(wrapper):
    block = wrapper.add(VectorEnd(8))
    i, o = block.i, block.o
    later = wrapper.before(block.flush)
    again = i.valid & (i.payload.as_value() == wrapper.before(i.payload))
    wrapper.assume(again, when=waiting(wrapper, i) & ~later)
    wrapper.assume(~i.valid, when=later & block.flush)
    owes = _ends(wrapper, block.flush, valid=o.valid, ready=o.ready, data=o.payload.data,
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


def _tile_port(name, config):
    def build(wrapper):
        tile = Tile(config)
        parts = wrapper.open(tile)
        port = getattr(tile, name)
        _ends(wrapper, parts.supervisor.flush, valid=port.tvalid, ready=port.tready,
              data=port.tdata, last=port.tlast, broken=port.tuser)
    return build


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
    Property(
        name="flush_tile_y",
        sentence="The same at the y stream of the tile, whatever the other ports do.",
        build=_tile_port("y", NANO),
        plant=Plant(VectorEnd, "ending.eq(~self.o.payload.last)", "ending.eq(within)"),
        depth=60),
    Property(
        name="flush_tile_sums",
        sentence="The same at the stream of partial sums of the tile.",
        build=_tile_port("o_sums", SIDE_STREAMS),
        plant=Plant(VectorEnd, "ending.eq(~self.o.payload.last)", "ending.eq(within)"),
        depth=60),
)
