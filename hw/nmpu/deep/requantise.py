"""Last in a lane: activation, rounding and saturation, the one place where bits are lost.

The un-rounded number is saturated first, so that only the few bits of the result are rounded. The
result equals rounding the whole number and then saturating: rounding adds 0 or 1, which leaves a
number above the range above or at its top, and lifts one below the range at most to its bottom.
Nor is the whole number shifted: each step of the shift keeps no more bits than the steps after it
can still bring to the result.
"""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed

from golden.requantise import Rounding
from hw.nmpu.requantise import Requantise

__all__ = ["DeepRequantise"]


class DeepRequantise(Requantise):
    """`hw.nmpu.requantise.Requantise` by a window of the bits that a step can still bring in."""

    def elaborate(self, platform):
        m = Module()
        window, outside, inexact = self._shift()
        # Nothing that is reset: Yosys maps the logic in front of such registers apart.
        guard, above, sticky, negative, zero = (
            Signal(name=name, reset_less=True)
            for name in ("guard", "above", "sticky", "negative", "zero"))
        floor, result = (Signal(signed(self._max_bits), name=name, reset_less=True)
                         for name in ("floor", "result"))
        bits = Signal.like(self.bits, reset_less=True)
        with m.If(self.en):
            m.d.sync += [
                Cat(guard, floor).eq(window),
                above.eq(outside),
                sticky.eq(inexact),
                negative.eq(self.i.raw < 0),
                zero.eq(self.relu & (self.i.raw < 0)),
                bits.eq(self.bits),
            ]

        increment = {
            Rounding.FLOOR: Const(0, 1),
            Rounding.HALF_UP: guard,
            Rounding.HALF_AWAY: guard & (sticky | ~negative),
            Rounding.HALF_EVEN: guard & (sticky | floor[0]),
        }[self._rounding]
        # A number at the top of its range is left there: beside the sum that is told at once.
        positive = ~negative
        over, full = Signal(), Signal()
        limit = Signal(signed(self._max_bits))
        # 8, 6 and 4 differ in two bits.
        with m.Switch(bits):
            for n, pattern in ((8, "1---"), (6, "--1-"), (4, "----")):
                if n <= self._max_bits:
                    with m.Case(pattern):
                        sign = negative.replicate(self._max_bits - n + 1)
                        m.d.comb += [
                            full.eq(floor[:n - 1].all() & positive),
                            over.eq(above | (floor[n - 1:] != sign)),
                            limit.eq(Cat(positive.replicate(n - 1), sign)),
                        ]
        carries = Cat(increment & floor[:k].all() for k in range(self._max_bits))
        keeps = ~zero & ~over & ~(full & increment)
        limits = ~zero & (over | (full & increment))
        with m.If(self.en):
            m.d.sync += result.eq(((floor ^ carries) & keeps.replicate(self._max_bits))
                                  | (limit & limits.replicate(self._max_bits)))
        m.d.comb += self.o.eq(result)
        return m

    def _shift(self):
        """The lowest ``max_bits`` after the shift, with the bit below them in front; whether a
        bit above them is no copy of the sign, and whether one below is set.

        A step by ``2**k`` drops as many bits, at the bottom if it shifts and at the top if not.
        """
        window, sign = Cat(Const(0, 1), self.i.raw), self.i.raw[-1]
        steps = range(len(self.shift))
        most = self._max_bits + (2 << steps[-1])
        # What no shift brings into the result.
        above, below = [window[most:]], []
        for k in reversed(steps):
            amount, kept = 1 << k, self._max_bits + (1 << k)
            window = Cat(window, sign.replicate(max(kept + amount - len(window), 0)))
            shifted = self.shift[k]
            below.append(window[:amount] & shifted.replicate(amount))
            above.append(Mux(shifted, sign.replicate(amount), window[kept:kept + amount]))
            window = Mux(shifted, window[amount:kept + amount], window[:kept])
        above = Cat(above)
        return window, Mux(sign, ~above.all(), above.any()), Cat(below).any()
