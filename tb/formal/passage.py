"""Nothing is lost on the way and nothing arrives twice.

One arbitrary thing is followed: which one is chosen freely, so the proof covers each of them.
"""

import itertools

from amaranth.hdl import Cat, Mux, Signal
from amaranth.lib import data

from hw.drive.input_buffer import InputBuffer
from hw.nmpu.lane import Lane
from hw.nmpu.nmpu import Nmpu
from hw.readout.banks import Banks
from hw.readout.capture import Capture
from hw.readout.readout import Readout
from hw.streams.downsize import Downsize
from hw.tile import Tile
from tb.formal.configs import BLOCKS, NANO
from tb.formal.plant import Plant
from tb.formal.property import Property
from tb.formal.rules import kept, taken, windows_in_order

__all__ = ["PROPERTIES"]

ROWS = 4


def input_buffer(wrapper):
    """Beats are counted within their vector, and what one row of it must be is remembered."""
    m = wrapper.m
    buffer = wrapper.add(InputBuffer(rows=ROWS, width=8))
    row = wrapper.fixed(range(ROWS), "row")
    beat, whole, value = Signal(range(ROWS + 1)), Signal(), Signal(8)
    with m.If(taken(buffer.o)):
        m.d.sync += [whole.eq(0), beat.eq(0)]
    with m.If(taken(buffer.i)):
        m.d.sync += [whole.eq(buffer.i.payload.last), beat.eq(beat + (beat != ROWS))]
        with m.If(beat == row):
            m.d.sync += value.eq(buffer.i.payload.data)
        with m.Elif(beat == 0):
            m.d.sync += value.eq(0)
    wrapper.require(buffer.o.valid == whole)
    wrapper.require(buffer.o.payload.as_value().word_select(row, 8) == value, when=whole)
    wrapper.require(buffer.long_vector == (taken(buffer.i) & (beat == ROWS)))
    wrapper.require(buffer.busy == (whole | (beat != 0)))
    wrapper.reach(taken(buffer.o) & (row == ROWS - 1) & (value != 0))
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
    """One column is chosen; of the counts of a window it must leave once, with its group."""
    m = wrapper.m
    config = NANO
    groups, lanes, bits = config.groups, config.nmpu.lanes, config.readout.counter_bits
    block = wrapper.add(Capture(config))
    column = wrapper.fixed(range(config.counters), "column")
    held, group, occupied = Signal.like(block.i.payload), Signal(range(groups + 1)), Signal()
    with m.If(taken(block.o)):
        m.d.sync += group.eq(group + 1)
        with m.If(group == groups - 1):
            m.d.sync += occupied.eq(0)
    with m.If(taken(block.i)):
        m.d.sync += [held.eq(block.i.payload), group.eq(0), occupied.eq(1)]
    wrapper.require(block.o.valid == occupied)
    wrapper.require(~occupied | (group == groups - 1) & block.o.ready, when=taken(block.i))
    of_column = occupied & (group == column // lanes)
    for polarity in ("p", "n"):
        wrapper.require(
            block.o.payload.counts[polarity].as_value().word_select(column % lanes, bits)
            == held.counts[polarity].as_value().word_select(column, bits), when=of_column)
    wrapper.require((block.o.payload.group == group)
                    & (block.o.payload.tag.as_value() == held.tag.as_value()), when=occupied)
    wrapper.reach(taken(block.i) & taken(block.o))
    wrapper.reach(taken(block.o) & of_column & held.counts.p.as_value().any())


def readout(wrapper):
    """As many captures as windows, as many groups as captures have; none of a measurement."""
    config = BLOCKS
    groups = config.counters // config.nmpu.lanes
    block = wrapper.add(Readout(config))
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
    config = NANO
    block = wrapper.add(Nmpu(config))
    group, tag = block.i.payload.group, block.i.payload.tag
    wrapper.assume(~tag.calibrate)
    owes = data.StructLayout({"there": 1, "results": 1, "final": 1})
    stages = [Signal(owes, name=f"owes_{k}") for k in range(Nmpu.latency + 1)]
    wrapper.m.d.comb += [
        stages[0].there.eq(block.i.valid),
        stages[0].results.eq(block.i.valid & tag.last),
        stages[0].final.eq(group == config.groups - 1),
    ]
    # Before the sums are complete every group keeps the pipeline moving, later those with results.
    kept = Nmpu.fetch_at + Lane.gather_at
    inside = Cat(*(stage.there for stage in stages[:kept + 1]),
                 *(stage.results for stage in stages[kept + 1:])).any()
    with wrapper.m.If((~block.o.valid | block.o.ready) & inside):
        wrapper.m.d.sync += [after.eq(now) for now, after in itertools.pairwise(stages)]
    wrapper.require(block.o.valid == stages[-1].results)
    wrapper.require(block.o.payload.last == stages[-1].final, when=block.o.valid)
    wrapper.require(block.i.ready == (~block.o.valid | block.o.ready))
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
    """Results owed are windows with the last read of a result; an idle tile owes none."""
    block = Tile(NANO)
    parts = wrapper.open(block)
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
        plant=Plant(InputBuffer, "with m.Elif(filled == 0):", "with m.Elif(filled == 1):")),
    Property(
        name="passage_windows",
        sentence="Every window is captured once, in order, with the tag that it was opened with.",
        build=windows,
        plant=Plant(Banks, "Array(held)[self.due_bank]", "Array(held)[counting]"),
        depth=30),
    Property(
        name="passage_capture",
        sentence="Every captured column leaves once, with its counts, group and tag.",
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
                 "later as the pipeline is long, and marked if it is the last.",
        build=nmpu,
        plant=Plant(Nmpu, "after.valid.eq(before.valid & before.tag.last",
                    "after.valid.eq(before.valid & stage[k - 1].tag.last"),
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
        plant=Plant(Nmpu, "self.busy.eq(Cat(tallying, adding, *(s.valid for s in stage[1:]))",
                    "self.busy.eq(Cat(tallying, adding, *(s.valid for s in stage[1:-1]))"),
        depth=36, bounded=True),
)
