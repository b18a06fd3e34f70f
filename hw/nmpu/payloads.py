"""What the NMPU gives to, and takes from, the streams beside it."""

from amaranth.hdl import signed
from amaranth.lib import data

from golden.formats import NmpuFormats
from hw.formats.q import Q

__all__ = ["accumulated_sums", "ends", "partial_sums", "residuals", "results"]


def ends(stage):
    """Whether the group at a stage is the last one of its columns."""
    return stage.group == stage.tag.last_group


def results(config):
    """One result per lane, as bytes; ``last`` marks the last group of a vector.

    ``to_buffer``: they are for the activation buffer, otherwise for the y stream.
    """
    return data.StructLayout({
        "data": data.ArrayLayout(8, config.nmpu.lanes),
        "last": 1,
        "to_buffer": 1,
    })


def partial_sums(config):
    """What accumulators start from, one per lane; ``last`` ends a vector."""
    return data.StructLayout({
        "data": data.ArrayLayout(Q(NmpuFormats.of(config).partial.fmt), config.nmpu.lanes),
        "last": 1,
    })


def accumulated_sums(config):
    """One accumulated number per lane; ``last`` marks the last group of a vector."""
    return data.StructLayout({
        "data": data.ArrayLayout(Q(NmpuFormats.of(config).accumulated.fmt), config.nmpu.lanes),
        "last": 1,
    })


def residuals(config):
    """One signed byte per lane; ``last`` ends a vector."""
    return data.StructLayout({
        "data": data.ArrayLayout(signed(8), config.nmpu.lanes),
        "last": 1,
    })
