"""Last in a lane: activation, rounding and saturation, the one place where bits are lost.

The un-rounded number is saturated first, so that only the few bits of the result are rounded. The
result equals rounding the whole number and then saturating: rounding adds 0 or 1, which leaves a
number above the range above or at its top, and lifts one below the range at most to its bottom.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.requantise import Rounding
from hw.formats.q import Q

__all__ = ["Requantise"]


class Requantise(wiring.Component):
    """Activate, drop ``shift`` bits by the rounding rule, saturate to ``bits`` signed bits.

    Latency is two enabled clocks; throughput is one number per enabled clock.

    Parameters
    ----------
    src : QFormat
        Signed format of the input.
    rounding : Rounding
        Rule of the rounding step.
    shift_bits : int
        Width of ``shift``.
    max_bits : int
        Widest result: 8, 6 or 4.

    Members
    -------
    en : In(1)
        The pipeline advances.
    i : In(Q(src))
    shift : In(shift_bits)
        Bits to drop; any value, beyond the width of ``src`` too.
    relu : In(1)
        Negative numbers become 0.
    bits : In(4)
        Width of the result: 8, 6 or 4, at most ``max_bits``.
    o : Out(signed(8))
        The result, sign-extended to a byte.
    """

    latency = 2

    def __init__(self, *, src, rounding, shift_bits, max_bits=8):
        if not src.signed:
            raise ValueError(f"src must be a signed format, not {src}")
        self._src = src
        self._rounding = Rounding(rounding)
        self._max_bits = max_bits
        super().__init__({
            "en": In(1),
            "i": In(Q(src)),
            "shift": In(shift_bits),
            "relu": In(1),
            "bits": In(4),
            "o": Out(signed(8)),
        })

    def elaborate(self, platform):
        m = Module()
        width = self._src.width
        x = Signal(signed(width))
        m.d.comb += x.eq(Mux(self.relu & (self.i.raw < 0), 0, self.i.raw))

        shifted = Signal(signed(width + 1))
        floor = Signal(signed(width))
        guard = Signal()
        sticky = Signal()
        most = (1 << len(self.shift)) - 1
        below_guard = Cat(self.shift > k + 1 for k in range(min(width, most - 1)))
        m.d.comb += [
            shifted.eq(Cat(Const(0, 1), x).as_signed() >> self.shift),
            floor.eq(shifted >> 1),
            guard.eq(shifted[0]),
            sticky.eq((x & below_guard).any()),
        ]

        increment = {
            Rounding.FLOOR: Const(0, 1),
            Rounding.HALF_UP: guard,
            Rounding.HALF_AWAY: guard & (sticky | (x >= 0)),
            Rounding.HALF_EVEN: guard & (sticky | floor[0]),
        }[self._rounding]

        # Bits above the result's magnitude must repeat the sign, or the number is outside.
        result_bits = [n for n in (8, 6, 4) if n <= self._max_bits]
        outside = Signal()
        with m.Switch(self.bits):
            for n in result_bits:
                with m.Case(n):
                    above = floor[n - 1:]
                    m.d.comb += outside.eq(above.any() & ~above.all())

        kept = Signal(signed(8))
        negative = Signal()
        over = Signal()
        round_up = Signal()
        bits = Signal.like(self.bits)
        with m.If(self.en):
            m.d.sync += [
                kept.eq(floor),
                negative.eq(floor < 0),
                over.eq(outside),
                round_up.eq(increment),
                bits.eq(self.bits),
            ]

        with m.If(self.en):
            with m.Switch(bits):
                for n in result_bits:
                    with m.Case(n):
                        top = (1 << (n - 1)) - 1
                        with m.If(over & negative):
                            m.d.sync += self.o.eq(~top)
                        with m.Elif(over | (round_up & (kept == top))):
                            m.d.sync += self.o.eq(top)
                        with m.Else():
                            m.d.sync += self.o.eq(kept + round_up)
        return m
