"""A clock for a block that has none, so that the agents can drive it."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In

__all__ = ["Clocked"]


class Clocked(wiring.Component):
    """A combinational component with a flip-flop behind every output."""

    def __init__(self, inner):
        self._inner = inner
        super().__init__(inner.signature)

    def elaborate(self, platform):
        m = Module()
        m.submodules.inner = self._inner
        for (_, member, its), (_, _, mine) in zip(
                self.signature.flatten(self._inner), self.signature.flatten(self), strict=True):
            if member.flow is In:
                m.d.comb += its.eq(mine)
            else:
                m.d.sync += mine.eq(its)
        return m
