"""A fused multiply-add in FP16: gain and offset of a count, and the affine step of a channel."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.baseline.float16 import Float16
from hw.baseline.round import Round, exact

__all__ = ["FusedMultiplyAdd"]

PRODUCT_BITS = 22
BELOW = 3
"""Bits below the product: two, and one for the rest of a summand that is shifted out. A summand
that loses bits is less than half the product, of which at most one bit then cancels."""
WIDTH = BELOW + PRODUCT_BITS + 2 + 11
"""With the summand at the top and two clear bits between, the product decides no more than whether
something lies below: so the summand never needs to stand higher."""


class FusedMultiplyAdd(wiring.Component):
    """``o = a b + c`` with one rounding.

    Latency is four enabled clocks: multiply and align; add; normalise; round. Throughput is one
    result per enabled clock. NaN and infinity follow IEEE 754.

    Members
    -------
    en : In(1)
        The pipeline advances.
    a, b, c : In(Float16)
    o : Out(Float16)
    """

    latency = 2 + Round.latency

    en: In(1)
    a: In(Float16)
    b: In(Float16)
    c: In(Float16)
    o: Out(Float16)

    def elaborate(self, platform):
        m = Module()
        a, b, c = self.a, self.b, self.c

        distance = Signal(signed(8))  # from the summand at the top down to where it belongs
        no_product = a.is_zero | b.is_zero
        infinite = a.is_infinite | b.is_infinite
        product_sign = a.sign ^ b.sign
        beyond = (distance < 0) | no_product
        m.d.comb += distance.eq(a.scale + b.scale - c.scale - 1)

        # The summand is aligned while the product forms.
        shift = Signal(6)
        shifted = Signal(WIDTH)
        lost = c.significand & Cat(shift > WIDTH - 11 + k for k in range(11))
        m.d.comb += [
            shift.eq(Mux(beyond, 0, distance)),
            shifted.eq(Cat(Const(0, WIDTH - 11), c.significand) >> shift),
        ]

        product = Signal(PRODUCT_BITS)
        aligned = Signal(WIDTH)
        term = Signal(exact(0))
        with m.If(self.en):
            m.d.sync += [
                product.eq(a.significand * b.significand),
                aligned.eq(shifted | lost.any()),
                term.exponent.eq(Mux(beyond, c.scale - 1, a.scale + b.scale - 2)),
                term.sign.eq(Mux(c.is_infinite, c.sign, product_sign)),
                term.cancelled.eq(product_sign ^ c.sign),
                term.infinite.eq(infinite | c.is_infinite),
                term.nan.eq(a.is_nan | b.is_nan | c.is_nan | (infinite & no_product)
                            | (infinite & c.is_infinite & (product_sign ^ c.sign))),
            ]

        # Both differences at once: the one that is not negative is the magnitude. If it is that of
        # the product, the summand has no higher bits than the product.
        low = BELOW + PRODUCT_BITS
        placed = Cat(Const(0, BELOW), product)
        subtract = term.cancelled
        total = Signal(WIDTH + 2)
        product_left = Signal(low)
        m.d.comb += [
            total.eq(Cat(Const(1, 1), aligned, Const(0, 1))
                     + Cat(subtract, Cat(placed, Const(0, WIDTH + 1 - low))
                           ^ subtract.replicate(WIDTH + 1))),
            product_left.eq(placed - aligned[:low]),
        ]
        product_larger = total[-1]

        m.submodules.round = rounded = Round(WIDTH)
        before = Signal(exact(WIDTH))
        with m.If(self.en):
            m.d.sync += [
                before.magnitude.eq(Mux(product_larger, product_left, total[1:-1])),
                before.exponent.eq(term.exponent),
                before.sign.eq(term.sign ^ (subtract & ~product_larger & ~term.infinite)),
                before.cancelled.eq(term.cancelled),
                before.infinite.eq(term.infinite),
                before.nan.eq(term.nan),
            ]
        m.d.comb += [
            rounded.en.eq(self.en),
            rounded.i.eq(before),
            self.o.eq(rounded.o),
        ]
        return m
