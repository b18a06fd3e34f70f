"""Beside the accumulator in a lane: a byte of the residual stream is scaled."""

from collections import defaultdict

from amaranth.hdl import Cat, Const, Module, Mux, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.formats import RESIDUAL_SCALE_BITS, RESIDUAL_SHIFT_BITS, NmpuFormats
from hw.formats.q import Q
from hw.nmpu.booth import booth_rows
from hw.nmpu.carry_save import CarrySave
from hw.nmpu.gather import Gather

__all__ = ["Residual"]


class Residual(wiring.Component):
    """``r = i * scale << shift``, exact; 0 without ``valid``.

    Latency is that of `Gather`, beside which it stands; throughput is one column per enabled clock.
    The shift comes behind the last register, in front of the adder of `Normalise`.

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
        # No more bits than the largest shift needs: the shifter is as wide as what it can reach.
        shift = Mux(self.shift <= largest, self.shift, 0)[:largest.bit_length()]
        m.d.comb += self.o.eq_proven(self._product(m).as_signed() << shift)
        return m

    def _product(self, m):
        """The product, as late as the sum that it is for."""
        latency, gates = Gather.latency_of(self._config), self._config.nmpu.stage_gates
        while _multiplied(CarrySave(None, None, gates=gates), self.valid, self.i, self.scale,
                          latency)[1] > latency:
            gates += 1
        adder = CarrySave(m, self.en, gates=gates)
        return _multiplied(adder, self.valid, self.i, self.scale, latency)[0]


def _multiplied(adder, valid, i, scale, stages):
    columns, width = defaultdict(list), len(i) + len(scale)
    received = adder.bits(Mux(valid, i, 0).as_unsigned())
    rest = booth_rows(adder, columns, adder.bits(Cat(scale, Const(0, 1))), received)
    adder.constant(columns, rest, width)
    return adder.registered(adder.add(columns, width), stages=stages)
