"""Beats of the input stream are gathered into a whole vector while the array works on the last."""

from amaranth.hdl import Module, Signal, signed
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from hw.streams.axi import beat

__all__ = ["InputBuffer"]


class InputBuffer(wiring.Component):
    """One vector of signed bytes, filled beat by beat, handed over whole.

    A vector ends with the beat that carries ``last``; rows it did not reach are 0. Beats beyond the
    last row are taken and dropped, and ``long_vector`` tells. The vector is offered from the clock
    after its last beat; the next vector fills from the clock after it was taken.

    Parameters
    ----------
    rows : int
    width : int
        Bits of a beat.

    Members
    -------
    i : In(stream.Signature(beat(width)))
        Row 0 in the lowest byte of the first beat.
    o : Out(stream.Signature(ArrayLayout(signed(8), rows)))
    long_vector : Out(1)
        A surplus beat is being dropped.
    busy : Out(1)
        Part of a vector, or a whole one, is held.
    """

    def __init__(self, *, rows, width):
        if (rows * 8) % width:
            raise ValueError(f"width must divide {rows * 8}, not {width}")
        self._beats = rows * 8 // width
        self._width = width
        super().__init__({
            "i": In(stream.Signature(beat(width))),
            "o": Out(stream.Signature(data.ArrayLayout(signed(8), rows))),
            "long_vector": Out(1),
            "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        held = [Signal(self._width, name=f"beat_{k}") for k in range(self._beats)]
        filled = Signal(range(self._beats + 1))
        whole = Signal()
        m.d.comb += [
            self.i.ready.eq(~whole),
            self.o.valid.eq(whole),
            self.busy.eq(whole | (filled != 0)),
        ]
        for k, value in enumerate(held):
            m.d.comb += self.o.payload.as_value().word_select(k, self._width).eq(value)

        with m.If(self.i.valid & self.i.ready):
            m.d.sync += whole.eq(self.i.payload.last)
            for k, value in enumerate(held):
                with m.If(filled == k):
                    m.d.sync += value.eq(self.i.payload.data)
                with m.Elif(filled == 0):
                    m.d.sync += value.eq(0)
            with m.If(filled == self._beats):
                m.d.comb += self.long_vector.eq(1)
            with m.Else():
                m.d.sync += filled.eq(filled + 1)
        with m.If(self.o.valid & self.o.ready):
            m.d.sync += [whole.eq(0), filled.eq(0)]
        return m
