"""One lane: the stages that a column's counts pass through, in order."""

from amaranth.hdl import Module, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.formats import RESIDUAL_SCALE_BITS, RESIDUAL_SHIFT_BITS, NmpuFormats
from hw.formats.q import Q
from hw.nmpu.stages import LaneClocks, LaneStages
from hw.readout.payloads import group_range, weight_bits

__all__ = ["Lane"]


class Lane(wiring.Component):
    """Combine, gather, normalise, requantise; one column per enabled clock.

    A lane holds no control: `hw.nmpu.nmpu.Nmpu` moves all lanes together and brings every input at
    the enabled clock, counted from that of the counts, that is given below, of those of
    `LaneClocks`. Its three parts are enabled each by itself, so that one may wait while what is
    behind it leaves.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    combine_en, gather_en, en : In(1)
        What `Combine` holds advances; what `Gather` and `Residual` hold; what is behind them.
    count_p, count_n, scale_p, scale_n, offset_p, offset_n : In
        Clock 0: see `Combine`.
    next_group : In(group_range(config))
        Clock ``gather_at - 1``: see `Gather`.
    group, valid, first, resume, weight, sums, partial : In
        Clock ``gather_at``: likewise, the last two with ``config.nmpu.partial_sums``.
    residual_valid, residual, residual_scale : In
        Clock ``gather_at``: see `Residual`; with ``config.nmpu.residual``.
    norm_scale, norm_bias, bypass, residual_shift : In
        Clock ``normalise_at``: see `Normalise` and `Residual`.
    relu_first : In(1)
        Clock ``relu_at``: see `Normalise`.
    shift, relu, bits : In
        Clock ``requantise_at``: see `Requantise`.
    gathered : Out(Q(NmpuFormats.accumulated))
        Clock ``normalise_at``: the sum so far.
    o : Out(signed(8))
        Clock ``latency``: the result.
    """

    @staticmethod
    def latency_of(config):
        return LaneClocks.of(config).latency

    def __init__(self, config):
        self._config = config
        super().__init__(self.signature_of(config))

    @staticmethod
    def signature_of(config):
        nmpu, bits = config.nmpu, config.readout.counter_bits
        return wiring.Signature({
            "combine_en": In(1), "gather_en": In(1), "en": In(1),
            "count_p": In(bits), "count_n": In(bits),
            "scale_p": In(Q(nmpu.scale)), "scale_n": In(Q(nmpu.scale)),
            "offset_p": In(Q(nmpu.offset)), "offset_n": In(Q(nmpu.offset)),
            "next_group": In(group_range(config)), "group": In(group_range(config)),
            "valid": In(1), "first": In(1), "resume": In(1), "weight": In(weight_bits(config)),
            **({"sums": In(1), "partial": In(Q(NmpuFormats.of(config).partial.fmt))}
               if nmpu.partial_sums else {}),
            **({"residual_valid": In(1), "residual": In(signed(8)),
                "residual_scale": In(RESIDUAL_SCALE_BITS),
                "residual_shift": In(RESIDUAL_SHIFT_BITS)} if nmpu.residual else {}),
            "norm_scale": In(Q(nmpu.norm_scale)), "norm_bias": In(Q(nmpu.norm_bias)),
            "bypass": In(1), "relu_first": In(1),
            "shift": In(nmpu.shift_bits), "relu": In(1), "bits": In(4),
            "gathered": Out(Q(NmpuFormats.of(config).accumulated.fmt)),
            "o": Out(signed(8)),
        })

    def elaborate(self, platform):
        m = Module()
        config, stages = self._config, LaneStages.of(self._config)
        m.submodules.combine = combine = stages.combine(config)
        m.submodules.gather = gather = stages.gather(config)
        m.submodules.normalise = normalise = stages.normalise(config)
        m.submodules.requantise = requantise = stages.requantise(
            src=NmpuFormats.of(config).activated.fmt, rounding=config.nmpu.rounding,
            shift_bits=config.nmpu.shift_bits, max_bits=config.nmpu.output_bits)

        m.d.comb += [
            combine.en.eq(self.combine_en),
            gather.en.eq(self.gather_en),
            normalise.en.eq(self.en),
            requantise.en.eq(self.en),
        ]
        for name in ("count_p", "count_n", "scale_p", "scale_n", "offset_p", "offset_n"):
            m.d.comb += getattr(combine, name).eq(getattr(self, name))
        for name in ("next_group", "group", "valid", "first", "resume", "weight",
                     *(("sums", "partial") if config.nmpu.partial_sums else ())):
            m.d.comb += getattr(gather, name).eq(getattr(self, name))
        m.d.comb += [
            gather.i.eq(combine.y),
            normalise.i.eq(gather.o),
            self.gathered.eq(gather.o),
            normalise.scale.eq(self.norm_scale),
            normalise.bias.eq(self.norm_bias),
            normalise.bypass.eq(self.bypass),
            normalise.relu.eq(self.relu_first),
            requantise.i.eq(normalise.o),
            requantise.shift.eq(self.shift),
            requantise.relu.eq(self.relu),
            requantise.bits.eq(self.bits),
            self.o.eq(requantise.o),
        ]
        if config.nmpu.residual:
            self._residual(m, stages.residual(config), normalise)
        return m

    def _residual(self, m, residual, normalise):
        """The residual is ready when the accumulated number is."""
        m.submodules.residual = residual
        m.d.comb += [
            residual.en.eq(self.gather_en),
            residual.valid.eq(self.residual_valid),
            residual.i.eq(self.residual),
            residual.scale.eq(self.residual_scale),
            residual.shift.eq(self.residual_shift),
            normalise.residual.eq(residual.o),
        ]
