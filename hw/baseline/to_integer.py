"""Last in the FP16 unit: rounding and saturation to INT8."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.requantise import Rounding
from hw.baseline.float16 import Float16

__all__ = ["ToInteger"]

LARGEST = 22
"""Biased exponent of 128 to 255.875: a significand with three fraction bits."""


class ToInteger(wiring.Component):
    """Round by the rule, saturate to -128..127; NaN becomes 0.

    Latency is two enabled clocks; throughput is one number per enabled clock.

    Parameters
    ----------
    rounding : Rounding

    Members
    -------
    en : In(1)
        The pipeline advances.
    i : In(Float16)
    o : Out(signed(8))
    """

    latency = 2

    def __init__(self, rounding):
        self._rounding = Rounding(rounding)
        super().__init__({"en": In(1), "i": In(Float16), "o": Out(signed(8))})

    def elaborate(self, platform):
        m = Module()
        i = self.i
        shift = Signal(5)
        shifted = Signal(11)
        lost = (i.significand & Cat(shift > k for k in range(11))).any()
        m.d.comb += [
            shift.eq(LARGEST - i.scale),
            shifted.eq(i.significand >> shift),
        ]

        size = Signal(8)
        negative = Signal()
        guard = Signal()
        rest = Signal()
        over = Signal()
        nan = Signal()
        with m.If(self.en):
            m.d.sync += [
                size.eq(shifted[3:]),
                guard.eq(shifted[2]),
                rest.eq(shifted[:2].any() | lost),
                negative.eq(i.sign),
                over.eq(i.exponent > LARGEST),
                nan.eq(i.is_nan),
            ]

        # Rules of the number as increments of its size.
        increment = {
            Rounding.FLOOR: negative & (guard | rest),
            Rounding.HALF_UP: guard & (rest | ~negative),
            Rounding.HALF_AWAY: guard,
            Rounding.HALF_EVEN: guard & (rest | size[0]),
        }[self._rounding]
        rounded = Signal(9)
        m.d.comb += rounded.eq(size + increment)
        with m.If(self.en):
            with m.If(nan):
                m.d.sync += self.o.eq(0)
            with m.Elif(over | (rounded >= 128)):
                m.d.sync += self.o.eq(Mux(negative, Const(-128, signed(8)), 127))
            with m.Else():
                m.d.sync += self.o.eq(Mux(negative, -rounded, rounded))
        return m
