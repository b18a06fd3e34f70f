"""Area and latency over the number of lanes."""

from concurrent.futures import ThreadPoolExecutor

from hw.nmpu.nmpu import Nmpu
from tb.synth.job import WORKERS
from tb.synth.measure import measure

__all__ = ["LANES", "sweep"]

LANES = (16, 32, 64, 128, 256)


def sweep(preset, config, library, *, period_ns):
    """One lane synthesised for each number of `LANES` that divides the columns.

    Returns
    -------
    list of tuple
        Lanes; area of that many lanes in um2, without coefficients and control; clocks from the
        counts of a vector to its last result, see `hw.nmpu.nmpu.Nmpu`.
    """
    def point(lanes):
        changed = config.replace(nmpu={"lanes": lanes}, stream={"y_bits": 8})
        record = measure("lane", f"{preset}-{lanes}-lanes", changed, library, period_ns=period_ns)
        return (lanes, lanes * record["area_um2"], changed.groups - 1 + Nmpu.latency_of(changed))

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(point, (n for n in LANES if config.array.columns % n == 0)))
