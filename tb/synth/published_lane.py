"""The lane as published: calibrate, accumulate, ReLU, requantise; no scale and bias after it."""

from amaranth.hdl import Module, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.formats import NmpuFormats
from hw.formats.q import Q
from hw.nmpu.stages import LaneStages
from hw.readout.payloads import group_range, weight_bits

__all__ = ["STAGE_GATES", "PublishedLane", "deep", "full", "one_group", "published"]

STAGE_GATES = 11
"""Of the deep lanes that are synthesised: few gates, and none of a stage deeper than 20."""


def deep(config):
    """The same with deep lanes."""
    return config.replace(nmpu={"stage_gates": STAGE_GATES})


def one_group(config):
    """The same with a column for each lane, so that a lane keeps one sum."""
    return config.replace(array={"columns": config.nmpu.lanes},
                          readout={"columns_per_counter": 1})


def published(config):
    """A configuration of deep lanes that can do no more than was published: one or four phases per
    vector, and up to 32 reads in a sum, eight blocks of rows in four phases, as many as the largest
    layer of Le Gallo et al. (Nature Electronics 6, 680-693, 2023) needs.

    A lane keeps the sum of one column: those of further ones are memory, as coefficients are.
    """
    return one_group(deep(config)).replace(
        drive={"read_modes": ("one_phase", "four_phase")},
        drift={"engine": False}, program={"engine": False},
        nmpu={"max_reads": 32, "accumulator_bits": 27, "partial_sums": False, "residual": False})


def full(config):
    """Likewise, with scale and bias per channel and a residual."""
    return published(config).replace(nmpu={"residual": True})


class PublishedLane(wiring.Component):
    """`hw.nmpu.lane.Lane` without its `Normalise`: built to be counted, part of no tile.

    What the NMPU was published to do (Ferro et al., ISCAS 2024, arXiv 2402.07549): both counts
    times their scale plus their offset, ReLU and a result of 8 bits, one column per clock; with
    the accumulation that comparisons with other lanes need. See `published`.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    As of `Lane`, without ``norm_scale`` and ``norm_bias`` and what `published` leaves out.
    """

    def __init__(self, config):
        self._config = config
        nmpu, bits = config.nmpu, config.readout.counter_bits
        super().__init__({
            "en": In(1),
            "count_p": In(bits), "count_n": In(bits),
            "scale_p": In(Q(nmpu.scale)), "scale_n": In(Q(nmpu.scale)),
            "offset_p": In(Q(nmpu.offset)), "offset_n": In(Q(nmpu.offset)),
            "next_group": In(group_range(config)), "group": In(group_range(config)),
            "valid": In(1), "first": In(1), "weight": In(weight_bits(config)),
            "shift": In(nmpu.shift_bits), "relu": In(1), "bits": In(4),
            "o": Out(signed(8)),
        })

    @staticmethod
    def latency_of(config):
        stages = LaneStages.of(config)
        return (stages.combine.latency_of(config) + stages.gather.latency_of(config)
                + stages.requantise.latency)

    def elaborate(self, platform):
        m = Module()
        config, stages = self._config, LaneStages.of(self._config)
        m.submodules.combine = combine = stages.combine(config)
        m.submodules.gather = gather = stages.gather(config)
        m.submodules.requantise = requantise = stages.requantise(
            src=NmpuFormats.of(config).accumulated.fmt, rounding=config.nmpu.rounding,
            shift_bits=config.nmpu.shift_bits, max_bits=config.nmpu.output_bits)

        for stage, names in (
                (combine, ("en", "count_p", "count_n", "scale_p", "scale_n", "offset_p",
                           "offset_n")),
                (gather, ("en", "next_group", "group", "valid", "first", "weight")),
                (requantise, ("en", "shift", "relu", "bits"))):
            m.d.comb += [getattr(stage, name).eq(getattr(self, name)) for name in names]
        m.d.comb += [
            gather.i.eq(combine.y),
            requantise.i.eq(gather.o),
            self.o.eq(requantise.o),
        ]
        return m
