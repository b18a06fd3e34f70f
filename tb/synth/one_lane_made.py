"""An NMPU whose lane is made once: a deep one takes seconds, and 64 of them are equal."""

from amaranth.hdl import ClockSignal, Instance, Module, ResetSignal
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from hw.nmpu.lane import Lane
from hw.nmpu.nmpu import Nmpu, lane_of

__all__ = ["OneLaneMade"]


class OneLaneMade(Nmpu):
    """`Nmpu`, with instances of a module in the place of its lanes.

    Parameters
    ----------
    config : TileConfig
    top : str
        Name of the module that this becomes.

    Members
    -------
    modules : dict of str to Component
        What has to be put beside it, by the name of its module.
    """

    def __init__(self, config, *, top):
        name = f"{top}_lane"
        super().__init__(config, lane=lambda config: _LaneOf(config, name))
        self.modules = {name: lane_of(config)}


class _LaneOf(wiring.Component):
    """An instance of a module with the ports of a `Lane`."""

    def __init__(self, config, name):
        self._name = name
        super().__init__(Lane.signature_of(config))

    def elaborate(self, platform):
        m = Module()
        ports = {f"{'i' if member.flow is In else 'o'}_{'__'.join(map(str, path))}": value
                 for path, member, value in self.signature.flatten(self)}
        m.submodules.instance = Instance(self._name, i_clk=ClockSignal(), i_rst=ResetSignal(),
                                         **ports)
        return m
