"""The sums of `hw.nmpu.tally.Tally` for the columns of one lane."""

from amaranth.hdl import Module, Mux
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from golden.drift.formats import DriftFormats
from golden.formats import NmpuFormats
from hw.formats.q import Q

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
        m.submodules.memory = memory = Memory(shape=self._sum, depth=self._words, init=[])
        write = memory.write_port()
        read = memory.read_port(transparent_for=[write])
        inspect = memory.read_port()
        value = self.i.raw
        # A magnitude is the complement and 1, which the same adder takes as its carry.
        turned = self.absolute & value[-1]
        before = Mux(self.restart, 0, read.data.raw)
        m.d.comb += [
            read.en.eq(self.en),
            read.addr.eq(self.next_word),
            write.en.eq(self.en & self.valid),
            write.addr.eq(self.word),
            write.data.eq_proven(
                (value ^ turned.replicate(len(value)).as_signed()) + before + turned),
            inspect.en.eq(1),
            inspect.addr.eq(self.inspected_word),
            self.inspected.eq(inspect.data),
        ]
        return m
