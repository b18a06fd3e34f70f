"""A chain of jobs on a whole tile: what goes in, what comes out, and what the rows do."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from golden.descriptors import Descriptor
from golden.drive import drive
from golden.nmpu import accumulate, clip_sums, finish
from golden.readout import capture

__all__ = ["ChainRun", "run_chain"]


@dataclass(kw_only=True, eq=False)
class ChainRun:
    """What a tile does in a chain.

    Parameters
    ----------
    lengths : list of int64 array, (rows,)
        Signed pulse lengths of every window, in the order of the pins.
    y, sums : list of int64 array, (columns of the job,)
        Vectors of the output stream and of the stream of partial sums.
    taken : dict of str to int
        Vectors taken from ``x``, ``residual`` and ``sums``.
    input_clipped, sums_clipped : bool
        The sticky events of STATUS.
    jobs : int
        Complete.
    """

    lengths: list = field(default_factory=list)
    y: list = field(default_factory=list)
    sums: list = field(default_factory=list)
    taken: dict = field(default_factory=lambda: {"x": 0, "residual": 0, "sums": 0})
    input_clipped: bool = False
    sums_clipped: bool = False
    jobs: int = 0


def run_chain(descriptors, config, *, counts_of, banks, bank=0, x=(), residual=(), sums=(),
              loops=1):
    """Run the jobs of a chain that multiply; it must be one that the checker accepts.

    Parameters
    ----------
    descriptors : sequence of golden.descriptors.Descriptor
        All of kind ``multiply``.
    config : TileConfig
    counts_of : callable
        A `golden.array.modes.Read` of one vector to counts (1, 2, columns).
    banks : sequence of two Coefficients
    bank : int
        The one in use at the start; a job that is pinned to the other one changes that.
    x, residual, sums : sequence of int arrays
        Vectors of the streams, as they will be taken; a vector may be shorter than its range.
    loops : int

    Returns
    -------
    ChainRun

    Raises
    ------
    ValueError
        If a stream has too few vectors.
    """
    run, streams = ChainRun(), {"x": x, "residual": residual, "sums": sums}
    activations, accumulated = deque(), None

    def take(name):
        number = run.taken[name]
        if number >= len(streams[name]):
            raise ValueError(f"{name} must have more than {number} vectors")
        run.taken[name] += 1
        return np.asarray(streams[name][number], np.int64)

    # In words every range has its numbers.
    jobs = [Descriptor.from_words(job.words(config), config) for job in descriptors]
    for job in jobs * loops:
        bank = bank if job.bank is None else job.bank
        part = slice(job.first_column, job.first_column + job.columns)
        for result in range(job.repeat):
            counts = []
            for _ in range(job.settings.reads):
                vector = _vector(job, config, result, activations, take)
                reads, clipped = drive(vector[None], job.settings)
                run.input_clipped |= clipped
                run.lengths += [read.lengths[0] for _ in range(config.blocks) for read in reads]
                counts += [capture(counts_of(read), counter_bits=config.readout.counter_bits)[0][0]
                           for read in reads]
            start = accumulated if job.resume else None
            if job.sums:
                words, clipped = clip_sums(_part(take("sums"), part, config), config)
                start, run.sums_clipped = words, run.sums_clipped | clipped
            accumulated = accumulate(np.stack(counts), banks[bank], job.settings, config,
                                     start=start)
            if job.destination == "sums":
                run.sums.append(accumulated[part])
            elif job.destination != "none":
                received = _part(take("residual"), part, config) if job.settings.residual else None
                y = finish(accumulated, banks[bank], job.settings, config, received=received)[part]
                (run.y if job.destination == "y" else activations).append(y)
        run.jobs += 1
    return run


def _vector(job, config, result, activations, take):
    """The next input of a job, for all rows."""
    vector = np.zeros(config.array.rows, np.int64)
    if job.source == "rows":
        vector[job.first_row + result] = (1 << (job.settings.input_bits - 1)) - 1
        return vector
    given = (take("x") if job.source == "x" else activations.popleft())[:job.rows]
    vector[job.first_row:job.first_row + len(given)] = given
    return vector


def _part(given, part, config):
    """A vector of the job's columns among all columns; what it lacks is 0."""
    whole = np.zeros(config.array.columns, np.int64)
    given = given[:part.stop - part.start]
    whole[part.start:part.start + len(given)] = given
    return whole
