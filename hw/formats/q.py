"""A `golden.qformat.QFormat` as an Amaranth shape.

A signal of shape ``Q(fmt)`` has no arithmetic: its integer is ``.raw``, arithmetic on that is exact
and widens, and assigning a wider number back is refused.
"""

from amaranth.hdl import Const, Shape, ShapeCastable, Value, ValueCastable

__all__ = ["Q", "QValue"]


class Q(ShapeCastable):
    """The shape of numbers in ``fmt``."""

    def __init__(self, fmt):
        self._fmt = fmt

    @property
    def fmt(self):
        return self._fmt

    def as_shape(self):
        return Shape(self.fmt.width, signed=self.fmt.signed)

    def const(self, raw):
        raw = 0 if raw is None else int(raw)
        if not self.fmt.holds(raw, raw):
            raise ValueError(f"{raw} does not fit {self!r}")
        return Const(raw, self.as_shape())

    def from_bits(self, bits):
        return bits - (1 << self.fmt.width) if self.fmt.signed and bits >> (
            self.fmt.width - 1) else bits

    def __call__(self, target):
        return QValue(self, target)

    def __eq__(self, other):
        return isinstance(other, Q) and self.fmt == other.fmt

    def __hash__(self):
        return hash((Q, self.fmt))

    def __repr__(self):
        return f"Q({self.fmt})"


class QValue(ValueCastable):
    """A number in a format: ``.raw`` to compute with, ``.eq`` to assign without losing bits."""

    def __init__(self, shape, target):
        self._shape = shape
        self._target = Value.cast(target)

    @property
    def raw(self):
        """The integer, of the format's signedness."""
        return self._target.as_signed() if self._shape.fmt.signed else self._target.as_unsigned()

    def shape(self):
        return self._shape

    def as_value(self):
        return self._target

    def eq(self, other):
        """Assign a number of the same format, or an integer that surely fits.

        Raises
        ------
        TypeError
            If the other side has another format or needs more bits.
        """
        if isinstance(other, QValue):
            if other.shape() != self.shape():
                raise TypeError(f"{other.shape()!r} cannot drive {self.shape()!r}")
            return self.as_value().eq(other.as_value())
        other = Value.cast(other)
        mine, its = self.shape().as_shape(), other.shape()
        if its.width + (mine.signed and not its.signed) > mine.width or (
                its.signed and not mine.signed):
            raise TypeError(f"{its!r} does not surely fit {self.shape()!r}")
        return self.as_value().eq(other)

    def eq_proven(self, other):
        """Assign arithmetic whose range `golden.formats` proves to fit, though Amaranth's
        width rules, which know no ranges, would give it more bits."""
        return self.as_value().eq(other)

    def __repr__(self):
        return f"QValue({self._shape!r}, {self._target!r})"
