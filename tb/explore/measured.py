"""What a point costs and gives: area, clock, latency, error."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from hw.nmpu.nmpu import Nmpu
from tb.explore.error import relative_error
from tb.explore.pareto import front
from tb.explore.space import Choice
from tb.synth.job import WORKERS
from tb.synth.measure import PERIOD_NS, measure

__all__ = ["Point", "best", "measure_all"]


@dataclass(frozen=True, kw_only=True)
class Point:
    """A measured choice.

    Members
    -------
    choice : Choice
    area_um2 : float
        Of all lanes, with the sums they hold, without coefficients and control.
    clock_mhz : float
        The highest, between flip-flops of a lane.
    by : str
        What timed it.
    clocks : int
        From the counts of a vector of all columns to its last result, see `hw.nmpu.nmpu.Nmpu`.
    error : float
        See `tb.explore.error.relative_error`.
    """

    choice: Choice
    area_um2: float
    clock_mhz: float
    by: str
    clocks: int
    error: float

    @property
    def latency_ns(self):
        """``clocks`` at the point's own clock."""
        return 1000 * self.clocks / self.clock_mhz

    @property
    def costs(self):
        """What a point is judged by, less is better: area, latency, error."""
        return self.area_um2, self.latency_ns, self.error


def measure_all(found, library, *, tell):
    """Map the lane of each choice; two at a time.

    A lane is another one for every choice: with few lanes each holds the sums of many columns.

    Parameters
    ----------
    found : list of Choice
    library : Library
    tell : callable
        ``tell(choice)`` is called when a choice is started.

    Returns
    -------
    list of Point
        In the order of the choices.

    Raises
    ------
    RuntimeError
        If Yosys or OpenSTA fails on a lane.
    """
    def point(choice):
        tell(choice)
        config = choice.config
        record = measure("lane", f"explore-{choice.name}", config, library, period_ns=PERIOD_NS)
        return Point(choice=choice, area_um2=choice.lanes * record["area_um2"],
                     clock_mhz=record["timing"]["max_clock_mhz"], by=record["timing"]["by"],
                     clocks=config.groups - 1 + Nmpu.latency_of(config),
                     error=relative_error(config))

    pool = ThreadPoolExecutor(WORKERS)
    try:
        return list(pool.map(point, found))
    finally:
        pool.shutdown(cancel_futures=True)


def best(points):
    """Those that no other one beats in area, latency and error."""
    kept = front([point.costs for point in points])
    return [point for point, keep in zip(points, kept, strict=True) if keep]
