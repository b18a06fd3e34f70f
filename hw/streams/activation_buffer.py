"""Results of one job wait here until another job takes them as its inputs."""

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from hw.formats.link import link
from hw.streams.axi import beat
from hw.streams.downsize import Downsize
from hw.streams.upsize import Upsize

__all__ = ["ActivationBuffer"]


class ActivationBuffer(wiring.Component):
    """Beats of the output stream, first in first out, as beats of the input stream.

    It holds ``control.activations`` results of all columns. A beat is offered at most two clocks
    after it was taken, or three if it completes a wider one; throughput is one narrow beat per
    clock, or half of that if there is room for one beat only.

    Parameters
    ----------
    config : TileConfig
        With ``control.activations``.

    Members
    -------
    i : In(stream.Signature(beat(y_bits)))
    o : Out(stream.Signature(beat(x_bits)))
        ``last`` ends a vector on both sides.
    busy : Out(1)
        A vector, or a part of one, is held.
    """

    def __init__(self, config):
        if not config.control.activations:
            raise ValueError("config must have control.activations, not 0")
        self._x_bits, self._y_bits = config.stream.x_bits, config.stream.y_bits
        self._depth = config.control.activations * config.array.columns * 8 // self._y_bits
        super().__init__({
            "i": In(stream.Signature(beat(self._y_bits))),
            "o": Out(stream.Signature(beat(self._x_bits))),
            "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.fifo = fifo = SyncFIFOBuffered(
            width=len(self.i.payload.as_value()), depth=self._depth)
        m.submodules.resize = resize = (
            Upsize(narrow=self._y_bits, wide=self._x_bits) if self._x_bits >= self._y_bits else
            Downsize(wide=self._y_bits, narrow=self._x_bits))
        m.d.comb += [
            fifo.w_en.eq(self.i.valid),
            fifo.w_data.eq(self.i.payload),
            self.i.ready.eq(fifo.w_rdy),
            resize.i.valid.eq(fifo.r_rdy),
            resize.i.payload.eq(fifo.r_data),
            fifo.r_en.eq(resize.i.ready),
        ]
        link(m, resize.o, wiring.flipped(self.o))

        # Whole vectors, one of them maybe in the wide beat behind the memory.
        vectors = Signal(range(self._depth + 2))
        within = Signal()
        enters = Signal()
        leaves = Signal()
        m.d.comb += [
            enters.eq(self.i.valid & self.i.ready & self.i.payload.last),
            leaves.eq(self.o.valid & self.o.ready & self.o.payload.last),
            self.busy.eq(within | (vectors != 0)),
        ]
        m.d.sync += vectors.eq(vectors + enters - leaves)
        with m.If(self.i.valid & self.i.ready):
            m.d.sync += within.eq(~self.i.payload.last)
        return m
