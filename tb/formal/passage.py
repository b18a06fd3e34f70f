"""Nothing is lost on the way and nothing arrives twice.

One arbitrary thing is followed: which one is chosen freely, so the proof covers each of them.
"""

import itertools

from amaranth.hdl import Cat, Mux, Signal
from amaranth.lib import data

from golden.descriptors import DESTINATIONS, SOURCES
from hw.drive.input_buffer import InputBuffer
from hw.nmpu.nmpu import Nmpu
from hw.readout.banks import Banks
from hw.readout.capture import Capture
from hw.readout.readout import Readout
from hw.streams.downsize import Downsize
from hw.tile import Tile
from tb.formal.configs import BLOCKS, NANO
from tb.formal.plant import Plant
from tb.formal.property import Property
from tb.formal.rules import kept, legal_groups, taken, windows_in_order

__all__ = ["PROPERTIES"]

ROWS = NANO.array.rows


def input_buffer(wrapper):
    """Beats of one row each are counted within their vector; its description, if it has one, and
    what one row of it must be are remembered."""
    m = wrapper.m
    buffer = wrapper.add(InputBuffer(NANO))
    told = buffer.vectors.payload
    wrapper.assume((told.rows != 0) & (told.first_beat + told.rows <= ROWS))
    row = wrapper.fixed(range(ROWS), "row")
    about, described = Signal.like(told), Signal()
    beat, whole, value = Signal(range(ROWS + 1)), Signal(), Signal(8)
    single = described & (about.source == SOURCES.index("rows"))
    buffered = described & (about.source == SOURCES.index("activations"))
    first, rows = Mux(described, about.first_beat, 0), Mux(described, about.rows, ROWS)
    arrives = Mux(buffered, buffer.activations.payload, buffer.i.payload)
    arrives = buffer.i.payload.shape()(arrives)
    with m.If(taken(buffer.o)):
        m.d.sync += [whole.eq(0), beat.eq(0), described.eq(0)]
    with m.If(taken(buffer.vectors)):
        m.d.sync += [about.eq(told), described.eq(1)]
    with m.If(taken(buffer.i) | taken(buffer.activations)):
        m.d.sync += [whole.eq(arrives.last), beat.eq(beat + (beat != ROWS))]
        with m.If((row == first + beat) & (beat < rows)):
            m.d.sync += value.eq(arrives.data)
        with m.Elif(beat == 0):
            m.d.sync += value.eq(0)
    o = buffer.o.payload
    wrapper.require(buffer.o.valid == (whole | single))
    wrapper.require(o.x.as_value().word_select(row, 8) == value, when=whole)
    wrapper.require((o.described == described) & (o.single == single), when=buffer.o.valid)
    wrapper.require((o.job.as_value() == about.job.as_value()) & (o.row == about.row),
                    when=buffer.o.valid & described)
    wrapper.require(~taken(buffer.activations) | buffered)
    wrapper.require(~taken(buffer.i) | ~(buffered | single))
    wrapper.require(buffer.long_vector == (taken(buffer.i) & (beat >= rows)))
    wrapper.require(buffer.busy == (described | (beat != 0)))
    wrapper.reach(taken(buffer.o) & (row == ROWS - 1) & (value != 0) & (first != 0))
    wrapper.reach(taken(buffer.o) & (row == ROWS - 1) & (value != 0) & ~described)
    wrapper.reach(buffer.long_vector)


def windows(wrapper):
    """A window is chosen; so many are before it when it opens, and fewer with every capture."""
    m = wrapper.m
    banks = wrapper.add(Banks(NANO))
    windows_in_order(wrapper, banks)
    wrapper.assume(banks.due, when=banks.captured)
    chosen = wrapper.free(1, "chosen")
    waiting = wrapper.counted(banks.open, banks.captured, most=2)
    followed, ahead, tag = Signal(), Signal(range(3)), Signal.like(banks.tag)
    with m.If(banks.captured):
        m.d.sync += ahead.eq(ahead - 1)
        with m.If(ahead == 0):
            m.d.sync += followed.eq(0)
    with m.If(banks.open & chosen & ~followed):
        m.d.sync += [followed.eq(1), ahead.eq(waiting - banks.captured), tag.eq(banks.tag)]
    wrapper.require(banks.due_tag.as_value() == tag.as_value(),
                    when=followed & banks.due & (ahead == 0))
    wrapper.require(~banks.due | (waiting != 0))
    wrapper.require(banks.busy == (waiting != 0))
    wrapper.reach(followed & banks.captured & (ahead == 0))
    wrapper.reach(waiting == 2)


def capture(wrapper):
    """One counter is chosen; of the counts of a window it must leave once, with its group, if that
    is one of those that are wanted."""
    m = wrapper.m
    config = BLOCKS.replace(array={"columns": 8})
    lanes, bits = config.nmpu.lanes, config.readout.counter_bits
    in_block = config.counters // lanes
    block = wrapper.add(Capture(config))
    tag = block.i.payload.tag
    legal_groups(wrapper, tag, config)
    column = wrapper.fixed(range(config.counters), "column")
    held, group, occupied = Signal.like(block.i.payload), Signal(range(config.groups)), Signal()

    def wanted(group, tag):
        return (group >= tag.first_group) & (group <= tag.last_group)

    ends = (group % in_block == in_block - 1) | (group == held.tag.last_group)
    begin = Mux(wanted(tag.block * in_block, tag), tag.block * in_block, tag.first_group)
    some = Cat(wanted(tag.block * in_block + k, tag) for k in range(in_block)).any()
    with m.If(taken(block.o)):
        m.d.sync += group.eq(group + 1)
        with m.If(ends):
            m.d.sync += occupied.eq(0)
    with m.If(taken(block.i)):
        m.d.sync += [held.eq(block.i.payload), group.eq(begin), occupied.eq(some)]
    wrapper.require(block.o.valid == occupied)
    wrapper.require(~occupied | ends & block.o.ready, when=taken(block.i))
    of_column = occupied & (group % in_block == column // lanes)
    for polarity in ("p", "n"):
        wrapper.require(
            block.o.payload.counts[polarity].as_value().word_select(column % lanes, bits)
            == held.counts[polarity].as_value().word_select(column, bits), when=of_column)
    wrapper.require((block.o.payload.group == group)
                    & (block.o.payload.tag.as_value() == held.tag.as_value()), when=occupied)
    wrapper.reach(taken(block.i) & taken(block.o))
    wrapper.reach(taken(block.o) & of_column & held.counts.p.as_value().any())
    wrapper.reach(taken(block.i) & ~some)


def readout(wrapper):
    """As many captures as windows, as many groups as captures have; none of a measurement. Which
    groups those are is a matter of `capture`: here all are wanted."""
    config = BLOCKS
    groups = config.counters // config.nmpu.lanes
    block = wrapper.add(Readout(config))
    wrapper.assume(~block.flush)
    wrapper.assume((block.tag.first_group == 0) & (block.tag.last_group == config.groups - 1))
    kept(wrapper, block.counts)
    windows_in_order(wrapper, block)
    waiting = wrapper.counted(block.open, block.captured, most=config.readout.counter_banks)
    wrapper.assume(~block.tag.measure, when=block.open)
    owed = Signal(range(groups + 2))
    wrapper.m.d.sync += owed.eq(owed + Mux(block.captured, groups, 0) - taken(block.o))
    wrapper.require(block.o.valid == (owed != 0))
    wrapper.require(owed <= groups)
    wrapper.require(block.busy == ((waiting != 0) | (owed != 0)))
    wrapper.reach(waiting == config.readout.counter_banks)


def nmpu(wrapper):
    """The pipeline once more, with nothing but what a group owes in each of its stages."""
    block = wrapper.add(Nmpu(NANO))
    group, tag = block.i.payload.group, block.i.payload.tag
    wrapper.assume(~tag.calibrate)
    owes = data.StructLayout({"there": 1, "sums": 1, "results": 1, "final": 1, "job": 1})
    stages = [Signal(owes, name=f"owes_{k}") for k in range(Nmpu.latency_of(NANO) + 1)]
    wrapper.m.d.comb += [
        stages[0].there.eq(block.i.valid),
        stages[0].sums.eq(block.i.valid & tag.last),
        stages[0].results.eq(stages[0].sums & (
            (tag.destination == DESTINATIONS.index("y"))
            | (tag.destination == DESTINATIONS.index("activations")))),
        stages[0].final.eq(group == tag.last_group),
        stages[0].job.eq(stages[0].sums & stages[0].final & tag.final),
    ]
    # Before the sums are complete every group keeps the pipeline moving, later those with sums.
    kept = Nmpu.gather_at_of(NANO)
    inside = Cat(*(stage.there for stage in stages[:kept + 1]),
                 *(stage.sums for stage in stages[kept + 1:])).any()
    moves = (~block.o.valid | block.o.ready) & inside
    with wrapper.m.If(moves):
        wrapper.m.d.sync += [after.eq(now) for now, after in itertools.pairwise(stages)]
    with wrapper.m.If(block.flush):
        wrapper.m.d.sync += [stage.eq(0) for stage in stages[1:]]
    wrapper.require(block.o.valid == stages[-1].results)
    wrapper.require(block.o.payload.last == stages[-1].final, when=block.o.valid)
    wrapper.require(block.i.ready == (~block.o.valid | block.o.ready))
    wrapper.require(block.job_done == (moves & stages[-1].job))
    wrapper.reach(Cat(stage.results for stage in stages).all() & ~block.o.ready)


def downsize(wrapper):
    """Parts are counted; each must be the next one, and the beat is taken with the last."""
    m = wrapper.m
    parts = 3
    block = wrapper.add(Downsize(wide=8 * parts, narrow=8))
    kept(wrapper, block.i)
    part = Signal(range(parts))
    with m.If(taken(block.o)):
        m.d.sync += part.eq(Mux(part == parts - 1, 0, part + 1))
    final = part == parts - 1
    wrapper.require(block.o.valid == block.i.valid)
    wrapper.require((block.o.payload.data == block.i.payload.data.word_select(part, 8))
                    & (block.o.payload.last == (block.i.payload.last & final)),
                    when=block.o.valid)
    wrapper.require(taken(block.i) == (taken(block.o) & final))
    wrapper.reach(taken(block.o) & block.o.payload.last)


def tile(wrapper):
    """Results owed are windows with the last read of a result; an idle tile owes none. Without
    chains, which may ask for results that do not go to y, and without a flush."""
    block = Tile(NANO)
    parts = wrapper.open(block)
    wrapper.assume(~parts.dispatcher.start & ~parts.supervisor.flush)
    x, y, sequencer = block.x, block.y, parts.sequencer
    vectors = wrapper.counted(x.tvalid & x.tready & x.tlast, sequencer.load, most=1)
    kept(wrapper, block.counts)
    asked = sequencer.open & sequencer.tag.last & ~sequencer.tag.measure
    owed = wrapper.counted(asked, y.tvalid & y.tready & y.tlast, most=8)
    idle = ~parts.registers.busy
    wrapper.require((owed == 0) & (vectors == 0), when=idle)
    wrapper.require((owed != 0) | ~y.tvalid)
    wrapper.reach(y.tvalid & y.tready & y.tlast)


PROPERTIES = (
    Property(
        name="passage_input_buffer",
        sentence="Every vector is handed over once, each row as it came or 0, surplus beats told.",
        build=input_buffer,
        plant=Plant(InputBuffer, "with m.Elif(first):", "with m.Elif(begun):")),
    Property(
        name="passage_windows",
        sentence="Every window is captured once, in order, with the tag that it was opened with.",
        build=windows,
        plant=Plant(Banks, "Array(held)[self.due_bank]", "Array(held)[counting]"),
        depth=30),
    Property(
        name="passage_capture",
        sentence="Every captured column that is wanted leaves once, with its counts, group and "
                 "tag.",
        build=capture,
        plant=Plant(Capture, "self.i.ready.eq(~occupied | leaving)",
                    "self.i.ready.eq(~occupied | self.o.ready)")),
    Property(
        name="passage_readout",
        sentence="Every window is captured once and gives its groups once; busy tells until then.",
        build=readout,
        plant=Plant(Readout, "self.captured.eq(capture.i.valid & capture.i.ready)",
                    "self.captured.eq(capture.i.valid)"),
        depth=30),
    Property(
        name="passage_nmpu",
        sentence="Every group that completes results gives them once, in order, as many clocks "
                 "later as the pipeline is long, and marked if it is the last; then its job is "
                 "told complete; none after a flush.",
        build=nmpu,
        plant=Plant(Nmpu, "with m.If(self.flush):\n                m.d.sync += after.valid.eq(0)",
                    "with m.If(self.flush & step):\n                m.d.sync += after.valid.eq(0)"),
        depth=30),
    Property(
        name="passage_downsize",
        sentence="Every part of a beat leaves once, in order, and the beat is taken with the last.",
        build=downsize,
        plant=Plant(Downsize, "self.i.payload.last & final", "self.i.payload.last")),
    Property(
        name="passage_tile",
        sentence="Results never outnumber what was asked for, and an idle tile owes none.",
        build=tile,
        plant=Plant(Nmpu, "inside = Cat(leave.busy, *(s.valid for s in stage[1:]))",
                    "inside = Cat(leave.busy, *(s.valid for s in stage[1:-1]))"),
        depth=36, bounded=True),
)
