"""A lane one clock behind what moves it, so that nothing has to reach all lanes in a clock."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from hw.nmpu.lane import Lane

__all__ = ["LateLane"]


class LateLane(wiring.Component):
    """`hw.nmpu.lane.Lane` with a register in front of every input.

    Only those of the enables are reset: without one nothing else is looked at.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    As of `Lane`, whose outputs come a clock later.
    """

    def __init__(self, config):
        self._config = config
        super().__init__(Lane.signature_of(config))

    def elaborate(self, platform):
        m = Module()
        m.submodules.lane = lane = Lane(self._config)
        for path, member, here in self.signature.flatten(self):
            name, = path
            inside = getattr(lane, name)
            if member.flow is In:
                late = Signal.like(here, name=f"{name}_late",
                                   reset_less=not name.endswith("en"))
                m.d.sync += late.eq(here)
                m.d.comb += inside.eq(late)
            else:
                m.d.comb += here.eq(inside)
        return m
