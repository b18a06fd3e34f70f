"""First in the FP16 unit: a count becomes an FP16 number."""

from amaranth.hdl import Cat, Const, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.baseline.float16 import Float16
from hw.baseline.round import Round

__all__ = ["FromInteger"]


class FromInteger(wiring.Component):
    """The nearest FP16 number, ties to even.

    Latency is two enabled clocks; throughput is one number per enabled clock.

    Parameters
    ----------
    bits : int
        Width of the unsigned integer, at least 1.

    Members
    -------
    en : In(1)
        The pipeline advances.
    i : In(bits)
    o : Out(Float16)
    """

    latency = Round.latency

    def __init__(self, bits):
        if bits < 1:
            raise ValueError(f"bits must be at least 1, not {bits!r}")
        self._bits = bits
        super().__init__({"en": In(1), "i": In(bits), "o": Out(Float16)})

    def elaborate(self, platform):
        m = Module()
        width = max(self._bits, 13)
        m.submodules.round = rounded = Round(width)
        m.d.comb += [
            rounded.en.eq(self.en),
            rounded.i.magnitude.eq(Cat(Const(0, width - self._bits), self.i)),
            rounded.i.exponent.eq(self._bits + 13),
            self.o.eq(rounded.o),
        ]
        return m
