"""The sums of `hw.nmpu.tally.Tally` for the columns of one lane."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.drift.formats import DriftFormats
from golden.formats import NmpuFormats
from hw.formats.q import Q
from hw.nmpu.sum_memory import SumMemory

__all__ = ["TallyLane"]


class TallyLane(wiring.Component):
    """One number is added per enabled clock, to the same sum again included.

    Parameters
    ----------
    config : TileConfig
    words : int
        Sums.

    Members
    -------
    en : In(1)
        ``next_word`` is read, and what is ``valid`` added.
    next_word, word : In(range(words))
        Of the sum of the next enabled clock, and of this one.
    valid, restart, absolute : In(1)
        ``i`` is added; it starts a new sum; its magnitude is added.
    i : In(Q(NmpuFormats.accumulated))
    inspected_word : In(range(words))
    inspected : Out(Q(DriftFormats.sum))
        In the clock after.
    """

    def __init__(self, config, *, words):
        self._words, self._sum = words, Q(DriftFormats.of(config).sum.fmt)
        super().__init__({
            "en": In(1), "next_word": In(range(words)), "word": In(range(words)),
            "valid": In(1), "restart": In(1), "absolute": In(1),
            "i": In(Q(NmpuFormats.of(config).accumulated.fmt)),
            "inspected_word": In(range(words)), "inspected": Out(self._sum),
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.sums = sums = SumMemory(bits=self._sum.fmt.width, words=self._words)
        value = self.i.raw
        # A magnitude is the complement and 1, which the same adder takes as its carry.
        turned = self.absolute & value[-1]
        m.d.comb += [
            *(getattr(sums, name).eq(getattr(self, name)) for name in (
                "en", "next_word", "word", "valid", "restart", "inspected_word")),
            sums.i.eq(value ^ turned.replicate(len(value)).as_signed()),
            sums.carry.eq(turned),
            self.inspected.eq_proven(sums.inspected),
        ]
        return m
