"""First in a lane: the two calibrated counts of a column become one signed readout."""

from amaranth.hdl import Module, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.formats import NmpuFormats
from hw.formats.q import Q

__all__ = ["Combine"]


class Combine(wiring.Component):
    """``y = (s_p n_p + o_p) - (s_n n_n + o_n)``, exact.

    Latency is two enabled clocks; throughput is one column per enabled clock. The offsets are
    subtracted while the products form, so that one adder tree of two levels remains.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    en : In(1)
        The pipeline advances.
    count_p, count_n : In(counter_bits)
        Counts of the two oscillators of the column.
    scale_p, scale_n : In(Q(config.nmpu.scale))
    offset_p, offset_n : In(Q(config.nmpu.offset))
    y : Out(Q(NmpuFormats.combined))
    """

    def __init__(self, config):
        self._config = config
        nmpu, bits = config.nmpu, config.readout.counter_bits
        super().__init__({
            "en": In(1),
            "count_p": In(bits), "count_n": In(bits),
            "scale_p": In(Q(nmpu.scale)), "scale_n": In(Q(nmpu.scale)),
            "offset_p": In(Q(nmpu.offset)), "offset_n": In(Q(nmpu.offset)),
            "y": Out(Q(NmpuFormats.of(config).combined.fmt)),
        })

    @staticmethod
    def latency_of(config):
        return 2

    def elaborate(self, platform):
        m = Module()
        nmpu, formats = self._config.nmpu, NmpuFormats.of(self._config)
        frac = formats.combined.fmt.frac_bits

        product_p = Signal(Q(formats.product.fmt))
        product_n = Signal(Q(formats.product.fmt))
        offset = Signal(signed(nmpu.offset.width + 1))
        with m.If(self.en):
            m.d.sync += [
                product_p.eq_proven(self.count_p * self.scale_p.raw),
                product_n.eq_proven(self.count_n * self.scale_n.raw),
                offset.eq(self.offset_p.raw - self.offset_n.raw),
                self.y.eq_proven(
                    ((product_p.raw - product_n.raw) << (frac - nmpu.scale.frac_bits))
                    + (offset << (frac - nmpu.offset.frac_bits))),
            ]
        return m
