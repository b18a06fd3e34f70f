"""What another tile sent, brought to the scale of this one: INT8 to FP16, times a scale."""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.baseline.float16 import Float16
from hw.baseline.round import Round, exact

__all__ = ["ScaleInteger"]

WIDTH = 18
"""128 times a significand fits."""


class ScaleInteger(wiring.Component):
    """``o = i scale``, rounded once.

    Latency is three enabled clocks: multiply; normalise; round. Throughput is one result per
    enabled clock. INT8 to FP16 is exact, so it is no step of its own: the significand is multiplied
    by the integer, and the product is a multiple of the smallest number, 2^-24.

    Members
    -------
    en : In(1)
        The pipeline advances.
    i : In(signed(8))
    scale : In(Float16)
    o : Out(Float16)
    """

    latency = 1 + Round.latency

    en: In(1)
    i: In(signed(8))
    scale: In(Float16)
    o: Out(Float16)

    def elaborate(self, platform):
        m = Module()
        scale = self.scale
        size = Signal(8)
        m.d.comb += size.eq(Mux(self.i < 0, -self.i, self.i))

        m.submodules.round = rounded = Round(WIDTH)
        before = Signal(exact(WIDTH))
        with m.If(self.en):
            m.d.sync += [
                before.magnitude.eq(size * scale.significand),
                before.exponent.eq(scale.scale + WIDTH - 12),
                before.sign.eq((self.i < 0) ^ scale.sign),
                before.cancelled.eq(1),  # golden adds +0: a zero is +0
                before.infinite.eq(scale.is_infinite),
                before.nan.eq(scale.is_nan | (scale.is_infinite & (self.i == 0))),
            ]
        m.d.comb += [
            rounded.en.eq(self.en),
            rounded.i.eq(before),
            self.o.eq(rounded.o),
        ]
        return m
