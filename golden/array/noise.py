"""Normal numbers addressed by vector: the same for a seed and an index, however read."""

import numpy as np

from golden.array.checks import check_integer

__all__ = ["OUTPUT_TAG", "READ_TAG", "ReadNoise", "check_seed"]

MAX_VECTORS = 1 << 48
"""Vectors one seed can number."""

READ_TAG, OUTPUT_TAG = 0x726561, 0x6F7574
"""Keep the sequences of read noise and of output noise apart."""


def check_seed(name, value):
    """Return ``value``, an integer or a sequence of them, each at least 0, as a tuple."""
    parts = value if isinstance(value, (tuple, list)) and value else (value,)
    return tuple(check_integer(name, part, low=0, high=(1 << 128) - 1) for part in parts)


class ReadNoise:
    """Standard normal numbers for every vector, oscillator and column.

    One 64-bit word per column and vector gives the pair of P and N by the transform of Box and
    Muller (Annals of Mathematical Statistics 29, 610-611, 1958). The word of vector v and
    column c is word ``v columns + c`` of one PCG64DXSM sequence, which can be entered anywhere,
    so a number depends on the seed, the vector and the column and on nothing else.

    The radius has 31 bits, so no number exceeds ``sqrt(2 ln 2^32) = 6.66``; a normal number
    does once in 3.6e10.

    Parameters
    ----------
    seed : int or sequence of int
        At least 0.
    columns : int
    tag : int
        `READ_TAG` or `OUTPUT_TAG`.

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or out of range.
    """

    def __init__(self, seed, columns, *, tag=READ_TAG):
        seed = check_seed("seed", seed)
        self._columns = check_integer("columns", columns, low=1, high=1 << 16)
        # The spawn key keeps (1, 2) apart from 1 + 2 * 2^32, the tag from generators seeded with
        # the same number.
        sequence = np.random.SeedSequence(seed[0], spawn_key=(*seed[1:], tag))
        self._bits = np.random.PCG64DXSM(sequence)
        self._start = self._bits.state
        self._at = 0
        self._scratch = np.empty(0, np.float32)

    def fill(self, first, out):
        """Write the numbers of the vectors from index ``first`` into ``out``.

        Parameters
        ----------
        first : int
            Index of the first vector, 0..2^48.
        out : array of float32, (2, vectors, columns)
            P first, then N.
        """
        first = check_integer("first", first, low=0, high=MAX_VECTORS)
        if first != self._at:
            self._bits.state = self._start
            self._bits.advance(first * self._columns)
        self._at = first + out.shape[1]
        if out[0].size > self._scratch.size:
            self._scratch = np.empty(out[0].size, np.float32)
        words = self._bits.random_raw(out[0].size).view(np.int32).reshape(-1, 2, self._columns)
        # The halves of a vector's words: the first `columns` are radii, the others angles.
        radius = self._scratch[:out[0].size].reshape(out[0].shape)
        angle = out[0]
        np.copyto(radius, words[:, 0], casting="unsafe")
        np.abs(radius, out=radius)
        radius += np.float32(0.5)
        radius *= np.float32(2.0**-31)
        np.log(radius, out=radius)
        radius *= np.float32(-2.0)
        np.sqrt(radius, out=radius)
        np.copyto(angle, words[:, 1], casting="unsafe")
        angle *= np.float32(np.pi * 2.0**-31)
        np.sin(angle, out=out[1])
        np.cos(angle, out=angle)
        out *= radius
