"""Second in a lane: readouts of the same column are summed at full precision."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from amaranth.hdl import Cat, Const, Module, Mux, Signal

from golden.formats import NmpuFormats
from hw.nmpu.deep.carry_save import XOR, Bit, CarrySave
from hw.nmpu.deep.running_sum import RunningSum
from hw.nmpu.gather import Gather
from hw.readout.payloads import largest_weight, weight_bits

__all__ = ["DeepGather"]


class DeepGather(Gather):
    """`hw.nmpu.gather.Gather` in ``latency_of(config)`` clocks.

    Where one clock is too short for a sum, its digits are added in as many, the lowest first.
    Without ``valid`` ``o`` has no meaning.
    """

    @staticmethod
    @cache
    def latency_of(config):
        plan = _Plan.of(config)
        return plan.ahead + len(plan.digits)

    def elaborate(self, platform):
        m = Module()
        config, plan = self._config, _Plan.of(self._config)
        latency = self.latency_of(config)
        words, has_sums = config.groups, config.nmpu.partial_sums
        # What comes with a readout, by the clocks that have passed since.
        widths = {"read": words, "again": 1, "fresh": 1, "sums": 1, "write": words}
        stages = [{name: Signal(width, name=f"{name}_{k}", reset_less=True)
                   for name, width in widths.items()} for k in range(latency)]
        now = stages[0]
        # The column that is read next, and that of the sum which is then being made.
        coming, made = (self.group, stages[1]) if plan.ahead else (self.next_group, now)
        wanted = Cat(coming == k for k in range(words))
        m.d.comb += [
            now["write"].eq(Cat(self.valid & (self.group == k) for k in range(words))),
            now["again"].eq((wanted & made["write"]).any()),
            now["read"].eq(wanted & ~now["again"].replicate(words)),
            now["fresh"].eq(self.first & ~self.resume),
            now["sums"].eq(self.first & self.sums if has_sums else 0),
        ]
        with m.If(self.en):
            for before, after in pairwise(stages):
                m.d.sync += [after[name].eq(before[name]) for name in widths]

        adder = CarrySave(m, self.en, gates=config.nmpu.stage_gates)
        weighted = _weighted(adder, config, self.i.raw, self.weight)
        partial = adder.bits(_extended(self.partial.raw if has_sums else Const(0, 1),
                                       len(weighted)))
        carry, o = Const(0, 1), []
        for at, (low, high) in enumerate(plan.digits, plan.ahead):
            def digit(bits, stage, span=slice(low, high)):
                return Cat(adder.at(bit, stage).value for bit in bits[span])

            start = max(at - 1, 0)
            m.submodules[f"digit_{low}"] = running = RunningSum(
                words=words, width=high - low, early=at > 0, select=plan.select)
            m.d.comb += [
                running.en.eq(self.en),
                *(getattr(running, name).eq(stages[start][name])
                  for name in ("read", "again", "fresh", "sums")),
                running.partial.eq(digit(partial, start)),
                running.write.eq(stages[at]["write"]),
                running.i.eq(digit(weighted, at)),
                running.carry_i.eq(carry),
            ]
            carry = running.carry
            o += adder.bits(running.o, stage=at + 1)
        m.d.comb += self.o.eq_proven(Cat(adder.at(bit, latency).value for bit in o).as_signed())
        return m


SELECT, START = 2, 2
"""Gates in a row of a choice between two; of what starts a sum."""


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """In how many clocks a sum is made.

    Members
    -------
    ahead : int
        Clocks before the lowest digit.
    digits : tuple of (int, int)
        First bit, and the one after the last, of the digit of each clock.
    select : bool
        See `RunningSum`.
    """

    ahead: int
    digits: tuple
    select: bool = False

    @classmethod
    @cache
    def of(cls, config):
        nmpu = config.nmpu
        gates, width = nmpu.stage_gates, nmpu.accumulator_bits
        shifted = _weighted(CarrySave(None, None, gates=gates), config,
                            Signal(NmpuFormats.of(config).combined.fmt.width),
                            Signal(weight_bits(config)))
        shift = max(bit.gates for bit in shifted)
        whole, half = (max(shift, SELECT + START) + XOR + bits for bits in (width, width // 2 + 1))
        if not any(bit.stage for bit in shifted):
            if whole <= gates:
                return cls(ahead=0, digits=((0, width),))
            if half + SELECT <= gates:
                return cls(ahead=0, digits=((0, width),), select=True)
        size = gates - SELECT - XOR
        return cls(ahead=max(1 + max(bit.stage for bit in shifted), 1), digits=tuple(
            (low, min(low + size, width)) for low in range(0, width, size)))


def _weighted(adder, config, i, weight):
    """The bits of ``i << weight``, as many as a sum has."""
    bits = adder.bits(_extended(i, config.nmpu.accumulator_bits))
    if not largest_weight(config):
        return bits
    for k in range(len(weight)):
        chosen, zero = Bit(weight[k]), Bit(Const(0, 1))
        bits = [adder.cell(lambda w, up, bit: Mux(w, up, bit), chosen,
                           bits[n - (1 << k)] if n >= 1 << k else zero, bit, gates=SELECT)
                for n, bit in enumerate(bits)]
    return bits


def _extended(number, width):
    """The bits of a signed number, as many as ``width``."""
    return Cat(number, number[-1].replicate(width - len(number)))
