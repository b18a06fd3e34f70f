"""One row: an input becomes a sign and a pulse of as many clocks as its magnitude."""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["RowDriver"]


class RowDriver(wiring.Component):
    """Sign-magnitude pulse-width modulation.

    While ``active``, with ``tick`` counting from 0, ``pulse`` is high for exactly ``magnitude``
    clocks from the first on; it comes from a flip-flop, one clock after ``active`` and ``tick``.

    Members
    -------
    load : In(1)
        Take ``x`` at the end of the clock.
    x : In(signed(8))
    limit : In(7)
        Largest magnitude; one beyond it is clipped.
    active : In(1)
    tick : In(7)
        Clocks since the window opened.
    pulse, negative : Out(1)
    clipped : Out(1)
        ``x`` is beyond the limit; combinational.
    """

    load: In(1)
    x: In(signed(8))
    limit: In(7)
    active: In(1)
    tick: In(7)
    pulse: Out(1)
    negative: Out(1)
    clipped: Out(1)

    def elaborate(self, platform):
        m = Module()
        size = Signal(8)
        magnitude = Signal(7)
        m.d.comb += [
            size.eq(abs(self.x)),
            self.clipped.eq(size > self.limit),
        ]
        with m.If(self.load):
            m.d.sync += [
                magnitude.eq(Mux(self.clipped, self.limit, size[:7])),
                self.negative.eq(self.x < 0),
            ]
        m.d.sync += self.pulse.eq(self.active & (self.tick < magnitude))
        return m
