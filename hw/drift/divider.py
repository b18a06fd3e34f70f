"""The divider: a gain from two sums, one bit per clock."""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.drift.divide import Refusal
from hw.formats.q import Q

__all__ = ["Divider"]


class Divider(wiring.Component):
    """``golden.drift.divide.divide`` in as many clocks as the gain has bits, and four.

    Restoring division: one more fraction bit than the gain has is divided out, then rounded half
    up. Operands are steady from ``start`` to ``done``.

    Parameters
    ----------
    fmt : QFormat
        Of the gain; unsigned.
    width : int
        Of the operands, sign included.

    Members
    -------
    start : In(1)
        Divide; ignored while it does.
    numerator, denominator : In(signed(width))
    minimum : In(32)
    done : Out(1)
        In one clock, with the two below, which then stay.
    quotient : Out(Q(fmt))
        0 if refused.
    refusal : Out(3)
        A `golden.drift.divide.Refusal`.
    """

    def __init__(self, *, fmt, width):
        self._fmt = fmt
        self._width = width
        super().__init__({
            "start": In(1),
            "numerator": In(signed(width)), "denominator": In(signed(width)),
            "minimum": In(32),
            "done": Out(1),
            "quotient": Out(Q(fmt)),
            "refusal": Out(3),
        })

    def elaborate(self, platform):
        m = Module()
        fmt, n, d = self._fmt, self.numerator, self.denominator
        bits = fmt.width + 1  # with the fraction bit that is rounded
        # The remainder stays below twice the shifted denominator, which is steady.
        divisor = Signal(self._width - 1 + fmt.int_bits - 1)
        rest = Signal(len(divisor) + 1)
        quotient = Signal(bits)
        left = Signal(range(bits + 1))
        rounded = Signal(fmt.width + 1)
        m.d.comb += [
            divisor.eq(d.as_unsigned() << (fmt.int_bits - 1)),
            rounded.eq((quotient + 1) >> 1),
        ]

        with m.FSM():
            with m.State("IDLE"):
                with m.If(self.start):
                    m.next = "JUDGE"
            with m.State("JUDGE"):
                m.d.sync += [rest.eq(n), quotient.eq(0), left.eq(bits),
                             self.refusal.eq(Refusal.NONE)]
                m.next = "DIVIDE"
                with m.If((n == 0) | (d == 0)):
                    m.d.sync += self.refusal.eq(Refusal.ZERO)
                    m.next = "DONE"
                with m.Elif((n < 0) | (d < 0)):
                    m.d.sync += self.refusal.eq(Refusal.NEGATIVE)
                    m.next = "DONE"
                with m.Elif((n < self.minimum) | (d < self.minimum)):
                    m.d.sync += self.refusal.eq(Refusal.TINY)
                    m.next = "DONE"
                with m.Elif(n >= d << fmt.int_bits):
                    m.d.sync += self.refusal.eq(Refusal.RANGE)
                    m.next = "DONE"
            with m.State("DIVIDE"):
                fits = rest >= divisor
                m.d.sync += [
                    quotient.eq(quotient << 1 | fits),
                    rest.eq((rest - Mux(fits, divisor, 0)) << 1),
                    left.eq(left - 1),
                ]
                with m.If(left == 1):
                    m.next = "ROUND"
            with m.State("ROUND"):
                with m.If((rounded == 0) | rounded[-1]):
                    m.d.sync += self.refusal.eq(Refusal.RANGE)
                m.next = "DONE"
            with m.State("DONE"):
                m.d.comb += self.done.eq(1)
                m.next = "IDLE"
        m.d.comb += self.quotient.as_value().eq(
            Mux(self.refusal == Refusal.NONE, rounded[:fmt.width], 0))
        return m
