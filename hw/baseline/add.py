"""An adder in FP16: P - N, and the sum with what another tile sent."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.baseline.float16 import Float16
from hw.baseline.round import Round, exact

__all__ = ["Add"]

BELOW = 3
"""Bits below the larger number: two, and one for all that is shifted further. A number that loses
bits is less than half the larger one, of which at most one bit then cancels."""
WIDTH = 1 + 11 + BELOW


class Add(wiring.Component):
    """``o = a + b``, rounded once.

    Latency is three enabled clocks: align; add and normalise; round. Throughput is one result per
    enabled clock. NaN and infinity follow IEEE 754.

    Members
    -------
    en : In(1)
        The pipeline advances.
    a, b : In(Float16)
    o : Out(Float16)
    """

    latency = 1 + Round.latency

    en: In(1)
    a: In(Float16)
    b: In(Float16)
    o: Out(Float16)

    def elaborate(self, platform):
        m = Module()
        a, b = self.a, self.b
        swap = Signal()
        large = Signal(Float16)
        small = Signal(Float16)
        m.d.comb += [
            swap.eq(a.magnitude < b.magnitude),
            large.eq(Mux(swap, b, a)),
            small.eq(Mux(swap, a, b)),
        ]

        shift = Signal(5)
        shifted = Signal(11 + BELOW)
        lost = small.significand & Cat(shift > BELOW + k for k in range(11))
        subtract = a.sign ^ b.sign
        m.d.comb += [
            shift.eq(large.scale - small.scale),
            shifted.eq(Cat(Const(0, BELOW), small.significand) >> shift),
        ]

        significand = Signal(11)
        aligned = Signal(11 + BELOW)
        term = Signal(exact(0))
        with m.If(self.en):
            m.d.sync += [
                significand.eq(large.significand),
                aligned.eq(shifted | lost.any()),
                term.exponent.eq(large.scale),
                term.sign.eq(large.sign),
                term.cancelled.eq(subtract),
                term.infinite.eq(large.is_infinite),
                term.nan.eq(large.is_nan | (large.is_infinite & small.is_infinite & subtract)),
            ]

        m.submodules.round = rounded = Round(WIDTH)
        total = Signal(1 + WIDTH)
        m.d.comb += [
            total.eq(Cat(Const(1, 1), Const(0, BELOW), significand)
                     + Cat(term.cancelled, Cat(aligned, Const(0, 1))
                           ^ term.cancelled.replicate(WIDTH))),
            rounded.en.eq(self.en),
            *(rounded.i[name].eq(term[name])
              for name in ("exponent", "sign", "cancelled", "infinite", "nan")),
            rounded.i.magnitude.eq(total[1:]),
            self.o.eq(rounded.o),
        ]
        return m
