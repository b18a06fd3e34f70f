"""The sums of `hw.nmpu.statistics.Statistics` for the columns of one lane."""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.drift.statistics import SAMPLE, SHIFT_BITS, SQUARES, SUM
from golden.formats import NmpuFormats
from hw.formats.q import Q
from hw.nmpu.sum_memory import SumMemory
from hw.readout.payloads import group_range

__all__ = ["StatisticsLane"]


class StatisticsLane(wiring.Component):
    """A sample, its square, and the sums of both, an enabled clock each.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    en : In(1)
    i : In(Q(NmpuFormats.accumulated))
    shift : In(SHIFT_BITS)
        Cut off ``i``.
    clips : Out(1)
        The rest is no sample; combinational.
    next_group, group : In(group_range(config))
        One and two enabled clocks after ``i``.
    valid, first : In(1)
        With ``group``: the sample counts; its sums start with it.
    inspected_group : In(group_range(config))
    sum, square : Out
        Sums of it, in the clock after.
    """

    def __init__(self, config):
        self._config = config
        groups = group_range(config)
        super().__init__({
            "en": In(1), "i": In(Q(NmpuFormats.of(config).accumulated.fmt)),
            "shift": In(SHIFT_BITS), "clips": Out(1),
            "next_group": In(groups), "group": In(groups), "valid": In(1), "first": In(1),
            "inspected_group": In(groups),
            "sum": Out(signed(SUM.fmt.width)), "square": Out(signed(SQUARES.fmt.width)),
        })

    def elaborate(self, platform):
        m = Module()
        shifted = self.i.raw >> self.shift
        high, low = shifted > SAMPLE.max, shifted < SAMPLE.min
        samples = [Signal(signed(SAMPLE.width), name=f"sample_{n}") for n in range(2)]
        square = Signal(2 * SAMPLE.width - 1)
        m.d.comb += self.clips.eq(high | low)
        with m.If(self.en):
            m.d.sync += [
                samples[0].eq(Mux(high, SAMPLE.max, Mux(low, SAMPLE.min, shifted))),
                samples[1].eq(samples[0]),
                square.eq(samples[0] * samples[0]),
            ]
        self._sums(m, "sum", samples[1])
        self._sums(m, "square", square)
        return m

    def _sums(self, m, name, value):
        total = getattr(self, name)
        m.submodules[f"{name}_memory"] = memory = SumMemory(bits=len(total),
                                                            words=self._config.groups)
        m.d.comb += [
            memory.en.eq(self.en),
            memory.next_word.eq(self.next_group),
            memory.word.eq(self.group),
            memory.valid.eq(self.valid),
            memory.restart.eq(self.first),
            memory.i.eq(value),
            memory.inspected_word.eq(self.inspected_group),
            total.eq(memory.inspected),
        ]
