"""A block behind three pins, for a device that has fewer pins than the block has ports."""

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["Harness"]

FAN_IN = 4
"""Inputs of a lookup table."""


class Harness(wiring.Component):
    """Inputs come from a shift register, outputs go into one parity bit, through flip-flops.

    So every path of the block starts and ends at a flip-flop, and nothing of the block is left
    out because nobody looks at it.

    Parameters
    ----------
    block : Component

    Members
    -------
    serial : In(1)
    parity : Out(1)

    Attributes
    ----------
    flops : int
        Flip-flops of the harness itself.
    """

    serial: In(1)
    parity: Out(1)

    def __init__(self, block):
        super().__init__()
        self._block = block
        ports = [(member.flow, Value.cast(value))
                 for _, member, value in block.signature.flatten(block)]
        self._inputs = Cat(value for flow, value in ports if flow == In)
        self._outputs = Cat(value for flow, value in ports if flow == Out)
        widths = [len(self._outputs)]
        while widths[-1] > 1 or len(widths) == 1:
            widths.append(-(-widths[-1] // FAN_IN))
        self._levels = widths[1:]
        self.flops = len(self._inputs) + sum(self._levels)

    def elaborate(self, platform):
        m = Module()
        m.submodules.block = self._block
        chain = Signal(len(self._inputs), reset_less=True)
        m.d.sync += chain.eq(Cat(self.serial, chain))
        m.d.comb += self._inputs.eq(chain)
        values = self._outputs
        for number, width in enumerate(self._levels):
            level = Signal(width, name=f"level_{number}", reset_less=True)
            m.d.sync += level.eq(Cat(values[k * FAN_IN:(k + 1) * FAN_IN].xor()
                                     for k in range(width)))
            values = level
        m.d.comb += self.parity.eq(values)
        return m
