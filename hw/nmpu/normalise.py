"""Third in a lane: the per-channel scale and bias, and what is added to their result."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.formats import NmpuFormats
from hw.formats.q import Q

__all__ = ["Normalise"]


class Normalise(wiring.Component):
    """``z = scale * x + bias``, or ``x`` itself; not below 0 if asked; plus a residual. Exact.

    Latency is two enabled clocks; throughput is one column per enabled clock. Product, bias and
    residual are three operands of one carry chain, beside the one that finds the sign.

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
        A clock later; with ``config.nmpu.residual``.
    o : Out(Q(NmpuFormats.activated))
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
            "bypass": In(1),
            "relu": In(1),
            **({"residual": In(Q(formats.residual.fmt))} if config.nmpu.residual else {}),
            "o": Out(Q(formats.activated.fmt)),
        })

    def elaborate(self, platform):
        m = Module()
        nmpu, formats = self._config.nmpu, NmpuFormats.of(self._config)
        frac = formats.normalised.fmt.frac_bits
        product_frac = formats.accumulated.fmt.frac_bits + nmpu.norm_scale.frac_bits

        scaled = Mux(self.bypass, self.i.raw << nmpu.norm_scale.frac_bits,
                     self.i.raw * self.scale.raw)
        product, bias = Signal(scaled.shape()), Signal(Q(nmpu.norm_bias))
        affine = Signal(Q(formats.normalised.fmt))
        aligned = [product << (frac - product_frac), bias.raw << (frac - nmpu.norm_bias.frac_bits)]
        m.d.comb += affine.eq_proven(sum(aligned))
        clamped = self.relu & (affine.raw < 0)
        with m.If(self.en):
            m.d.sync += [product.eq(scaled), bias.eq_proven(Mux(self.bypass, 0, self.bias.raw))]
            if nmpu.residual:
                total = self._add(m, *aligned, self.residual.raw)
                m.d.sync += self.o.eq_proven(Mux(clamped, self.residual.raw, total))
            else:
                m.d.sync += self.o.eq_proven(Mux(clamped, 0, affine.raw))
        return m

    def _add(self, m, *operands):
        """The sum of three: one carry-save adder, then one that carries."""
        a, b, c = (Signal(signed(self.o.shape().fmt.width), name=f"operand_{k}") for k in range(3))
        m.d.comb += [signal.eq(operand) for signal, operand in zip(
            (a, b, c), operands, strict=True)]
        carries = Cat(Const(0, 1), (a & b) | (a & c) | (b & c))
        return ((a ^ b ^ c) + carries)[:len(a)]
