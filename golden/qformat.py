"""Fixed-point number formats as objects.

A number in a format is an integer ``raw``; its value is ``raw * 2**-frac_bits``. ``U(i,f)`` is
unsigned with ``i`` integer bits; ``S(i,f)`` is two's complement, its ``i`` integer bits include the
sign. ``S(7,1)`` is therefore 8 bits wide and spans -64.0 to 63.5.
"""

import re
from dataclasses import dataclass

__all__ = ["QFormat"]

_PATTERN = re.compile(r"([US])\((-?\d+),(\d+)\)")


@dataclass(frozen=True)
class QFormat:
    """A fixed-point format.

    Parameters
    ----------
    signed : bool
        Two's complement if true.
    int_bits : int
        Bits left of the binary point, the sign included.
    frac_bits : int
        Bits right of the binary point.
    """

    signed: bool
    int_bits: int
    frac_bits: int

    def __post_init__(self):
        if not isinstance(self.signed, bool):
            raise TypeError(f"signed must be a bool, not {self.signed!r}")
        for name in ("int_bits", "frac_bits"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool):
                raise TypeError(f"{name} must be an integer, not {value!r}")
        if self.frac_bits < 0:
            raise ValueError(f"frac_bits must be at least 0, not {self.frac_bits}")
        if not 1 + self.signed <= self.width <= 62:
            raise ValueError(f"{self} is {self.width} bits wide; allowed are "
                             f"{1 + self.signed} to 62")

    @classmethod
    def parse(cls, text):
        """The format written as ``U(i,f)`` or ``S(i,f)``."""
        match = _PATTERN.fullmatch(text.replace(" ", "")) if isinstance(text, str) else None
        if match is None:
            raise ValueError(f"a format is written U(i,f) or S(i,f), not {text!r}")
        kind, int_bits, frac_bits = match.groups()
        return cls(kind == "S", int(int_bits), int(frac_bits))

    @classmethod
    def holding(cls, low, high, *, frac_bits):
        """The narrowest signed format with ``frac_bits`` that holds every raw in low..high."""
        width = max((~low if low < 0 else low).bit_length(),
                    (~high if high < 0 else high).bit_length()) + 1
        return cls(True, max(width, 2) - frac_bits, frac_bits)

    @property
    def width(self):
        """Total bits."""
        return self.int_bits + self.frac_bits

    @property
    def min(self):
        """Lowest raw integer."""
        return -(1 << (self.width - 1)) if self.signed else 0

    @property
    def max(self):
        """Highest raw integer."""
        return (1 << (self.width - self.signed)) - 1

    def holds(self, low, high):
        """Whether every raw integer from ``low`` to ``high`` is representable."""
        return self.min <= low and high <= self.max

    def __str__(self):
        return f"{'S' if self.signed else 'U'}({self.int_bits},{self.frac_bits})"
