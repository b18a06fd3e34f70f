"""Rows of a product by Booth's digits of radix 4."""

from amaranth.hdl import Const

from hw.nmpu.deep.carry_save import Bit

__all__ = ["booth_rows"]


def booth_rows(adder, columns, x, y, *, one=None):
    """Adds the rows of ``x * y`` to columns of bits; returns the number that completes them.

    A digit of ``y`` is -2, -1, 0, 1 or 2 (Booth, 1951; MacSorley, Proc. IRE 49, 67-91, 1961), so
    there are half as many rows as bits. ``-n`` is ``~n + 1``, and the sign of a row is stored
    inverted, as in `hw.nmpu.deep.combine`.

    Parameters
    ----------
    adder : CarrySave
    columns : dict of int to list of Bit
        Added to.
    x, y : list of Bit
        Signed numbers, lowest bit first.
    one : (Bit, int) or None
        A bit, and the power of two that ``y`` is replaced by while it is set.
    """
    force, power = one or (None, -1)
    constant, sign = 0, x[-1]
    for low in range(0, max(len(y), power + 1), 2):
        digit = [y[min(k, len(y) - 1)] if k >= 0 else Bit(Const(0, 1))
                 for k in (low - 1, low, low + 1)]
        single = adder.cell(lambda c, b, a: b ^ c, *digit, gates=2)
        double = adder.cell(lambda c, b, a: (a & ~b & ~c) | (~a & b & c), *digit, gates=3)
        negative = digit[-1]
        if force is not None:
            single = _forced(adder, single, force, to=power == low)
            double = _forced(adder, double, force, to=power == low + 1)
            negative = _forced(adder, negative, force, to=False)
        for k in range(len(x) + 1):
            columns[low + k].append(adder.cell(
                lambda s, d, n, now, below, k=k: (
                    ((s & now) | (d & below)) ^ n if k < len(x) else ~(((s | d) & now) ^ n)),
                single, double, negative, x[k] if k < len(x) else sign,
                x[k - 1] if k else Bit(Const(0, 1)), gates=4))
        columns[low].append(negative)
        constant -= 1 << (low + len(x))
    return constant


def _forced(adder, bit, force, *, to):
    if to:
        return adder.cell(lambda bit, force: bit | force, bit, force, gates=1)
    return adder.cell(lambda bit, force: bit & ~force, bit, force, gates=1)
