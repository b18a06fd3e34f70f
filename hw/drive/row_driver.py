"""One row: an input becomes a sign and a pulse of as many clocks as its magnitude."""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["RowDriver"]


class RowDriver(wiring.Component):
    """Sign-magnitude pulse-width modulation.

    ``pulse`` is high while the magnitude under ``mask`` exceeds ``level`` and the row's sign is
    one that is driven; ``pulse`` and ``negative`` come from flip-flops, one clock later. A new
    input may be loaded in the last clock of a window.

    Members
    -------
    load : In(1)
        Take ``x`` at the end of the clock.
    x : In(signed(8))
    limit : In(7)
        Largest magnitude; one beyond it is clipped.
    active : In(1)
    mask, level : In(7)
        See `hw.drive.slices.Slices`.
    drive_positive, drive_negative : In(1)
        Signs that are driven in this phase.
    pulse, negative : Out(1)
    clipped : Out(1)
        ``x`` is beyond the limit; combinational.
    """

    load: In(1)
    x: In(signed(8))
    limit: In(7)
    active: In(1)
    mask: In(7)
    level: In(7)
    drive_positive: In(1)
    drive_negative: In(1)
    pulse: Out(1)
    negative: Out(1)
    clipped: Out(1)

    def elaborate(self, platform):
        m = Module()
        size = Signal(8)
        magnitude = Signal(7)
        sign = Signal()
        m.d.comb += [
            size.eq(abs(self.x)),
            self.clipped.eq(size > self.limit),
        ]
        with m.If(self.load):
            m.d.sync += [
                magnitude.eq(Mux(self.clipped, self.limit, size[:7])),
                sign.eq(self.x < 0),
            ]
        m.d.sync += [
            self.pulse.eq(self.active & ((magnitude & self.mask) > self.level)
                          & Mux(sign, self.drive_negative, self.drive_positive)),
            self.negative.eq(sign),
        ]
        return m
