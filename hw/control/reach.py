"""Whether a measurement stays within the codes of the reference current."""

from amaranth.hdl import Cat, Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.registers import MOST_REPEATS

__all__ = ["Reach"]

PART_BITS = 4
"""Of the number of windows, for each product of the first clock."""


class Reach(wiring.Component):
    """Judges ``code + step (repeats - 1)``, the code of the last window.

    A product and a comparison are too long for a clock. What the reference alone decides is held,
    the products of parts of ``repeats`` are made in the first clock, and added in the second.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    code, step : In(reference_bits)
        Steady for a clock before ``repeats``.
    repeats : In(range(2 * MOST_REPEATS))
    exists : Out(1)
        In the clock after ``repeats``: neither the number nor the code exceeds its range.
    """

    def __init__(self, config):
        bits = config.readout.reference_bits
        super().__init__({
            "code": In(bits), "step": In(bits), "repeats": In(range(2 * MOST_REPEATS)),
            "exists": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        bits, step, repeats = len(self.code), self.step, self.repeats
        room = Signal(bits + 1)  # for `step * repeats`
        triple = Signal(bits + 2)
        in_range = Signal()
        m.d.sync += [
            room.eq((1 << bits) - 1 - self.code + step),
            triple.eq(3 * step),
            in_range.eq((repeats != 0) & (repeats <= MOST_REPEATS)),
        ]

        def times(digit):
            return Mux(digit[1], Mux(digit[0], triple, step << 1), Mux(digit[0], step, 0))

        padded = Cat(repeats, Const(0, -len(repeats) % PART_BITS))
        inside, beyond = 0, 0
        for place in range(0, len(repeats), PART_BITS):
            product = Signal(bits + PART_BITS, name=f"product_{place}")
            m.d.sync += product.eq(times(padded[place:]) + (times(padded[place + 2:]) << 2))
            fits = max(len(room) - place, 0)
            inside += product[:fits] << place
            beyond |= product[fits:].any()
        m.d.comb += self.exists.eq(in_range & ~beyond & (inside <= room))
        return m
