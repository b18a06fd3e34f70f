"""Last in every operation of the FP16 unit: an exact magnitude becomes the nearest FP16."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from hw.baseline.float16 import INFINITY, NAN, Float16

__all__ = ["Round", "exact"]


def exact(width):
    """A result before it is rounded: ``magnitude * 2^(exponent - 13 - width)``.

    So ``exponent`` is one less than the biased exponent of a number with the magnitude's top bit.
    ``cancelled`` tells that two numbers of different sign were added: a zero is then +0. Width 0
    has everything but the magnitude.
    """
    return data.StructLayout({
        "magnitude": width,
        "exponent": 6,
        "sign": 1,
        "cancelled": 1,
        "infinite": 1,
        "nan": 1,
    })


def leading_zeros(m, bits):
    """Zeros above the highest of ``2^n`` bits that is set, as a tree."""
    clear, counts = ~bits, None
    for level in range(ceil_log2(len(bits))):
        pairs = len(bits) >> level + 1
        # Signals of their own, or Amaranth writes every lower level out for each of its uses.
        none = Signal(pairs, name=f"clear_{level}")
        count = Signal(data.ArrayLayout(level + 1, pairs), name=f"zeros_{level}")
        for k in range(pairs):
            low, high = 2 * k, 2 * k + 1
            m.d.comb += [
                none[k].eq(clear[low] & clear[high]),
                count[k].eq(Cat(Mux(clear[high], counts[low], counts[high]) if level else (),
                                clear[high])),
            ]
        clear, counts = none, count
    return counts[0]


class Round(wiring.Component):
    """Normalise, round to nearest, ties to even; overflow gives infinity.

    Latency is two enabled clocks; throughput is one number per enabled clock.

    Parameters
    ----------
    width : int
        Bits of the magnitude, at least 13: a significand, the bit below and one for the rest.

    Members
    -------
    en : In(1)
        The pipeline advances.
    i : In(exact(width))
        The lowest bit of the magnitude may stand for any number of bits that were cut off.
    o : Out(Float16)
    """

    latency = 2

    def __init__(self, width):
        if width < 13:
            raise ValueError(f"width must be at least 13, not {width!r}")
        self._width = width
        super().__init__({"en": In(1), "i": In(exact(width)), "o": Out(Float16)})

    def elaborate(self, platform):
        m = Module()
        width = self._width
        size = 1 << ceil_log2(width)

        # A one where the hidden bit of a subnormal number stands: further left nothing may go.
        bound = Cat(self.i.exponent == width - 1 - k for k in range(width))
        bounded = Signal(size)
        m.d.comb += bounded.eq(Cat(Const(0, size - width), self.i.magnitude | bound))
        shift = leading_zeros(m, bounded)

        normal = Signal(exact(width))
        with m.If(self.en):
            m.d.sync += [
                normal.eq(self.i),
                normal.magnitude.eq(self.i.magnitude << shift),
                normal.exponent.eq(self.i.exponent - shift),
            ]

        significand = normal.magnitude[-11:]
        guard, rest = normal.magnitude[-12], normal.magnitude[:-12].any()
        up = guard & (rest | significand[0])
        # The hidden bit adds 1 to the exponent, and so does a carry out of the fraction. Without
        # a hidden bit the number is subnormal or zero.
        exponent = Mux(significand[-1], normal.exponent, 0)
        packed = Signal(17)
        zero = ~(significand.any() | guard | rest)
        m.d.comb += packed.eq(Cat(Const(0, 10), exponent) + significand + up)
        infinite = normal.infinite | (packed[10:] >= INFINITY >> 10)
        with m.If(self.en):
            m.d.sync += [
                Cat(self.o.fraction, self.o.exponent).eq(Mux(infinite, INFINITY, packed)),
                self.o.sign.eq(normal.sign & ~(normal.cancelled & zero & ~normal.infinite)),
            ]
            with m.If(normal.nan):
                m.d.sync += self.o.eq(NAN)
        return m
