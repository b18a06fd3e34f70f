"""A whole tile: input vectors to result vectors, with any array between the pins."""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_integers
from golden.drive import drive
from golden.nmpu import accumulate, finish
from golden.readout import capture

__all__ = ["TileRun", "run_tile"]

PIECE = 128
"""Results processed at once: the intermediates of more do not stay in the processor's cache."""


@dataclass(frozen=True)
class TileRun:
    """What a tile does with a batch of vectors.

    Parameters
    ----------
    reads : list of golden.array.modes.Read
        Of each vector; `lengths` puts them in the order of the pins.
    counts : int64 array, (vectors, reads, 2, columns)
    accumulated : int64 array, (vectors / settings.reads, columns)
        What leaves as partial sums, and what is left for a job that resumes.
    results : int64 array, same shape
    input_clipped : bool
        The sticky event of STATUS.
    saturated : bool array, (columns,)
        Columns of which a counter stood at full scale.
    """

    reads: list
    counts: np.ndarray
    accumulated: np.ndarray
    results: np.ndarray
    input_clipped: bool
    saturated: np.ndarray

    def lengths(self, blocks=1):
        """Signed pulse lengths of every window, (windows, rows), vector by vector.

        Parameters
        ----------
        blocks : int
            Blocks of columns that share counters: a vector is read once for each.
        """
        lengths = np.stack([read.lengths for read in self.reads] * blocks, axis=1)
        return lengths.reshape(-1, lengths.shape[-1])

    @property
    def count_full(self):
        """The sticky event of STATUS."""
        return bool(self.saturated.any())


def run_tile(x, counts_of, coefficients, settings, config, *, start=None, received=None):
    """Run vectors through a tile, all columns; a job of fewer has those of its range.

    Parameters
    ----------
    x : int array, (vectors, rows)
        Signed bytes; ``vectors`` is a multiple of ``settings.reads``, the vectors of one result
        follow each other.
    counts_of : callable
        The analog half: a `golden.array.modes.Read` of all vectors to counts
        (vectors, 2, columns).
    coefficients : Coefficients
    settings : Settings
    config : TileConfig
    start : int array, (results, columns), optional
        What the accumulators start from: partial sums of `golden.nmpu.clip_sums`, or what an
        earlier run left.
    received : int array, (results, columns)
        Residuals, given with ``settings.residual`` and only then.

    Returns
    -------
    TileRun
    """
    settings.validate(config)
    x = check_integers("x", x)
    if x.ndim != 2 or x.shape[1] != config.array.rows or x.shape[0] % settings.reads:
        raise ValueError(f"x must be (a multiple of {settings.reads}, {config.array.rows}), "
                         f"not {x.shape}")
    reads, clipped = drive(x, settings)
    counts = np.stack([counts_of(read) for read in reads], axis=1)
    wanted = (len(x), 2, config.array.columns)
    if counts.shape != (wanted[0], len(reads), *wanted[1:]):
        raise ValueError(f"counts_of must give {wanted}, not "
                         f"{(counts.shape[0], *counts.shape[2:])}")
    counts, full = capture(counts, counter_bits=config.readout.counter_bits)
    by_result = counts.reshape(-1, settings.reads * len(reads), 2, config.array.columns)
    results, accumulated = [], []
    for first in range(0, max(len(by_result), 1), PIECE):
        piece = slice(first, first + PIECE)
        accumulated.append(accumulate(by_result[piece], coefficients, settings, config,
                                      start=None if start is None else start[piece]))
        results.append(finish(accumulated[-1], coefficients, settings, config,
                              received=None if received is None else received[piece]))
    return TileRun(reads, counts, np.concatenate(accumulated), np.concatenate(results), clipped,
                   full.any(axis=(0, 1)))
