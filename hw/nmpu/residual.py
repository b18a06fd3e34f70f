"""Beside the accumulator in a lane: a byte of the residual stream is scaled."""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.formats import RESIDUAL_SCALE_BITS, RESIDUAL_SHIFT_BITS, NmpuFormats
from hw.formats.q import Q

__all__ = ["Residual"]


class Residual(wiring.Component):
    """``r = i * scale << shift``, exact; 0 without ``valid``.

    Latency is one enabled clock; throughput is one column per enabled clock. The shift comes behind
    the register, in front of the adder of `hw.nmpu.normalise.Normalise`.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    en : In(1)
        The pipeline advances.
    valid : In(1)
        There is a residual to be added.
    i : In(signed(8))
    scale : In(8)
    shift : In(6)
        That of the residual at ``o``: at most ``NmpuFormats.residual_shift``, 0 if it is more.
    o : Out(Q(NmpuFormats.residual))
        Combinational from ``shift``.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "en": In(1),
            "valid": In(1),
            "i": In(signed(8)),
            "scale": In(RESIDUAL_SCALE_BITS),
            "shift": In(RESIDUAL_SHIFT_BITS),
            "o": Out(Q(NmpuFormats.of(config).residual.fmt)),
        })

    def elaborate(self, platform):
        m = Module()
        largest = NmpuFormats.of(self._config).residual_shift
        product = Signal(signed(8 + RESIDUAL_SCALE_BITS))
        # No more bits than the largest shift needs: the shifter is as wide as what it can reach.
        shift = Mux(self.shift <= largest, self.shift, 0)[:largest.bit_length()]
        with m.If(self.en):
            m.d.sync += product.eq(Mux(self.valid, self.i, 0) * self.scale)
        m.d.comb += self.o.eq_proven(product << shift)
        return m
