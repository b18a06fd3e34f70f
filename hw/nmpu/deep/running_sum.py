"""In `hw.nmpu.deep.gather.DeepGather`: one digit of every column's sum."""

from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["RunningSum"]


class RunningSum(wiring.Component):
    """``o = i + carry_i + before``, where ``before`` is a column's sum or what starts a new one.

    Latency is one enabled clock; throughput is one number per enabled clock, the same column again
    included: what was just added is taken from ``o``. Words are chosen by a bit each, which takes a
    third of the gates that a number would, and with no bit set a sum starts from 0.

    Parameters
    ----------
    words : int
        Columns.
    width : int
        Bits of the digit.
    early : bool
        ``fresh``, ``sums`` and ``partial`` come a clock before ``i``, so that they need no time in
        the clock of the sum.
    select : bool
        The upper half is added with and without a carry from the lower one, which chooses.

    Members
    -------
    en : In(1)
        The sums advance.
    read : In(words)
        A clock before ``i``: the word of its column, one bit; none if ``again``.
    again : In(1)
        Likewise: that word is the one that is being written.
    fresh, sums, partial : In(1), In(1), In(width)
        The sum starts from 0; from ``partial``.
    write : In(words)
        The word of the column of ``i``; none if the sum is not kept.
    i : In(width)
    carry_i : In(1)
    o : Out(width)
    carry : Out(1)
    """

    def __init__(self, *, words, width, early=False, select=False):
        self._early, self._select = early, select
        super().__init__({
            "en": In(1),
            "read": In(words), "again": In(1),
            "fresh": In(1), "sums": In(1), "partial": In(width),
            "write": In(words), "i": In(width), "carry_i": In(1),
            "o": Out(width), "carry": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        width = len(self.o)
        # Nothing that is reset: Yosys maps the logic in front of such registers apart.
        words = [Signal(width, name=f"word_{k}", reset_less=True) for k in range(len(self.write))]
        stored, held = Signal(width, reset_less=True), Signal(width + 1, reset_less=True)
        again = Signal(reset_less=True)
        before, total = Signal(width), Signal(width + 1)
        starts = self.fresh | self.sums
        begin = _if(self.sums, self.partial)
        if self._early:
            chosen = [_if(read & ~starts, word)
                      for read, word in zip(self.read, words, strict=True)]
            m.d.comb += before.eq(stored | _if(again, self.o))
            with m.If(self.en):
                m.d.sync += [stored.eq(reduce(or_, chosen, begin)), again.eq(self.again & ~starts)]
        else:
            chosen = [_if(read, word) for read, word in zip(self.read, words, strict=True)]
            m.d.comb += before.eq(_if(~starts, stored | _if(again, self.o)) | begin)
            with m.If(self.en):
                m.d.sync += [stored.eq(reduce(or_, chosen)), again.eq(self.again)]
        m.d.comb += [
            Cat(self.o, self.carry).eq(held),
            total.eq(self._sum(m, before)),
        ]
        with m.If(self.en):
            m.d.sync += held.eq(total)
        for write, word in zip(self.write, words, strict=True):
            with m.If(self.en & write):
                m.d.sync += word.eq(total[:width])
        return m

    def _sum(self, m, before):
        if not self._select:
            return _added(m, self.i, before, self.carry_i)
        half = (len(self.o) + 1) // 2
        low = _added(m, self.i[:half], before[:half], self.carry_i)
        high = [_added(m, self.i[half:], before[half:], Const(carry, 1)) for carry in (0, 1)]
        return Cat(low[:half], Mux(low[half], high[1], high[0]))


def _if(condition, value):
    return value & condition.replicate(len(value))


def _added(m, a, b, carry):
    """``a + b + carry``, the carries rippling: Yosys' own adders take more gates and levels."""
    total = []
    for x, y in zip(a, b, strict=True):
        total.append(x ^ y ^ carry)
        following = Signal(name="carry")
        m.d.comb += following.eq((x & y) | (carry & (x | y)))
        carry = following
    return Cat(*total, carry)
