"""Bit patterns: the integers that ports carry, whatever simulates them."""

from amaranth.hdl import Const

__all__ = ["encode", "mask", "pack", "signed", "unpack"]


def mask(width):
    """All ones."""
    return (1 << width) - 1


def signed(value, width):
    """The two's-complement number that a pattern stands for."""
    return value - (1 << width) if value >> (width - 1) & 1 else value


def pack(values, width):
    """Integers as one pattern, the first in the lowest bits."""
    word = 0
    for k, value in enumerate(values):
        word |= (int(value) & mask(width)) << (k * width)
    return word


def unpack(word, width, count):
    """The unsigned integers of a pattern."""
    return [word >> (k * width) & mask(width) for k in range(count)]


def encode(layout, value):
    """A value of an Amaranth layout as a pattern."""
    const = Const.cast(layout.const(value))
    return const.value & mask(len(const))
