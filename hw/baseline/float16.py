"""IEEE 754 binary16 as an Amaranth shape."""

from amaranth.hdl import Cat, Const, Mux
from amaranth.lib import data

__all__ = ["INFINITY", "NAN", "Float16", "rectified"]

INFINITY = 0x7C00
NAN = 0x7E00
"""The one NaN that blocks give; they take any."""


class Float16(data.Struct):
    """A number of 16 bits; subnormal ones are numbers like all others."""

    fraction: 10
    exponent: 5
    sign: 1

    @property
    def significand(self):
        """11 bits; the number is ``significand * 2^(scale - 25)``, without its sign."""
        return Cat(self.fraction, self.exponent.any())

    @property
    def scale(self):
        """The biased exponent; 1 for a subnormal number, which is scaled like the next ones."""
        return Cat(self.exponent[0] | ~self.exponent.any(), self.exponent[1:])

    @property
    def is_zero(self):
        return ~self.magnitude.any()

    @property
    def is_infinite(self):
        return self.magnitude == INFINITY

    @property
    def is_nan(self):
        return self.magnitude > INFINITY

    @property
    def magnitude(self):
        """The bits without the sign; ordered as the numbers are."""
        return Cat(self.fraction, self.exponent)


def rectified(x, enable):
    """With ``enable``, what is above 0, else +0: so -0 and NaN become +0 too."""
    return Mux(enable & (x.sign | x.is_nan), Const(0, 16), x.as_value())
