"""What a stream has offered it keeps offering until it is taken."""

from hw.drive.input_buffer import InputBuffer
from hw.nmpu.nmpu import Nmpu
from hw.readout.capture import Capture
from hw.readout.count_front_end import CountFrontEnd
from hw.readout.readout import Readout
from hw.streams.downsize import Downsize
from hw.streams.vector_end import VectorEnd
from hw.tile import Tile
from tb.formal.configs import NANO, SIDE_STREAMS
from tb.formal.plant import Plant
from tb.formal.property import Property
from tb.formal.rules import ends_cut_vectors, keeps, kept

__all__ = ["PROPERTIES"]


def input_buffer(wrapper):
    keeps(wrapper, wrapper.add(InputBuffer(NANO)).o)


def count_front_end(wrapper):
    front_end = wrapper.add(CountFrontEnd(NANO))
    kept(wrapper, front_end.counts)
    taken = front_end.counts.valid & front_end.counts.ready
    wrapper.assume(front_end.due, when=wrapper.before(front_end.due & ~taken))
    keeps(wrapper, front_end.o)


def capture(wrapper):
    keeps(wrapper, wrapper.add(Capture(NANO)).o)


def readout(wrapper):
    block = wrapper.add(Readout(NANO))
    wrapper.assume(~block.flush)
    keeps(wrapper, block.o)


def nmpu(wrapper):
    block = wrapper.add(Nmpu(SIDE_STREAMS))
    wrapper.assume(~block.flush)
    keeps(wrapper, block.o)
    keeps(wrapper, block.sums_o)


def downsize(wrapper):
    block = wrapper.add(Downsize(wide=24, narrow=8))
    kept(wrapper, block.i)
    keeps(wrapper, block.o)


def _tile_port(name, config):
    def build(wrapper):
        tile = Tile(config)
        parts = wrapper.open(tile)
        port = getattr(tile, name)
        ends_cut_vectors(
            wrapper, parts.supervisor.flush, valid=port.tvalid, ready=port.tready,
            data=port.tdata, last=port.tlast, broken=port.tuser)
    return build


PROPERTIES = (
    Property(
        name="stream_input_buffer",
        sentence="A vector in the input buffer is offered, unchanged, until it is taken.",
        build=input_buffer,
        plant=Plant(InputBuffer, "filling.eq(~whole & ~single", "filling.eq(~single")),
    Property(
        name="stream_count_front_end",
        sentence="Counts that are due are offered, unchanged, until they are captured, if the "
                 "macro keeps offering them.",
        build=count_front_end,
        plant=Plant(CountFrontEnd, "self.counts.valid & self.due)",
                    "self.counts.valid | self.due)")),
    Property(
        name="stream_capture",
        sentence="A group of captured counts is offered, unchanged, until it is taken.",
        build=capture,
        plant=Plant(Capture, "with m.If(self.o.valid & self.o.ready)", "with m.If(self.o.valid)")),
    Property(
        name="stream_readout",
        sentence="The readout as a whole offers a group, unchanged, until it is taken.",
        build=readout,
        plant=Plant(Capture, "~occupied | leaving", "~occupied | (group == final)")),
    Property(
        name="stream_nmpu",
        sentence="Results and partial sums are offered, unchanged, until they are taken, whatever "
                 "arrives.",
        build=nmpu,
        plant=Plant(Nmpu, "middle_free.eq(~behind & leave.i.ready)", "middle_free.eq(~behind)"),
        depth=30),
    Property(
        name="stream_downsize",
        sentence="Parts of a beat are offered, unchanged, until they are taken, if the beat is.",
        build=downsize,
        plant=Plant(Downsize, "self.i.ready.eq(self.o.ready & final)", "self.i.ready.eq(final)")),
    Property(
        name="stream_tile_y",
        sentence="The y stream of the tile keeps the rules whatever the other ports do: offers "
                 "stay, also in a flush, and what it cuts off ends with one beat, last and broken.",
        build=_tile_port("y", NANO),
        plant=Plant(Nmpu, "back.eq(awake & back_free)", "back.eq(awake)"),
        depth=60),
    Property(
        name="stream_tile_sums",
        sentence="So does its stream of partial sums.",
        build=_tile_port("o_sums", NANO.replace(nmpu={"partial_sums": True})),
        plant=Plant(VectorEnd, "ending.eq(~self.o.payload.last)", "ending.eq(within)"),
        depth=60),
)
