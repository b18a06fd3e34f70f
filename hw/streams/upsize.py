"""Several narrow beats leave as a wide one."""

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.formats.link import link
from hw.streams.axi import beat

__all__ = ["Upsize"]


class Upsize(wiring.Component):
    """Gathers beats, lowest bits first.

    A wide beat is offered the clock after its last part was taken; throughput is one narrow beat
    per clock. If both are equally wide, beats pass in the same clock.

    Parameters
    ----------
    narrow, wide : int
        Bits of a beat; ``narrow`` divides ``wide``.

    Members
    -------
    i : In(stream.Signature(beat(narrow)))
    o : Out(stream.Signature(beat(wide)))
        A part with ``last`` ends a beat before it is full: the parts missing are 0, and the beat
        has ``last``.
    """

    def __init__(self, *, narrow, wide):
        if wide % narrow:
            raise ValueError(f"narrow must divide {wide}, not {narrow}")
        self._parts = wide // narrow
        self._narrow = narrow
        super().__init__({
            "i": In(stream.Signature(beat(narrow))), "o": Out(stream.Signature(beat(wide)))})

    def elaborate(self, platform):
        m = Module()
        if self._parts == 1:
            link(m, wiring.flipped(self.i), wiring.flipped(self.o))
            return m
        part = Signal(range(self._parts))
        m.d.comb += self.i.ready.eq(~self.o.valid | self.o.ready)
        with m.If(self.o.ready):
            m.d.sync += self.o.valid.eq(0)
        with m.If(self.i.valid & self.i.ready):
            with m.If(part == 0):
                m.d.sync += self.o.payload.data.eq(self.i.payload.data)
            with m.Else():
                m.d.sync += self.o.payload.data.word_select(part, self._narrow).eq(
                    self.i.payload.data)
            m.d.sync += [part.eq(part + 1), self.o.payload.last.eq(self.i.payload.last)]
            with m.If((part == self._parts - 1) | self.i.payload.last):
                m.d.sync += [part.eq(0), self.o.valid.eq(1)]
        return m
