"""Third in a lane: the per-channel scale and bias, and what is added to their result."""

from collections import defaultdict
from functools import cache

from amaranth.hdl import Module, Mux, Signal

from golden.formats import NmpuFormats
from hw.nmpu.deep.booth import booth_rows
from hw.nmpu.deep.carry_save import Bit, CarrySave
from hw.nmpu.normalise import Normalise

__all__ = ["DeepNormalise"]


class DeepNormalise(Normalise):
    """`hw.nmpu.normalise.Normalise` in ``latency_of(config)`` clocks.

    The rows of the product and the bias are reduced to two; one sum of these tells the sign, beside
    it stands that with the residual.
    """

    @staticmethod
    @cache
    def latency_of(config):
        formats, nmpu = NmpuFormats.of(config), config.nmpu
        residual = Signal(formats.residual.fmt.width) if nmpu.residual else None
        return _build(CarrySave(None, None, gates=nmpu.stage_gates), config,
                      Signal(formats.accumulated.fmt.width), Signal(nmpu.norm_scale.width),
                      Signal(nmpu.norm_bias.width), Signal(), Signal(), residual)[1]

    def elaborate(self, platform):
        m = Module()
        residual = self.residual.raw if self._config.nmpu.residual else None
        adder = CarrySave(m, self.en, gates=self._config.nmpu.stage_gates)
        o, _ = _build(adder, self._config, self.i.raw, self.scale.raw, self.bias.raw, self.bypass,
                      self.relu, residual)
        m.d.comb += self.o.eq_proven(o.as_signed())
        return m


RESIDUAL_GATES = 10
"""Gates in a row of the shifter in front of the residual: see `hw.nmpu.residual.Residual`."""
CLAMP = 3
"""Likewise of the choice between a sum and a residual."""


def _build(adder, config, i, scale, bias, bypass, relu, residual):
    """The number, registered, and the stages that it takes."""
    nmpu, formats = config.nmpu, NmpuFormats.of(config)
    frac, width = formats.activated.fmt.frac_bits, formats.activated.fmt.width
    columns, product = defaultdict(list), defaultdict(list)
    force = Bit(bypass)
    constant = booth_rows(adder, product, adder.bits(i), adder.bits(scale),
                          one=(force, nmpu.norm_scale.frac_bits))
    up = frac - formats.accumulated.fmt.frac_bits - nmpu.norm_scale.frac_bits
    for k, bits in product.items():
        columns[up + k] += bits
    constant <<= up
    kept = [adder.cell(lambda b, f: b & ~f, b, force, gates=1) for b in adder.bits(bias)]
    constant += _signed(adder, columns, kept, up=frac - nmpu.norm_bias.frac_bits)
    adder.constant(columns, constant, width)
    affine = adder.reduced(columns, width)
    negative = adder.add(affine, width)[-1]
    if residual is None:
        return _clamped(adder, adder.add(affine, width), negative, relu, None)

    received = adder.bits(residual, gates=RESIDUAL_GATES)
    total = defaultdict(list, {k: list(bits) for k, bits in affine.items()})
    adder.constant(total, _signed(adder, total, received, up=0), width)
    return _clamped(adder, adder.add(total, width), negative, relu, received)


def _signed(adder, columns, bits, *, up):
    """Adds a signed number, shifted up; returns the number that completes it.

    Its sign, of weight ``-2**k``, is stored inverted: it counts ``2**k``, and ``-2**k`` is missing.
    """
    for k, bit in enumerate(bits[:-1], up):
        columns[k].append(bit)
    top = up + len(bits) - 1
    columns[top].append(adder.cell(lambda sign: ~sign, bits[-1], gates=0))
    return -1 << top


def _clamped(adder, total, negative, relu, residual):
    """The total, or the residual alone where the rest is negative and ``relu`` is set."""
    stage = max(bit.stage for bit in (*total, negative))
    if any(bit.stage == stage and bit.gates + CLAMP > adder.gates for bit in (*total, negative)):
        stage += 1
    relu = Bit(relu, stage)
    clamp = adder.cell(lambda relu, negative: relu & negative, relu, negative, gates=1)
    if residual is None:
        o = [adder.cell(lambda clamp, bit: bit & ~clamp, clamp, bit, gates=1) for bit in total]
    else:
        instead = [*residual, *[residual[-1]] * (len(total) - len(residual))]
        o = [adder.cell(lambda clamp, bit, alone: Mux(clamp, alone, bit), clamp, bit, alone,
                        gates=2) for bit, alone in zip(total, instead, strict=True)]
    return adder.registered(o)
