"""The edge of the stream of residuals: a signed byte per column."""

from amaranth.hdl import Cat, Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.nmpu.payloads import residuals
from hw.streams.axi import AxiStream, StreamFromAxi
from hw.streams.upsize import Upsize

__all__ = ["ResidualFromAxi"]


class ResidualFromAxi(wiring.Component):
    """Bytes are gathered for all lanes.

    Latency is one clock, or zero if a beat has as many bytes as there are lanes; throughput is one
    beat of ``axi`` per clock.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    axi : In(AxiStream(config.stream.y_bits))
    o : Out(stream.Signature(residuals(config)))
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "axi": In(AxiStream(config.stream.y_bits)),
            "o": Out(stream.Signature(residuals(config))),
        })

    def elaborate(self, platform):
        m = Module()
        width = self._config.stream.y_bits
        m.submodules.from_axi = from_axi = StreamFromAxi(width)
        m.submodules.upsize = upsize = Upsize(narrow=width, wide=self._config.nmpu.lanes * 8)
        wiring.connect(m, wiring.flipped(self.axi), from_axi.axi)
        wiring.connect(m, from_axi.o, upsize.i)
        m.d.comb += [
            self.o.valid.eq(upsize.o.valid),
            self.o.payload.eq(Cat(upsize.o.payload.data, upsize.o.payload.last)),
            upsize.o.ready.eq(self.o.ready),
        ]
        return m
