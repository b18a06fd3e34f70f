"""Clocks of a programming job: exact, from what its sweeps pulsed.

Columns are worked out one per clock, group by group of write heads, beside the pulse of the group
before; a group in which nobody fires gives no pulse.
"""

import numpy as np

from golden.program.formats import TARGET_BITS

__all__ = ["job_clocks", "row_clocks"]

PIPELINE = 4
"""Clocks from the address of a group's last column to its pulse."""

AROUND = 2
"""Clocks of a pulse beside its length and the clocks in which the heads get ready."""


def job_clocks(rows, config, settings, *, first_column, read_clocks, ready_clocks=1):
    """Clocks from ``start`` to ``done``, with targets that never wait.

    Parameters
    ----------
    rows : list of golden.program.engine.ProgrammedRow
    config : TileConfig
    settings : ProgramSettings
    first_column : int
        Of the range.
    read_clocks : int
        From the request of a verify read to its end.
    ready_clocks : int
        Clocks of each pulse in which the write heads are asked whether they are ready; at least 1.
    """
    located = first_column // config.program.heads
    return 5 + located + sum(row_clocks(row, config, settings, first_column=first_column,
                                        read_clocks=read_clocks, ready_clocks=ready_clocks)
                             for row in rows)


def row_clocks(row, config, settings, *, first_column, read_clocks, ready_clocks=1):
    """Those of one row, as in `job_clocks`."""
    lengths = {"reset": settings.reset_clocks, "set": settings.set_clocks + settings.set_trailing,
               "loop": settings.pulse_clocks, "compare": 0}
    columns = len(row.target)
    beats = -(-columns * TARGET_BITS // config.stream.x_bits)
    clocks = 1 + beats + columns + 1
    for sweep in row.sweeps:
        if sweep.read:
            clocks += settings.precharge + 1 + read_clocks
        clocks += _sweep(_groups(sweep.pulsed, first_column, config.program.heads),
                         config.program.heads, lengths[sweep.kind] + ready_clocks + AROUND)
    return clocks


def _groups(pulsed, first_column, heads):
    """Which groups of heads fire, from that of the first column to that of the last."""
    before = first_column % heads
    after = -(before + len(pulsed)) % heads
    return np.pad(pulsed, (before, after)).reshape(-1, heads).any(axis=1)


def _sweep(fires, heads, pulse):
    """Clocks of a pass, from its start to what follows."""
    worked_out, heads_free = 1 + heads + PIPELINE, 0
    for fire in fires.tolist():
        begins = max(worked_out, heads_free)
        heads_free = begins + pulse if fire else 0
        worked_out = begins + 1 + heads + PIPELINE
    return max(begins + 1, heads_free) + 2
