"""Targets of a row as beats of a stream: packed by the host, read by the engine."""

import numpy as np

from golden.array.checks import check_integers
from golden.program.formats import TARGET_BITS, largest_target

__all__ = ["pack_row", "read_row"]


def pack_row(targets, x_bits):
    """Beats of a row of targets, lowest column in the lowest bits; the last is filled with 0.

    Parameters
    ----------
    targets : array of int, (columns,)
        Each fits a signed 16-bit word.
    x_bits : int
        Of a beat; a multiple of 16.

    Returns
    -------
    list of int

    Raises
    ------
    TypeError, ValueError
        If a target is not an integer, or does not fit.
    """
    targets, top = check_integers("targets", targets), 1 << (TARGET_BITS - 1)
    if targets.size and not (-top <= targets.min() and targets.max() < top):
        raise ValueError(f"targets must be in {-top}..{top - 1}, not {targets.tolist()}")
    data = targets.astype("<i2").tobytes()
    size = x_bits // 8
    return [int.from_bytes(data[at:at + size], "little") for at in range(0, len(data), size)]


def read_row(beats, columns, config):
    """What the engine makes of the beats of a row.

    Parameters
    ----------
    beats : list of int
    columns : int
        Of the range.
    config : TileConfig

    Returns
    -------
    targets : int64 array, (columns,)
        0 where the beats end early.
    clipped : int
        Targets beyond `golden.program.formats.largest_target`.
    surplus : int
        Beats beyond the last column.
    """
    size = config.stream.x_bits // 8
    words = np.frombuffer(b"".join(beat.to_bytes(size, "little") for beat in beats), "<i2")
    targets = np.zeros(columns, np.int64)
    targets[:len(words)] = words[:columns]
    limit = largest_target(config)
    kept = np.clip(targets, -limit, limit)
    return kept, int((kept != targets).sum()), max(0, len(beats) - -(-columns * 2 // size))
