"""Columns of bits, added with few gates and cut into stages of few gates.

A column holds bits of one weight. Three bits become one of the same weight and a carry, so that
every adder takes a bit away; those that are there first are added first. No number is made in
between, so only the last carries travel.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count

from amaranth.hdl import Cat, Const, Signal, Value

__all__ = ["XOR", "Bit", "CarrySave"]


XOR = 2
"""Gates in a row of an exclusive or."""
CARRY = 3
"""Likewise of a carry from the first two bits of an adder; from the last one it is one gate."""


@dataclass(eq=False)
class Bit:
    """A bit, the stage in which it is made, and the gates in front of it there."""

    value: Value
    stage: int = 0
    gates: int = 0
    later: list = field(default_factory=list)


class CarrySave:
    """Builds logic on bits, with a register wherever a stage would become too deep.

    Parameters
    ----------
    m : Module or None
        What the logic is added to; `None` only counts the stages.
    en : Value
        Every register advances.
    gates : int
        Gates in a row that a stage may have.
    """

    def __init__(self, m, en, *, gates):
        self._m, self._en, self.gates = m, en, gates
        self._names = count()

    @staticmethod
    def bits(value, *, stage=0, gates=0):
        """The bits of a value, lowest first, there when a stage begins or some gates later."""
        return [Bit(value[k], stage, gates) for k in range(len(value))]

    def at(self, bit, stage):
        """The bit in a stage, that in which it is made or a later one."""
        while len(bit.later) < stage - bit.stage:
            before = bit.later[-1] if bit.later else bit.value
            after = before
            if self._m is not None and not isinstance(before, Const):
                after = Signal(name=f"held_{next(self._names)}", reset_less=True)
                with self._m.If(self._en):
                    self._m.d.sync += after.eq(before)
            bit.later.append(after)
        return bit if stage <= bit.stage else Bit(bit.later[stage - bit.stage - 1], stage)

    def cell(self, function, *bits, gates):
        """A function of bits, that many gates deep."""
        values, stage, depths = self._timed(bits, [gates] * len(bits))
        return self._bit(function(*values), stage, max(depths) + gates)

    def add(self, columns, width):
        """The sum of all bits, modulo ``2**width``.

        Parameters
        ----------
        columns : dict of int to list of Bit
            By the logarithm of their weight.

        Returns
        -------
        list of Bit
            Lowest first.
        """
        return [column[0] if column else Bit(Const(0, 1))
                for column in self._reduced(columns, width, leave=1)]

    def reduced(self, columns, width):
        """Columns of two bits at most that have the same sum, modulo ``2**width``."""
        return dict(enumerate(self._reduced(columns, width, leave=2)))

    @staticmethod
    def constant(columns, value, width):
        """Put an integer into the columns, modulo ``2**width``."""
        for k in range(width):
            if value >> k & 1:
                columns[k].append(Bit(Const(1, 1)))

    def registered(self, bits, *, stages=0):
        """The bits as one number behind the last register, and the stages up to there.

        Parameters
        ----------
        stages : int
            Least number of them.
        """
        stages = max(stages, 1 + max(bit.stage for bit in bits))
        return Cat(self.at(bit, stages).value for bit in bits), stages

    def _reduced(self, columns, width, *, leave):
        columns = defaultdict(list, {k: list(bits) for k, bits in columns.items()})
        for k in range(width):
            column = columns[k]
            while len(column) > leave:
                column.sort(key=lambda bit: (bit.stage, bit.gates))
                taken = min(3, len(column) - leave + 1)
                total, carry = (self._half if taken == 2 else self._full)(*column[:taken])
                column[:taken] = [total]
                columns[k + 1].append(carry)
        return [columns[k] for k in range(width)]

    def _full(self, *bits):
        (a, b, c), stage, depths = self._timed(bits, (2 * XOR, 2 * XOR, XOR))
        total = max(depths[0] + 2 * XOR, depths[2] + XOR)
        carry = max(depths[0] + CARRY, depths[2] + 1)
        return (self._bit(a ^ b ^ c, stage, total),
                self._bit((a & b) | (c & (a | b)), stage, carry))

    def _half(self, *bits):
        (a, b), stage, depths = self._timed(bits, (XOR, XOR))
        return (self._bit(a ^ b, stage, max(depths) + XOR),
                self._bit(a & b, stage, max(depths) + 1))

    def _timed(self, bits, gates):
        """Values of bits in one stage with room for the gates behind each, and those in front."""
        stage = max(bit.stage for bit in bits)
        there = [self.at(bit, stage) for bit in bits]
        if any(bit.gates + more > self.gates for bit, more in zip(there, gates, strict=True)):
            there = [self.at(bit, stage + 1) for bit in bits]
        return [bit.value for bit in there], there[0].stage, [bit.gates for bit in there]

    def _bit(self, value, stage, gates):
        bit = Signal(name=f"bit_{next(self._names)}")
        if self._m is not None:
            self._m.d.comb += bit.eq(value)
        return Bit(bit, stage, gates)
