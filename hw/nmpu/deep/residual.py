"""Beside the accumulator in a lane: a byte of the residual stream is scaled."""

from collections import defaultdict

from amaranth.hdl import Cat, Const, Module, Mux

from golden.formats import NmpuFormats
from hw.nmpu.deep.booth import booth_rows
from hw.nmpu.deep.carry_save import CarrySave
from hw.nmpu.deep.gather import DeepGather
from hw.nmpu.residual import Residual

__all__ = ["DeepResidual"]


class DeepResidual(Residual):
    """`hw.nmpu.residual.Residual`, as late as the sum that it is for."""

    def elaborate(self, platform):
        m = Module()
        largest = NmpuFormats.of(self._config).residual_shift
        # No more bits than the largest shift needs: the shifter is as wide as what it can reach.
        shift = Mux(self.shift <= largest, self.shift, 0)[:largest.bit_length()]
        m.d.comb += self.o.eq_proven(self._product(m).as_signed() << shift)
        return m

    def _product(self, m):
        """The product, as late as the sum that it is for."""
        latency, gates = DeepGather.latency_of(self._config), self._config.nmpu.stage_gates
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
