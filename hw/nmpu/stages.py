"""What a lane is made of, and when its parts want their inputs."""

from dataclasses import dataclass
from functools import cache

from hw.nmpu.combine import Combine
from hw.nmpu.deep.combine import DeepCombine
from hw.nmpu.deep.gather import DeepGather
from hw.nmpu.deep.normalise import DeepNormalise
from hw.nmpu.deep.requantise import DeepRequantise
from hw.nmpu.deep.residual import DeepResidual
from hw.nmpu.gather import Gather
from hw.nmpu.normalise import Normalise
from hw.nmpu.requantise import Requantise
from hw.nmpu.residual import Residual

__all__ = ["LaneClocks", "LaneStages"]


@dataclass(frozen=True, kw_only=True)
class LaneStages:
    """The components of a lane."""

    combine: type = Combine
    gather: type = Gather
    residual: type = Residual
    normalise: type = Normalise
    requantise: type = Requantise

    @classmethod
    def of(cls, config):
        """Those of numbers, or those of bits in stages of `config.nmpu.stage_gates`."""
        if not config.nmpu.stage_gates:
            return cls()
        return cls(combine=DeepCombine, gather=DeepGather, residual=DeepResidual,
                   normalise=DeepNormalise, requantise=DeepRequantise)


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
    late : bool
        All lanes are a clock behind what moves them, each with its own registers for it: see
        `hw.nmpu.deep.late_lane.LateLane`.
    """

    gather_at: int
    normalise_at: int
    relu_at: int
    requantise_at: int
    latency: int
    late: bool

    @classmethod
    @cache
    def of(cls, config):
        stages = LaneStages.of(config)
        gather_at = stages.combine.latency_of(config)
        normalise_at = gather_at + stages.gather.latency_of(config)
        requantise_at = normalise_at + stages.normalise.latency_of(config)
        return cls(gather_at=gather_at, normalise_at=normalise_at, relu_at=requantise_at - 1,
                   requantise_at=requantise_at, latency=requantise_at + stages.requantise.latency,
                   late=bool(config.nmpu.stage_gates))
