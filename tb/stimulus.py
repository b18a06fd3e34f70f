"""Operands that reach a block's decisions, which uniform random numbers hardly ever do."""

import numpy as np

__all__ = ["corners", "magnitudes", "rounding_edges"]


def magnitudes(rng, fmt, size):
    """Random magnitudes of a `QFormat`: uniform numbers would nearly all be large."""
    value = rng.integers(fmt.min, fmt.max, size, endpoint=True)
    return value >> rng.integers(0, fmt.width, size)


def corners(*ranges):
    """Every combination of the ends of ``(low, high)`` ranges, one row each."""
    grid = np.meshgrid(*[np.array(pair, dtype=np.int64) for pair in ranges], indexing="ij")
    return np.stack([axis.ravel() for axis in grid], axis=-1)


def rounding_edges(fmt, *, shift, bits):
    """Numbers around which ``x / 2**shift``, rounded and clipped to ``bits``, decides.

    Of the outputs -3..3 and of those around both ends: the exact number, the ties on either side
    of it, and the neighbours of all these, as far as they fit ``fmt``. The ends of ``fmt`` too.
    """
    limit = 1 << (bits - 1)
    near = {*range(-3, 4), *(end + k for end in (-limit, limit - 1) for k in range(-2, 3))}
    half = 1 << shift >> 1
    edges = {(y << shift) + tie + k
             for y in near for tie in (-half, 0, half) for k in (-1, 0, 1)}
    edges |= {fmt.min, fmt.min + 1, fmt.max - 1, fmt.max}
    return np.array(sorted(x for x in edges if fmt.holds(x, x)), dtype=np.int64)
