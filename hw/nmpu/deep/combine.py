"""First in a lane: the two calibrated counts of a column become one signed readout.

Distributed arithmetic (Peled and Liu, IEEE Trans. ASSP 22, 456-462, 1974): bit i of the two scales
selects ``0, n_p, -n_n`` or ``n_p - n_n``, so that both products together are one row of bits per
bit of a scale, and one subtraction.
"""

from collections import defaultdict
from functools import cache

from amaranth.hdl import Module, Signal

from golden.formats import NmpuFormats
from hw.nmpu.combine import Combine
from hw.nmpu.deep.carry_save import Bit, CarrySave

__all__ = ["DeepCombine"]

SELECT = 3
"""Gates in a row of the choice of one out of three."""


class DeepCombine(Combine):
    """`hw.nmpu.combine.Combine` by distributed arithmetic, in ``latency_of(config)`` clocks."""

    @staticmethod
    @cache
    def latency_of(config):
        nmpu, bits = config.nmpu, config.readout.counter_bits
        widths = [bits] * 2 + [nmpu.scale.width] * 2 + [nmpu.offset.width] * 2
        return _build(CarrySave(None, None, gates=nmpu.stage_gates), config,
                      *map(Signal, widths))[1]

    def elaborate(self, platform):
        m = Module()
        adder = CarrySave(m, self.en, gates=self._config.nmpu.stage_gates)
        y, _ = _build(adder, self._config, self.count_p, self.count_n,
                      self.scale_p.raw, self.scale_n.raw, self.offset_p.raw, self.offset_n.raw)
        m.d.comb += self.y.eq_proven(y.as_signed())
        return m


def _build(adder, config, count_p, count_n, scale_p, scale_n, offset_p, offset_n):
    """The readout, registered, and the stages that it takes."""
    nmpu, fmt = config.nmpu, NmpuFormats.of(config).combined.fmt
    columns = defaultdict(list)
    constant = _rows(adder, columns, fmt.frac_bits - nmpu.scale.frac_bits,
                     count_p, count_n, scale_p, scale_n)
    constant += _offsets(columns, fmt.frac_bits - nmpu.offset.frac_bits, offset_p, offset_n)
    adder.constant(columns, constant, fmt.width)
    return adder.registered(adder.add(columns, fmt.width))


def _rows(adder, columns, up, count_p, count_n, scale_p, scale_n):
    """Adds the rows, of weight ``2**up`` and more; returns the number that completes them.

    ``-n`` is ``~n + 1``: rows hold numbers less by one wherever ``n_n`` is in them, and bit i of
    ``scale_n`` makes up for it. Their sign, of weight ``-2**k``, is stored inverted: it counts
    ``2**k``, and ``-2**k`` goes into the constant.
    """
    size = len(count_p)
    count_p, not_n = adder.bits(count_p), adder.bits(~count_n)
    both = adder.add({k: [count_p[k], not_n[k]] for k in range(size)}, size + 1)
    constant = 0
    for i, (p, n) in enumerate(zip(adder.bits(scale_p), adder.bits(scale_n), strict=True), up):
        only_p, only_n, p_and_n = (adder.cell(choice, p, n, gates=1) for choice in (
            lambda p, n: p & ~n, lambda p, n: ~p & n, lambda p, n: p & n))
        for k in range(size):
            columns[i + k].append(adder.cell(
                lambda a, x, b, y, c, z: (a & x) | (b & y) | (c & z),
                only_p, count_p[k], only_n, not_n[k], p_and_n, both[k], gates=SELECT))
        columns[i + size].append(adder.cell(
            lambda b, c, z: ~(b | (c & ~z)), only_n, p_and_n, both[size], gates=SELECT))
        columns[i].append(n)
        constant -= 1 << (i + size)
    return constant


def _offsets(columns, up, offset_p, offset_n):
    """Adds both offsets, of weight ``2**up`` and more; returns the number that completes them.

    A negative bit is stored inverted, as the sign of a row.
    """
    constant, size = 0, len(offset_p)
    for k in range(size):
        positive, negative = offset_p[k], offset_n[k]
        if k == size - 1:
            positive, negative = negative, positive
        columns[up + k] += [Bit(positive), Bit(~negative)]
        constant -= 1 << (up + k)
    return constant
