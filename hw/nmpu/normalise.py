"""Third in a lane: the per-channel scale and bias."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.formats import NmpuFormats
from hw.formats.q import Q

__all__ = ["Normalise"]


class Normalise(wiring.Component):
    """``z = scale * x + bias``, exact.

    Latency is two enabled clocks; throughput is one column per enabled clock.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    en : In(1)
        The pipeline advances.
    i : In(Q(NmpuFormats.accumulated))
    scale : In(Q(config.nmpu.norm_scale))
    bias : In(Q(config.nmpu.norm_bias))
    o : Out(Q(NmpuFormats.normalised))
    """

    latency = 2

    def __init__(self, config):
        self._config = config
        formats = NmpuFormats.of(config)
        super().__init__({
            "en": In(1),
            "i": In(Q(formats.accumulated.fmt)),
            "scale": In(Q(config.nmpu.norm_scale)),
            "bias": In(Q(config.nmpu.norm_bias)),
            "o": Out(Q(formats.normalised.fmt)),
        })

    def elaborate(self, platform):
        m = Module()
        nmpu, formats = self._config.nmpu, NmpuFormats.of(self._config)
        frac = formats.normalised.fmt.frac_bits
        product_frac = formats.accumulated.fmt.frac_bits + nmpu.norm_scale.frac_bits

        product = Signal((self.i.raw * self.scale.raw).shape())
        bias = Signal(Q(nmpu.norm_bias))
        with m.If(self.en):
            m.d.sync += [
                product.eq(self.i.raw * self.scale.raw),
                bias.eq(self.bias),
                self.o.eq_proven((product << (frac - product_frac))
                                 + (bias.raw << (frac - nmpu.norm_bias.frac_bits))),
            ]
        return m
