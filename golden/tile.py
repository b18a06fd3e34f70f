"""A whole tile: input vectors to result vectors, with any array between the pins."""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_integers
from golden.convert.pulse import pulse_lengths
from golden.nmpu import process
from golden.readout import capture

__all__ = ["TileRun", "run_tile"]

PIECE = 128
"""Results processed at once: the intermediates of more do not stay in the processor's cache."""


@dataclass(frozen=True)
class TileRun:
    """What a tile does with a batch of vectors.

    Parameters
    ----------
    lengths : int64 array, (vectors, rows)
        Signed pulse lengths in clocks.
    counts : int64 array, (vectors, 2, columns)
    results : int64 array, (vectors / reads, columns)
    input_clipped, count_full : bool
        The sticky events of STATUS.
    """

    lengths: np.ndarray
    counts: np.ndarray
    results: np.ndarray
    input_clipped: bool
    count_full: bool


def run_tile(x, counts_of, coefficients, settings, config):
    """Run vectors through a tile.

    Parameters
    ----------
    x : int array, (vectors, rows)
        Signed bytes; ``vectors`` is a multiple of ``settings.reads``, the reads of one result
        follow each other.
    counts_of : callable
        The analog half: signed pulse lengths (vectors, rows) to counts (vectors, 2, columns).
    coefficients : Coefficients
    settings : Settings
    config : TileConfig

    Returns
    -------
    TileRun
    """
    settings.validate(config)
    x = check_integers("x", x)
    if x.ndim != 2 or x.shape[1] != config.array.rows or x.shape[0] % settings.reads:
        raise ValueError(f"x must be (a multiple of {settings.reads}, {config.array.rows}), "
                         f"not {x.shape}")
    lengths, clipped = pulse_lengths(x, input_bits=settings.input_bits)
    counts, full = capture(counts_of(lengths), counter_bits=config.readout.counter_bits)
    by_result = counts.reshape(-1, settings.reads, 2, config.array.columns)
    results = np.concatenate([
        process(by_result[start:start + PIECE], coefficients, settings, config)
        for start in range(0, max(len(by_result), 1), PIECE)])
    return TileRun(lengths, counts, results, bool(clipped.any()), bool(full.any()))
