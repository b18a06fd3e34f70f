"""Beats are gathered into a whole vector while the array works on the last one."""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from golden.descriptors import SOURCES
from hw.control.settings import job, vector
from hw.streams.axi import beat

__all__ = ["InputBuffer", "whole_vector"]


def whole_vector(config):
    """A vector of signed bytes and the job that it is for.

    Without ``described`` nobody said what it is for. With ``single`` the row drivers drive ``row``
    alone, and ``x`` means nothing.
    """
    return data.StructLayout({
        "x": data.ArrayLayout(signed(8), config.array.rows),
        "described": 1,
        "single": 1,
        "row": range(config.array.rows),
        "job": job(config),
    })


class InputBuffer(wiring.Component):
    """One vector, filled beat by beat from where its description says, handed over whole.

    A description comes first, with the rows that the vector is for: its first beat is for row
    ``first_beat`` times the elements of a beat. A vector ends with the beat that carries ``last``;
    rows it did not reach, and rows outside of the description, are 0. Beats beyond the rows are
    taken and dropped; ``long_vector`` tells of those of the stream. While ``direct``, a vector of
    the stream may come without a description, for all rows.

    The vector is offered from the clock after its last beat; the next one fills from the clock
    after it was taken.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    vectors : In(stream.Signature(vector(config)))
        Descriptions. One of a single row is a vector by itself.
    i : In(stream.Signature(beat(x_bits)))
        Lowest row of the range in the lowest byte of the first beat.
    activations : In(stream.Signature(beat(x_bits)))
        Likewise, from the activation buffer.
    direct : In(1)
        Begin to take vectors without a description.
    o : Out(stream.Signature(whole_vector(config)))
    long_vector : Out(1)
        A surplus beat is being dropped.
    busy : Out(1)
        A description, part of a vector, or a whole one, is held.
    """

    def __init__(self, config):
        self._config = config
        width = config.stream.x_bits
        super().__init__({
            "vectors": In(stream.Signature(vector(config))),
            "i": In(stream.Signature(beat(width))),
            "activations": In(stream.Signature(beat(width))),
            "direct": In(1),
            "o": Out(stream.Signature(whole_vector(config))),
            "long_vector": Out(1),
            "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        width, beats, rows = config.stream.x_bits, config.row_beats, config.array.rows
        elements = width // 8
        held = [Signal(width, name=f"beat_{k}") for k in range(beats)]
        about = Signal(vector(config))
        described = Signal()
        begun = Signal()
        whole = Signal()
        place = Signal(range(beats + 1))
        left = Signal(range(rows + 1))  # rows of the range that no beat has reached

        single = described & (about.source == SOURCES.index("rows"))
        buffered = described & (about.source == SOURCES.index("activations"))
        leaving = self.o.valid & self.o.ready
        m.d.comb += [
            self.o.valid.eq(whole | single),
            self.o.payload.described.eq(described),
            self.o.payload.single.eq(single),
            self.o.payload.row.eq(about.row),
            self.o.payload.job.eq(about.job),
            self.busy.eq(described | begun),
            # A description may wait for the one before, but not behind a vector that has none.
            self.vectors.ready.eq(Mux(described, leaving, ~begun)),
        ]
        for k, value in enumerate(held):
            m.d.comb += self.o.payload.x.as_value().word_select(k, width).eq(value)

        filling = Signal()
        taken = Signal()
        arriving = Mux(buffered, self.activations.payload, self.i.payload)
        arriving = beat(width)(arriving)
        undescribed = begun | (self.direct & ~self.vectors.valid)
        m.d.comb += [
            filling.eq(~whole & ~single & (described | undescribed)),
            self.i.ready.eq(filling & ~buffered),
            self.activations.ready.eq(filling & buffered),
            taken.eq(filling & Mux(buffered, self.activations.valid, self.i.valid)),
            self.long_vector.eq(taken & ~buffered & begun & (left == 0)),
        ]
        first, now_left = ~begun, Mux(begun | described, left, rows)
        now_place = Mux(begun | described, place, 0)
        kept = Signal(width)
        for k in range(elements):
            part = slice(8 * k, 8 * k + 8)
            m.d.comb += kept[part].eq(Mux(now_left > k, arriving.data[part], 0))
        with m.If(taken):
            m.d.sync += [whole.eq(arriving.last), begun.eq(1)]
            for k, value in enumerate(held):
                with m.If((now_place == k) & (now_left != 0)):
                    m.d.sync += value.eq(kept)
                with m.Elif(first):
                    m.d.sync += value.eq(0)
            with m.If(now_left > elements):
                m.d.sync += [left.eq(now_left - elements), place.eq(now_place + 1)]
            with m.Else():
                m.d.sync += left.eq(0)

        with m.If(leaving):
            m.d.sync += [whole.eq(0), begun.eq(0), described.eq(0)]
        with m.If(self.vectors.valid & self.vectors.ready):
            m.d.sync += [
                described.eq(1),
                about.eq(self.vectors.payload),
                place.eq(self.vectors.payload.first_beat),
                left.eq(self.vectors.payload.rows),
            ]
        return m
