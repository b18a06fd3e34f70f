"""Gain and error of an ageing array against a table that was computed elsewhere."""

from dataclasses import dataclass

import numpy as np

from golden.array.devices import make_device
from golden.array.drift_error import drift_error

__all__ = ["AGES", "ALLOWED", "TABLE", "Entry", "compare_table", "judge", "measure"]

AGES = {"1 s": 1.0, "60 s": 60.0, "1 h": 3600.0, "1 d": 86400.0, "30 d": 30 * 86400.0,
        "1 y": 365 * 86400.0, "10 y": 3650 * 86400.0}

ALLOWED = 0.03
"""Relative deviation of an entry. The table's own three seeds spread by 0.003 in the gain and by
0.2 points in the errors, up to 2.3 % of an entry; the extremes of the columns have two decimals."""

TABLE = {
    "pcm_like": (
        (1.002, 0.99, 1.01, 8.8, 8.8), (1.071, 1.06, 1.09, 11.0, 9.0),
        (1.289, 1.27, 1.31, 24.2, 10.1), (1.505, 1.47, 1.54, 34.7, 11.8),
        (1.773, 1.72, 1.82, 44.5, 14.0), (2.000, 1.93, 2.07, 50.8, 15.7),
        (2.232, 2.16, 2.31, 55.9, 17.4)),
    "hermes_two_device": (
        (1.000, 0.98, 1.02, 11.0, 11.0), (1.008, 1.00, 1.03, 10.9, 10.9),
        (1.129, 1.10, 1.15, 14.7, 12.3), (1.303, 1.26, 1.34, 23.6, 16.4),
        (1.518, 1.44, 1.60, 32.9, 22.4), (1.694, 1.58, 1.81, 39.0, 27.4),
        (1.868, 1.72, 2.02, 44.0, 32.2)),
    "hermes_one_device": (
        (1.000, None, None, 17.1, 17.1), (1.012, None, None, 16.9, 17.0),
        (1.147, None, None, 19.8, 18.4), (1.322, None, None, 27.0, 22.0),
        (1.537, None, None, 35.3, 27.3), (1.711, None, None, 40.9, 32.0),
        (1.883, None, 2.05, 45.6, 36.7)),
}
"""Per age: gain of the tile, smallest and largest gain of a column, error without and with the
gain of the tile, in %. Source: derived from the published constants of AIHWKIT
``inference/noise/pcm.py`` and ``hermes.py`` by an independent simulation of 256 x 256 Gaussian
weights clipped at two sigma, devices kept separate, noisy one-hot readout, uniform inputs; it
shares no code with this repository."""

_QUANTITIES = ("gain", "column min", "column max", "error", "error GDC")


@dataclass(frozen=True)
class Entry:
    """One number of the table and ours.

    ``measured`` is the mean over the seeds, ``spread`` their standard deviation.
    """

    device: str
    age: str
    quantity: str
    table: float
    measured: float
    spread: float

    @property
    def relative(self):
        return abs(self.measured - self.table) / self.table

    @property
    def holds(self):
        return self.relative <= ALLOWED


def judge(device, results):
    """Entries of one device from measurements (seeds, ages, 5) in the order of the table."""
    results = np.asarray(results)
    mean, spread = results.mean(axis=0), results.std(axis=0)
    return [Entry(device, age, quantity, wanted, float(mean[a, q]), float(spread[a, q]))
            for a, (age, row) in enumerate(zip(AGES, TABLE[device], strict=True))
            for q, (quantity, wanted) in enumerate(zip(_QUANTITIES, row, strict=True))
            if wanted is not None]


def measure(device, seed):
    """One tile: (ages, 5)."""
    found = drift_error(make_device(device), ages_s=list(AGES.values()), seed=seed)
    return np.stack([found.gain, found.column_gain.min(axis=1), found.column_gain.max(axis=1),
                     100 * found.error_without, 100 * found.error_with], axis=1)


def compare_table(seeds):
    """Every entry of every device, averaged over ``seeds``."""
    return [entry for device in TABLE
            for entry in judge(device, [measure(device, seed) for seed in seeds])]
