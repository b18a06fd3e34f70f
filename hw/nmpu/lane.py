"""One lane: the stages that a column's counts pass through, in order."""

from amaranth.hdl import Module, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.formats import NmpuFormats
from hw.formats.q import Q
from hw.nmpu.combine import Combine
from hw.nmpu.gather import Gather
from hw.nmpu.normalise import Normalise
from hw.nmpu.requantise import Requantise
from hw.readout.payloads import group_range, weight_bits

__all__ = ["Lane"]


class Lane(wiring.Component):
    """Combine, gather, normalise, requantise; one column per enabled clock.

    A lane holds no control: `hw.nmpu.nmpu.Nmpu` moves all lanes together and brings every input at
    the enabled clock, counted from that of the counts, that is given below.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    en : In(1)
        The pipeline advances.
    count_p, count_n, scale_p, scale_n, offset_p, offset_n : In
        Clock 0: see `Combine`.
    next_group : In(group_range(config))
        Clock ``gather_at - 1``: see `Gather`.
    group, valid, first, weight : In
        Clock ``gather_at``.
    norm_scale, norm_bias : In
        Clock ``normalise_at``: see `Normalise`.
    shift, relu, bits : In
        Clock ``requantise_at``: see `Requantise`.
    gathered : Out(Q(NmpuFormats.accumulated))
        Clock ``normalise_at``: the sum so far.
    o : Out(signed(8))
        Clock ``latency``: the result.
    """

    gather_at = Combine.latency
    normalise_at = gather_at + Gather.latency
    requantise_at = normalise_at + Normalise.latency
    latency = requantise_at + Requantise.latency

    def __init__(self, config):
        self._config = config
        nmpu, bits = config.nmpu, config.readout.counter_bits
        super().__init__({
            "en": In(1),
            "count_p": In(bits), "count_n": In(bits),
            "scale_p": In(Q(nmpu.scale)), "scale_n": In(Q(nmpu.scale)),
            "offset_p": In(Q(nmpu.offset)), "offset_n": In(Q(nmpu.offset)),
            "next_group": In(group_range(config)), "group": In(group_range(config)),
            "valid": In(1), "first": In(1), "weight": In(weight_bits(config)),
            "norm_scale": In(Q(nmpu.norm_scale)), "norm_bias": In(Q(nmpu.norm_bias)),
            "shift": In(nmpu.shift_bits), "relu": In(1), "bits": In(4),
            "gathered": Out(Q(NmpuFormats.of(config).accumulated.fmt)),
            "o": Out(signed(8)),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        m.submodules.combine = combine = Combine(config)
        m.submodules.gather = gather = Gather(config)
        m.submodules.normalise = normalise = Normalise(config)
        m.submodules.requantise = requantise = Requantise(
            src=NmpuFormats.of(config).normalised.fmt, rounding=config.nmpu.rounding,
            shift_bits=config.nmpu.shift_bits, max_bits=config.nmpu.output_bits)

        for stage in (combine, gather, normalise, requantise):
            m.d.comb += stage.en.eq(self.en)
        for name in ("count_p", "count_n", "scale_p", "scale_n", "offset_p", "offset_n"):
            m.d.comb += getattr(combine, name).eq(getattr(self, name))
        m.d.comb += [
            gather.next_group.eq(self.next_group),
            gather.group.eq(self.group),
            gather.valid.eq(self.valid),
            gather.first.eq(self.first),
            gather.weight.eq(self.weight),
            gather.i.eq(combine.y),
            normalise.i.eq(gather.o),
            self.gathered.eq(gather.o),
            normalise.scale.eq(self.norm_scale),
            normalise.bias.eq(self.norm_bias),
            requantise.i.eq(normalise.o),
            requantise.shift.eq(self.shift),
            requantise.relu.eq(self.relu),
            requantise.bits.eq(self.bits),
            self.o.eq(requantise.o),
        ]
        return m
