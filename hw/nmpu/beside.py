"""In `hw.nmpu.nmpu.Nmpu`: what comes in beside the counts of a group, from other streams.

Each function returns whether a beat is lacking that the group which is being added wants.
"""

from amaranth.hdl import ResetInserter, Signal
from amaranth.lib import wiring

from hw.formats.link import link
from hw.nmpu.exit import ACTIVATIONS, Y
from hw.nmpu.payloads import ends
from hw.streams.align import Align

__all__ = ["add_partial_sums", "add_residuals"]


def add_partial_sums(m, nmpu, lanes, *, adding, front):
    """What accumulators start from."""
    wanted = Signal(name="wants_sums")
    m.d.comb += wanted.eq(adding.tag.first & adding.tag.sums & ~adding.tag.calibrate)
    align = _aligned(m, nmpu, "sums", wanted, adding=adding, front=front)
    for k, lane in enumerate(lanes):
        m.d.comb += [lane.sums.eq(wanted), lane.partial.eq(align.o.payload[k])]
    return wanted & ~align.o.valid


def add_residuals(m, nmpu, lanes, *, adding, gathered, front):
    """What is added to normalised numbers."""
    makes_results = (adding.tag.destination == Y) | (adding.tag.destination == ACTIVATIONS)
    wanted = Signal(name="wants_residual")
    m.d.comb += wanted.eq(adding.tag.last & adding.tag.residual & makes_results
                          & ~adding.tag.calibrate)
    align = _aligned(m, nmpu, "residual", wanted, adding=adding, front=front)
    for k, lane in enumerate(lanes):
        m.d.comb += [
            lane.residual_valid.eq(wanted),
            lane.residual.eq(align.o.payload[k]),
            lane.residual_scale.eq(adding.tag.residual_scale),
            lane.residual_shift.eq(gathered.tag.residual_shift),
        ]
    return wanted & ~align.o.valid


def _aligned(m, nmpu, name, wanted, *, adding, front):
    """The stream ``<name>_i`` in vectors as long as those of the groups."""
    given = getattr(nmpu, f"{name}_i")
    align = Align(given.payload.shape()["data"].shape)
    m.submodules[f"{name}_align"] = ResetInserter(nmpu.flush)(align)
    link(m, wiring.flipped(given), align.i)
    m.d.comb += [
        align.ends.eq(ends(adding)),
        align.o.ready.eq(front & adding.valid & wanted),
        getattr(nmpu, f"{name}_misaligned").eq(align.misaligned),
    ]
    return align
