"""Operands in float16 that reach its decisions, and its bit patterns."""

import numpy as np

from golden.fp16 import fma16, to_fp16

__all__ = ["edges", "finite", "halves", "patterns", "summary", "triples"]

EDGES = np.array([0x0000, 0x0001, 0x0002, 0x0003, 0x03FF, 0x0400, 0x0401, 0x07FF, 0x0800, 0x1400,
                  0x37FF, 0x3800, 0x3BFF, 0x3C00, 0x3C01, 0x3E00, 0x67FF, 0x6800, 0x7800, 0x7BFF,
                  0x7C00, 0x7C01, 0x7E00], np.uint16)
"""Zero, both sides of each change of format, 2^-10, 0.5 and 1 with neighbours, infinity, NaN."""

CORNERS = np.array([0x0000, 0x0001, 0x03FF, 0x0400, 0x3C00, 0x3C01, 0x7BFF, 0x7C00, 0x7E00],
                   np.uint16)
"""Those of which three are combined."""


def halves(bits):
    """The float16 numbers of bit patterns."""
    return np.asarray(bits).astype(np.uint16).view(np.float16)


def patterns(x):
    """Bit patterns of float16 numbers; every NaN is 0x7E00, as the hardware has it."""
    x = np.asarray(x, np.float16)
    return np.where(np.isnan(x), 0x7E00, x.view(np.uint16)).astype(np.int64)


def edges(chosen=EDGES):
    """`EDGES`, or others, of both signs."""
    return halves(np.concatenate([chosen, chosen | 0x8000]))


def finite(rng, n, *, low=0, high=30):
    """Random numbers of both signs: exponents alike, from the biased ``low`` to ``high``."""
    return halves(rng.integers(0, 2, n) << 15 | rng.integers(low, high, n, endpoint=True) << 10
                  | rng.integers(0, 1 << 10, n))


def few_bits(rng, x):
    """The numbers with a random part of their lowest bits cleared: their sums are often ties."""
    bits = np.asarray(x).view(np.uint16).astype(np.int64)
    return halves(bits >> (cut := rng.integers(0, 11, bits.shape)) << cut)


def near(rng, x):
    """Finite numbers of either sign with an exponent like that of ``x``, up to 14 off."""
    bits = np.asarray(x).view(np.uint16).astype(np.int64)
    exponent = np.clip((bits >> 10 & 31) + rng.integers(-14, 15, bits.shape), 0, 30)
    return halves(rng.integers(0, 2, bits.shape) << 15 | exponent << 10
                  | rng.integers(0, 1 << 10, bits.shape))


def below(rng, x):
    """Numbers that nearly cancel ``x``: its negative, off by up to 3 in the last place."""
    bits = np.asarray(x).view(np.uint16).astype(np.int64) ^ 0x8000
    magnitude = np.clip((bits & 0x7FFF) + rng.integers(-3, 4, bits.shape), 0, 0x7BFF)
    return halves(bits & 0x8000 | magnitude)


def tie(a, b, c):
    """Which ``a b + c`` lie half way between two float16 numbers."""
    a, b, c = (np.asarray(v, np.float64) for v in (a, b, c))
    with np.errstate(invalid="ignore", over="ignore"):
        exact, rounded = a * b + c, fma16(a, b, c)
        # A rounded sum in float64 is no tie, and so far from one that it does not look like one.
        other = np.where(exact > rounded, np.nextafter(rounded, np.float16(np.inf)),
                         np.nextafter(rounded, np.float16(-np.inf)))
        middle = (rounded.astype(np.float64) + other.astype(np.float64)) / 2
    return np.isfinite(rounded) & (exact == middle) & (exact != rounded)


def summary(a, b, c):
    """How many ``a b + c`` do what; a stimulus that lacks one of them is none."""
    result = fma16(a, b, c)
    size = np.abs(result.astype(np.float64))
    operands = np.isfinite(a) & np.isfinite(b) & np.isfinite(c)
    return {
        "ties": int(tie(a, b, c).sum()),
        "subnormal": int(((size > 0) & (size < 2.0**-14)).sum()),
        "overflow": int((operands & np.isinf(result)).sum()),
        "zero": int((result == 0).sum()),
        "negative zero": int(((result == 0) & np.signbit(result)).sum()),
        "nan": int(np.isnan(result).sum()),
    }


def triples(rng, n):
    """Operands of ``a b + c``: every combination of `CORNERS`, then ``n`` of each kind."""
    e = edges(CORNERS)
    # Signs of a alone suffice: the sign of a product is one bit.
    parts = [np.array([v.ravel() for v in np.meshgrid(e, halves(CORNERS), e, indexing="ij")])]
    a, b = finite(rng, n), finite(rng, n)
    parts.append(np.array([a, b, finite(rng, n)]))
    with np.errstate(over="ignore", invalid="ignore"):
        # Products that are numbers, with sums near them, few bits, nearly nothing left.
        for low, high in ((8, 22), (8, 22), (0, 30)):
            a = finite(rng, n, low=low, high=high)
            b = finite(rng, n, low=low, high=high)
            parts.append(np.array([a, b, near(rng, a * b)]))
            a, b = few_bits(rng, a), few_bits(rng, b)
            parts.append(np.array([a, b, few_bits(rng, near(rng, a * b))]))
            parts.append(np.array([a, b, below(rng, to_fp16(a.astype(float) * b))]))
        # Next to nothing, and next to infinity.
        a, b = finite(rng, n, low=0, high=14), finite(rng, n, low=0, high=8)
        parts.append(np.array([a, b, few_bits(rng, finite(rng, n, low=0, high=2))]))
        a, b = finite(rng, n, low=20, high=24), finite(rng, n, low=20, high=24)
        parts.append(np.array([a, b, finite(rng, n, low=15, high=30)]))
        # Products that are ties themselves, moved off them by something far below.
        a = finite(rng, n, low=8, high=20).view(np.uint16) | 1
        b = rng.choice((1.5, 3.0, 6.0, 96.0, 2.5), n)
        parts.append(np.array([halves(a), b, few_bits(rng, finite(rng, n, high=8))]))
        # The same where the product has few bits, being that of the smallest numbers: a bit that
        # cancels brings lower ones up.
        a = halves(rng.integers(1, 4, n))
        b = halves(30 << 10 | rng.integers(0, 1 << 8, n)) * 2.0 ** -rng.integers(0, 4, n)
        parts.append(np.array([a, b, -finite(rng, n, high=5)]))
    operands = np.concatenate(parts, axis=1).astype(np.float16)
    return operands[:, rng.permutation(operands.shape[1])]
