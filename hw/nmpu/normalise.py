"""Third in a lane: the per-channel scale and bias, and what is added to their result."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.formats import NmpuFormats
from hw.formats.q import Q

__all__ = ["Normalise"]


class Normalise(wiring.Component):
    """``z = scale * x + bias``, or ``x`` itself; not below 0 if asked; plus a residual. Exact.

    Latency is two enabled clocks; throughput is one column per enabled clock. Bias and residual
    are added while the product forms, so that one adder remains, beside the one that finds the
    sign.

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
    bypass : In(1)
        Scale 1 and bias 0 instead.
    relu : In(1)
        A clock later: a negative number becomes 0 before the residual is added.
    residual : In(Q(NmpuFormats.residual))
        With ``config.nmpu.residual``.
    o : Out(Q(NmpuFormats.activated))
    """

    def __init__(self, config):
        self._config = config
        formats = NmpuFormats.of(config)
        super().__init__({
            "en": In(1),
            "i": In(Q(formats.accumulated.fmt)),
            "scale": In(Q(config.nmpu.norm_scale)),
            "bias": In(Q(config.nmpu.norm_bias)),
            "bypass": In(1),
            "relu": In(1),
            **({"residual": In(Q(formats.residual.fmt))} if config.nmpu.residual else {}),
            "o": Out(Q(formats.activated.fmt)),
        })

    @staticmethod
    def latency_of(config):
        return 2

    def elaborate(self, platform):
        m = Module()
        nmpu, formats = self._config.nmpu, NmpuFormats.of(self._config)
        frac = formats.normalised.fmt.frac_bits
        product_frac = formats.accumulated.fmt.frac_bits + nmpu.norm_scale.frac_bits

        # With `bypass` the product is 0, and what is put in its place passes no multiplexer.
        one = self.i.raw << nmpu.norm_scale.frac_bits
        scaled = (self.i.raw * Mux(self.bypass, 0, self.scale.raw)
                  | one & self.bypass.replicate(len(one)).as_signed())
        product = Signal(scaled.shape(), name="product")
        bias = Signal(Q(nmpu.norm_bias), name="bias")
        kept = Mux(self.bypass, 0, self.bias.raw)
        up, bias_up = frac - product_frac, frac - nmpu.norm_bias.frac_bits
        affine = Signal(Q(formats.normalised.fmt))
        m.d.comb += affine.eq_proven((product << up) + (bias.raw << bias_up))
        clamped = self.relu & (affine.raw < 0)
        with m.If(self.en):
            m.d.sync += [product.eq(scaled), bias.eq_proven(kept)]
            if nmpu.residual:
                residual = Signal.like(self.residual)
                addend = Signal.like(self.o)
                m.d.sync += [
                    residual.eq(self.residual),
                    addend.eq_proven(self.residual.raw + (kept << bias_up)),
                    self.o.eq_proven(Mux(clamped, residual.raw, (product << up) + addend.raw)),
                ]
            else:
                m.d.sync += self.o.eq_proven(Mux(clamped, 0, affine.raw))
        return m
