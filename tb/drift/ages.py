"""The ages, and what the published table of errors says of them."""

from golden.array.devices import make_device
from golden.array.drift_error import drift_error
from tb.bench_golden.drift_table import AGES as TABLE_AGES
from tb.bench_golden.drift_table import TABLE
from tb.sim.precision import TIMES

__all__ = ["DEVICES", "NAMES", "SECONDS", "TIMES", "floors"]

DEVICES = ("pcm_like", "hermes_two_device")

NAMES = ("25 s", "60 s", "1 h", "1 d", "30 d", "1 y", "10 y")
"""Of the errors of products: those of the runs, and the table's beside the first."""

SECONDS = {name: (TIMES | TABLE_AGES)[name] for name in NAMES}


def floors(device, names=NAMES, seeds=range(8)):
    """Error with the gain of the tile in %, by age: the table's, or, where it has none, that of
    the float64 array that reproduces it.

    Returns
    -------
    dict of str to float
    """
    table = {age: row[4] for age, row in zip(TABLE_AGES, TABLE[device], strict=True)}
    return {name: table[name] if name in table else sum(
        100 * drift_error(make_device(device), ages_s=[SECONDS[name]], seed=seed).error_with[0]
        for seed in seeds) / len(seeds) for name in names}
