"""The edge of the stream of residuals: a signed byte per column."""

from amaranth.hdl import Cat, Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from hw.nmpu.payloads import residuals
from hw.streams.axi import beat
from hw.streams.upsize import Upsize

__all__ = ["ResidualIn"]


class ResidualIn(wiring.Component):
    """Bytes are gathered for all lanes.

    Latency is one clock, or zero if a beat has as many bytes as there are lanes; throughput is one
    beat per clock.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    i : In(stream.Signature(beat(config.stream.y_bits)))
    o : Out(stream.Signature(residuals(config)))
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "i": In(stream.Signature(beat(config.stream.y_bits))),
            "o": Out(stream.Signature(residuals(config))),
        })

    def elaborate(self, platform):
        m = Module()
        width = self._config.stream.y_bits
        m.submodules.upsize = upsize = Upsize(narrow=width, wide=self._config.nmpu.lanes * 8)
        wiring.connect(m, wiring.flipped(self.i), upsize.i)
        m.d.comb += [
            self.o.valid.eq(upsize.o.valid),
            self.o.payload.eq(Cat(upsize.o.payload.data, upsize.o.payload.last)),
            upsize.o.ready.eq(self.o.ready),
        ]
        return m
