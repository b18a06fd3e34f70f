"""What one measurement of the drift engine drives and adds up."""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_integer, check_integers
from golden.drift.formats import DriftFormats
from golden.nmpu import combine, gather
from golden.readout import capture

__all__ = ["INPUTS", "Measurement", "calibration_vectors", "measure"]

INPUTS = ("constant", "one_hot", "stored")
"""Calibration inputs, in the order of their numbers in the register."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Measurement:
    """Sums of one calibration input.

    Parameters
    ----------
    sums : int64 array, (columns,)
        In ``DriftFormats.sum``.
    absolute : bool
        The absolute values of the readouts were added, otherwise the readouts.
    repeats : int
        Vectors.
    weight : int
        Of the reads of one vector together.
    saturated : bool
        A counter stood at full scale.
    """

    sums: np.ndarray
    absolute: bool
    repeats: int
    weight: int
    saturated: bool

    def alike(self, other):
        """Whether both added up in the same way, so that their sums may be compared."""
        return ((self.absolute, self.repeats, self.weight)
                == (other.absolute, other.repeats, other.weight))


def calibration_vectors(config, kind, *, repeats, value=None, stored=None):
    """The vectors of a measurement, (repeats, rows).

    Parameters
    ----------
    config : TileConfig
    kind : str
        ``constant``: every row is given ``value``. ``one_hot``: row ``k % rows`` of vector ``k``
        is, the others are 0. ``stored``: vector ``k`` is that number ``k % count`` of ``stored``.
    repeats : int
        1 to ``config.drift.max_repeats``.
    value : int
        A signed byte, for the first two kinds.
    stored : int array, (count, rows)
        At most ``config.drift.vectors`` of signed bytes.
    """
    if kind not in INPUTS:
        raise ValueError(f"kind must be one of {', '.join(INPUTS)}, not {kind!r}")
    rows = config.array.rows
    repeats = check_integer("repeats", repeats, low=1, high=config.drift.max_repeats)
    if kind == "stored":
        stored = check_integers("stored", stored)
        if stored.ndim != 2 or stored.shape[1] != rows or not (
                1 <= len(stored) <= config.drift.vectors):
            raise ValueError(f"stored must be (1 to {config.drift.vectors}, {rows}), not "
                             f"{stored.shape}")
        if stored.min() < -128 or stored.max() > 127:
            raise ValueError(f"stored must hold -128 to 127, not {stored.min()} to {stored.max()}")
        return stored[np.arange(repeats) % len(stored)]
    value = check_integer("value", value, low=-128, high=127)
    if kind == "constant":
        return np.full((repeats, rows), value, np.int64)
    return value * (np.arange(rows) == np.arange(repeats)[:, None] % rows).astype(np.int64)


def measure(counts, base, config, *, absolute, weights=(1,)):
    """Add up the readouts of a measurement.

    Parameters
    ----------
    counts : int array, (repeats, reads, 2, columns)
        Those of every vector, in the order they were taken.
    base : Coefficients
        As the host wrote them: exponent 0.
    config : TileConfig
    absolute : bool
        Add absolute values.
    weights : sequence of int
        Of the reads of one vector, see `golden.settings.Settings.weights`.

    Returns
    -------
    Measurement
    """
    if base.exponent:
        raise ValueError(f"base must have exponent 0, not {base.exponent}")
    counts = np.asarray(counts)
    if counts.ndim != 4:
        raise ValueError(f"counts must be (repeats, reads, 2, columns), not {counts.shape}")
    repeats = check_integer("repeats", len(counts), low=1, high=config.drift.max_repeats)
    counts, full = capture(counts, counter_bits=config.readout.counter_bits)
    readouts = gather(combine(counts, base, config), weights, config)
    sums = (np.abs(readouts) if absolute else readouts).sum(axis=0)
    return Measurement(sums=DriftFormats.of(config).sum.check(sums, "sum"), absolute=bool(absolute),
                       repeats=repeats, weight=sum(weights), saturated=bool(full.any()))
