"""Sums in a memory, beside a lane."""

from amaranth.hdl import Module, Mux, signed
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

__all__ = ["SumMemory"]


class SumMemory(wiring.Component):
    """One number is added per enabled clock, to the same sum again included.

    That a sum fits is for the user to prove.

    Parameters
    ----------
    bits : int
        Of a sum.
    words : int
        Sums.

    Members
    -------
    en : In(1)
        ``next_word`` is read, and what is ``valid`` added.
    next_word, word : In(range(words))
        Of the sum of the next enabled clock, and of this one.
    valid, restart : In(1)
        ``i`` is added; it starts a new sum.
    i : In(signed(bits))
    carry : In(1)
        1 is added to ``i``.
    inspected_word : In(range(words))
    inspected : Out(signed(bits))
        In the clock after.
    """

    def __init__(self, *, bits, words):
        self._bits, self._words = bits, words
        super().__init__({
            "en": In(1), "next_word": In(range(words)), "word": In(range(words)),
            "valid": In(1), "restart": In(1), "i": In(signed(bits)), "carry": In(1),
            "inspected_word": In(range(words)), "inspected": Out(signed(bits)),
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.memory = memory = Memory(shape=signed(self._bits), depth=self._words, init=[])
        write = memory.write_port()
        read = memory.read_port(transparent_for=[write])
        inspect = memory.read_port()
        m.d.comb += [
            read.en.eq(self.en),
            read.addr.eq(self.next_word),
            write.en.eq(self.en & self.valid),
            write.addr.eq(self.word),
            write.data.eq(self.i + Mux(self.restart, 0, read.data) + self.carry),
            inspect.en.eq(1),
            inspect.addr.eq(self.inspected_word),
            self.inspected.eq(inspect.data),
        ]
        return m
