"""When a lane wants its inputs and gives its results."""

from dataclasses import dataclass
from functools import cache

from hw.nmpu.combine import Combine
from hw.nmpu.gather import Gather
from hw.nmpu.normalise import Normalise
from hw.nmpu.requantise import Requantise

__all__ = ["LaneClocks"]


@dataclass(frozen=True, kw_only=True)
class LaneClocks:
    """Enabled clocks from the counts of a column, which come at clock 0.

    Members
    -------
    gather_at : int
        The readout is there.
    normalise_at : int
        The sum is there.
    relu_at : int
        The last clock of `Normalise`.
    requantise_at : int
        The normalised number is there.
    latency : int
        The result is there.
    """

    gather_at: int
    normalise_at: int
    relu_at: int
    requantise_at: int
    latency: int

    @classmethod
    @cache
    def of(cls, config):
        gather_at = Combine.latency_of(config)
        normalise_at = gather_at + Gather.latency_of(config)
        requantise_at = normalise_at + Normalise.latency_of(config)
        return cls(gather_at=gather_at, normalise_at=normalise_at, relu_at=requantise_at - 1,
                   requantise_at=requantise_at, latency=requantise_at + Requantise.latency)
