"""The edges of the stream of partial sums: a signed word per column."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from golden.formats import NmpuFormats
from hw.nmpu.payloads import accumulated_sums, partial_sums
from hw.streams.axi import beat
from hw.streams.downsize import Downsize
from hw.streams.upsize import Upsize

__all__ = ["SumsIn", "SumsOut", "sums_width"]


def sums_width(config):
    """Bits of a beat: as many words of ``config.sum_bits`` as a beat of results has bytes."""
    return config.stream.y_bits // 8 * config.sum_bits


class SumsIn(wiring.Component):
    """Words are clipped to what accumulators may start from, and gathered for all lanes.

    Latency is one clock, and one more if a beat has fewer words than there are lanes; throughput
    is one beat per clock.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    i : In(stream.Signature(beat(sums_width(config))))
        Signed words, raw in ``NmpuFormats.accumulated``.
    o : Out(stream.Signature(partial_sums(config)))
    clipped : Out(1)
        A word of the beat that is taken was outside ``NmpuFormats.partial``.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "i": In(stream.Signature(beat(sums_width(config)))),
            "o": Out(stream.Signature(partial_sums(config))),
            "clipped": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config, partial = self._config, NmpuFormats.of(self._config).partial
        words, width = config.stream.y_bits // 8, partial.fmt.width
        m.submodules.upsize = upsize = Upsize(narrow=words * width, wide=config.nmpu.lanes * width)

        outside = Signal(words)
        kept = Signal(words * width)
        for k in range(words):
            word = self.i.payload.data.word_select(k, config.sum_bits).as_signed()
            high, low = word > partial.high, word < partial.low
            m.d.comb += [
                outside[k].eq(high | low),
                kept.word_select(k, width).eq(
                    Mux(high, partial.high, Mux(low, partial.low, word))),
            ]
        # A register, so that the comparisons do not precede the accumulators' adders.
        m.d.comb += [
            self.i.ready.eq(~upsize.i.valid | upsize.i.ready),
            self.clipped.eq(self.i.valid & self.i.ready & outside.any()),
        ]
        with m.If(self.i.ready):
            m.d.sync += [
                upsize.i.valid.eq(self.i.valid),
                upsize.i.payload.data.eq(kept),
                upsize.i.payload.last.eq(self.i.payload.last),
            ]
        m.d.comb += [
            self.o.valid.eq(upsize.o.valid),
            self.o.payload.eq(Cat(upsize.o.payload.data, upsize.o.payload.last)),
            upsize.o.ready.eq(self.o.ready),
        ]
        return m


class SumsOut(wiring.Component):
    """Accumulated numbers leave as words, sign-extended; latency is zero.

    Throughput is one beat per clock.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    i : In(stream.Signature(accumulated_sums(config)))
    o : Out(stream.Signature(beat(sums_width(config))))
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "i": In(stream.Signature(accumulated_sums(config))),
            "o": Out(stream.Signature(beat(sums_width(config)))),
        })

    def elaborate(self, platform):
        m = Module()
        config, bits = self._config, self._config.sum_bits
        m.submodules.downsize = downsize = Downsize(
            wide=config.nmpu.lanes * bits, narrow=sums_width(config))
        wiring.connect(m, downsize.o, wiring.flipped(self.o))
        m.d.comb += [
            downsize.i.valid.eq(self.i.valid),
            downsize.i.payload.last.eq(self.i.payload.last),
            *(downsize.i.payload.data.word_select(k, bits).eq(self.i.payload.data[k].raw)
              for k in range(config.nmpu.lanes)),
            self.i.ready.eq(downsize.i.ready),
        ]
        return m
