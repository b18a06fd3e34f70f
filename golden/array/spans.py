"""Ranges of rows and columns, and batches cut at fixed places."""

from numbers import Integral

__all__ = ["BLOCK", "check_span", "pieces"]

BLOCK = 256
"""Vectors per matrix product. A vector always has the place ``index % BLOCK`` in a product of
this many, so its sums are rounded alike whatever stands around it."""


def check_span(name, value, size):
    """Return ``value``, a slice with step 1 or None for all, as a slice within ``0..size``."""
    if value is None:
        return slice(0, size)
    message = f"{name} must be a slice with 0 <= start < stop <= {size}, not {value!r}"
    if not isinstance(value, slice):
        raise TypeError(message)
    start = 0 if value.start is None else value.start
    stop = size if value.stop is None else value.stop
    if not (isinstance(start, Integral) and isinstance(stop, Integral)
            and value.step in (None, 1) and 0 <= start < stop <= size):
        raise ValueError(message)
    return slice(int(start), int(stop))


def pieces(first, count):
    """Cut vectors ``first..first + count - 1`` at multiples of `BLOCK`.

    Yields
    ------
    batch, place : slice
        Where the piece is in the batch, and where in its block.
    """
    done = 0
    while done < count:
        place = (first + done) % BLOCK
        take = min(BLOCK - place, count - done)
        yield slice(done, done + take), slice(place, place + take)
        done += take
