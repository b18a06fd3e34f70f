"""Residuals and partial sums among the parts of a tile."""

from amaranth.hdl import Const, ResetInserter
from amaranth.lib import wiring

from hw.formats.link import link
from hw.streams.axi import StreamFromAxi, StreamToAxi
from hw.streams.partial_sums import SumsIn, SumsOut, sums_width
from hw.streams.realign import Realign
from hw.streams.residuals import ResidualIn
from hw.streams.vector_end import VectorEnd

__all__ = ["add_side_streams"]


def add_side_streams(m, tile, config):
    """Add the edges of those streams that are built to the module ``m`` of ``tile``.

    Returns
    -------
    Value
        The end of a vector that was cut off has not left.
    """
    parts = m.submodules
    nmpu, registers = parts.nmpu, parts.registers
    misaligned, busy = [], Const(0)
    if config.nmpu.residual:
        edge = _edge_in(m, "residual", tile.residual, config.stream.y_bits, ResidualIn(config))
        link(m, edge.o, nmpu.residual_i)
        misaligned.append(nmpu.residual_misaligned)
    if config.nmpu.partial_sums:
        width = sums_width(config)
        edge = _edge_in(m, "i_sums", tile.i_sums, width, SumsIn(config))
        link(m, edge.o, nmpu.sums_i)
        misaligned.append(nmpu.sums_misaligned)
        m.d.comb += registers.sums_clipped.eq(edge.clipped)

        sums_out = SumsOut(config)
        m.submodules.o_sums_edge = ResetInserter(parts.supervisor.flush)(sums_out)
        m.submodules.o_sums_end = end = VectorEnd(width)
        m.submodules.o_sums_axi = axi = StreamToAxi(width)
        link(m, nmpu.sums_o, sums_out.i)
        link(m, sums_out.o, end.i)
        link(m, end.o, axi.i)
        wiring.connect(m, axi.axi, wiring.flipped(tile.o_sums))
        m.d.comb += end.flush.eq(parts.supervisor.flush)
        busy = end.busy
    for event in misaligned:
        with m.If(event):
            m.d.comb += registers.stream_misaligned.eq(1)
    return busy


def _edge_in(m, name, port, width, edge):
    """From a port to ``edge``, which starts with a whole vector after a flush."""
    flush = m.submodules.supervisor.flush
    m.submodules[f"{name}_axi"] = axi = StreamFromAxi(width)
    m.submodules[f"{name}_realign"] = realign = Realign(width)
    m.submodules[f"{name}_edge"] = ResetInserter(flush)(edge)
    wiring.connect(m, wiring.flipped(port), axi.axi)
    link(m, axi.o, realign.i)
    link(m, realign.o, edge.i)
    m.d.comb += realign.flush.eq(flush)
    return edge
