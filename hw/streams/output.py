"""Results on their way out: to the output stream, or into the activation buffer."""

from amaranth.hdl import Module, ResetInserter
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.formats.link import link
from hw.nmpu.payloads import results
from hw.streams.activation_buffer import ActivationBuffer
from hw.streams.axi import AxiStream, StreamToAxi, beat
from hw.streams.downsize import Downsize
from hw.streams.vector_end import VectorEnd

__all__ = ["Output"]


class Output(wiring.Component):
    """Cuts the results of a clock into beats, and sends them where they belong.

    Latency is zero; throughput is a beat per clock.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    i : In(stream.Signature(results(config)))
    y : Out(AxiStream(y_bits, user=True))
    activations : Out(stream.Signature(beat(x_bits)))
        With ``config.control.activations``: what the input buffer may take.
    flush : In(1)
        Forget all activations, and end the vector on ``y``.
    sent : Out(1)
        The last beat of a vector leaves by ``y``.
    busy : Out(1)
        The end of a vector that was cut off has not left.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "i": In(stream.Signature(results(config))),
            "y": Out(AxiStream(config.stream.y_bits, user=True)),
            **({"activations": Out(stream.Signature(beat(config.stream.x_bits)))}
               if config.control.activations else {}),
            "flush": In(1),
            "sent": Out(1),
            "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        width = config.stream.y_bits
        downsize = Downsize(wide=config.nmpu.lanes * 8, narrow=width)
        m.submodules.downsize = ResetInserter(self.flush)(downsize)
        m.submodules.end = end = VectorEnd(width)
        m.submodules.y_axi = y_axi = StreamToAxi(width)
        link(m, end.o, y_axi.i)
        wiring.connect(m, y_axi.axi, wiring.flipped(self.y))
        m.d.comb += [
            downsize.i.valid.eq(self.i.valid),
            downsize.i.payload.data.eq(self.i.payload.data),
            downsize.i.payload.last.eq(self.i.payload.last),
            self.i.ready.eq(downsize.i.ready),
            end.i.payload.eq(downsize.o.payload),
            end.flush.eq(self.flush),
            self.sent.eq(self.y.tvalid & self.y.tready & self.y.tlast & ~self.y.tuser),
            self.busy.eq(end.busy),
        ]
        if not config.control.activations:
            m.d.comb += [end.i.valid.eq(downsize.o.valid), downsize.o.ready.eq(end.i.ready)]
            return m

        buffer = ActivationBuffer(config)
        m.submodules.activations = ResetInserter(self.flush)(buffer)
        wiring.connect(m, buffer.o, wiring.flipped(self.activations))
        m.d.comb += buffer.i.payload.eq(downsize.o.payload)
        with m.If(self.i.payload.to_buffer):
            m.d.comb += [buffer.i.valid.eq(downsize.o.valid), downsize.o.ready.eq(buffer.i.ready)]
        with m.Else():
            m.d.comb += [end.i.valid.eq(downsize.o.valid), downsize.o.ready.eq(end.i.ready)]
        return m
