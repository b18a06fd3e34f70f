"""Read modes: one input as a sequence of reads with digital weights."""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_integer, check_integers

__all__ = ["READ_MODES", "Read", "ReadMode", "combine", "read_mode"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Read:
    """One read of a sequence.

    Parameters
    ----------
    lengths : array of int64, (batch, rows)
        Signed pulse lengths in clocks.
    window_clocks : int
        Integration window.
    sides : str
        Devices connected: ``"both"``, ``"plus"`` or ``"minus"``.
    weight : int
        Digital weight of the counts: P counts ``+weight``, N ``-weight``.
    """

    lengths: np.ndarray
    window_clocks: int
    sides: str
    weight: int


@dataclass(frozen=True, kw_only=True)
class ReadMode:
    """How a signed integer is read: in which slices of its magnitude, in how many phases.

    Slices come least significant first. In each slice either one phase drives both signs and
    reads both sides of the pairs, or four drive one sign against one side each, in the order
    (plus, > 0), (plus, < 0), (minus, > 0), (minus, < 0). A phase of four uses one polarity of
    the read voltage only. How the chip maps its four phases onto two counters is not public;
    here each goes where a single phase would put it: P for equal signs, N for unequal.

    Parameters
    ----------
    slice_bits : tuple of int
        Magnitude bits of each slice, at least 1 each, 15 together at most.
    phases : int
        1 or 4.
    clocks_per_unit : int
        Pulse length of magnitude 1 in each slice, 1..256.

    Raises
    ------
    TypeError, ValueError
        If a field is of the wrong type or out of range.
    """

    slice_bits: tuple[int, ...] = (7,)
    phases: int = 1
    clocks_per_unit: int = 1

    def __post_init__(self):
        if not isinstance(self.slice_bits, tuple) or not self.slice_bits:
            raise TypeError(f"slice_bits must be a tuple of integers, not {self.slice_bits!r}")
        for bits in self.slice_bits:
            check_integer("slice_bits", bits, low=1, high=15)
        check_integer("sum of slice_bits", sum(self.slice_bits), low=1, high=15)
        if isinstance(self.phases, bool) or self.phases not in (1, 4):
            raise ValueError(f"phases must be 1 or 4, not {self.phases!r}")
        check_integer("clocks_per_unit", self.clocks_per_unit, low=1, high=256)

    @property
    def limit(self):
        """Largest magnitude of an input."""
        return (1 << sum(self.slice_bits)) - 1

    @property
    def weight(self):
        """Weights of all reads together."""
        return self.phases * sum(1 << shift for shift in self.shifts)

    @property
    def shifts(self):
        """Magnitude bits below each slice: its reads weigh ``2**shift``."""
        return tuple(sum(self.slice_bits[:k]) for k in range(len(self.slice_bits)))

    @property
    def clocks(self):
        """Windows of all reads together, in clocks."""
        return self.phases * sum(map(self._window, self.slice_bits))

    def _window(self, bits):
        # One clock more than the longest pulse: 128 for 7 bits.
        return self.clocks_per_unit * ((1 << bits) - 1) + 1

    def reads(self, x):
        """The reads of a batch.

        Parameters
        ----------
        x : array of int, (batch, rows)
            In ``-limit..limit``.

        Returns
        -------
        list of Read

        Raises
        ------
        TypeError, ValueError
            If ``x`` is not of integers, not two-dimensional or out of range.
        """
        x = check_integers("x", x)
        if x.ndim != 2:
            raise ValueError(f"x must have shape (batch, rows), not {x.shape}")
        for extreme in (x.min(initial=0).item(), x.max(initial=0).item()):
            if abs(extreme) > self.limit:
                raise ValueError(f"x must be in {-self.limit}..{self.limit}, not {extreme}")
        reads, sign, magnitude = [], np.sign(x), np.abs(x)
        for bits, shift in zip(self.slice_bits, self.shifts, strict=True):
            digit = (magnitude >> shift) & ((1 << bits) - 1)
            lengths = sign * digit * self.clocks_per_unit
            phases = [("both", lengths)] if self.phases == 1 else [
                (side, part) for side in ("plus", "minus")
                for part in (np.maximum(lengths, 0), np.minimum(lengths, 0))]
            reads += [Read(lengths=part, window_clocks=self._window(bits), sides=side,
                           weight=1 << shift) for side, part in phases]
        return reads


READ_MODES = ("one_phase", "four_phase", "split", "bit_serial")
"""Names of the modes that a tile knows, in the order of their numbers in register SETTINGS."""


def read_mode(name, *, input_bits=8):
    """A mode of `READ_MODES` for inputs of ``input_bits``, sign included.

    ``split`` reads the lower half of the magnitude bits, rounded down, then the upper one; and
    ``bit_serial`` one bit at a time in pulses of five clocks. Source of one phase and of five
    clocks per bit: Khaddam-Aljameh et al., IEEE JSSC 57(4), 1027-1038, 2022; of four phases: Le
    Gallo et al., Nature Electronics 6, 680-693, 2023; of the split of 8-bit inputs at three bits:
    AIHWKIT ``simulator/tiles/analog_mvm_irdrop_t.py``, commit 4545f11b.

    Raises
    ------
    TypeError, ValueError
        If ``name`` is not in `READ_MODES`, or ``input_bits`` no integer in 4..8.
    """
    if name not in READ_MODES:
        raise ValueError(f"name must be one of {', '.join(READ_MODES)}, not {name!r}")
    bits = check_integer("input_bits", input_bits, low=4, high=8) - 1
    return {
        "one_phase": ReadMode(slice_bits=(bits,)),
        "four_phase": ReadMode(slice_bits=(bits,), phases=4),
        "split": ReadMode(slice_bits=(bits // 2, bits - bits // 2)),
        "bit_serial": ReadMode(slice_bits=(1,) * bits, clocks_per_unit=5),
    }[name]


def combine(reads, counts):
    """Add the counts of a sequence of reads at full precision.

    Parameters
    ----------
    reads : list of Read
    counts : sequence of int array, (batch, 2, columns) each

    Returns
    -------
    array of int64, (batch, 2, columns)
        ``sum weight counts``, P and N apart.
    """
    if len(reads) != len(counts) or not reads:
        raise ValueError(f"counts must hold one array per read, {len(reads)}, not {len(counts)}")
    return sum(read.weight * check_integers("counts", part)
               for read, part in zip(reads, counts, strict=True))
