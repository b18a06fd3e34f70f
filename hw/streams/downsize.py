"""A wide beat leaves as several narrow ones."""

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.streams.axi import beat

__all__ = ["Downsize"]


class Downsize(wiring.Component):
    """Splits beats, lowest bits first.

    A beat is taken with its last part, so nothing is stored; throughput is one narrow beat per
    clock, latency is zero.

    Parameters
    ----------
    wide, narrow : int
        Bits of a beat; ``narrow`` divides ``wide``.

    Members
    -------
    i : In(stream.Signature(beat(wide)))
    o : Out(stream.Signature(beat(narrow)))
        ``last`` is set on the last part of a beat that had it.
    """

    def __init__(self, *, wide, narrow):
        if wide % narrow:
            raise ValueError(f"narrow must divide {wide}, not {narrow}")
        self._parts = wide // narrow
        self._narrow = narrow
        super().__init__({
            "i": In(stream.Signature(beat(wide))), "o": Out(stream.Signature(beat(narrow)))})

    def elaborate(self, platform):
        m = Module()
        part = Signal(range(max(self._parts, 2)))
        final = part == self._parts - 1
        m.d.comb += [
            self.o.valid.eq(self.i.valid),
            self.o.payload.data.eq(self.i.payload.data.word_select(part, self._narrow)),
            self.o.payload.last.eq(self.i.payload.last & final),
            self.i.ready.eq(self.o.ready & final),
        ]
        with m.If(self.o.valid & self.o.ready):
            with m.If(final):
                m.d.sync += part.eq(0)
            with m.Else():
                m.d.sync += part.eq(part + 1)
        return m
