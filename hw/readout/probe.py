"""The raw counts of one column, for whoever wants to look."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.readout.payloads import group_of_counts

__all__ = ["Probe"]


class Probe(wiring.Component):
    """Keeps the counts of the chosen column as its group passes.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    column : In(range(columns))
    clear : In(1)
        Forget; another column is being chosen.
    passes : In(1)
        ``group`` moves on in this clock.
    group : In(group_of_counts(config))
    p, n : Out(counter_bits)
        One clock later; 0 until the column has passed.
    """

    def __init__(self, config):
        self._config = config
        bits = config.readout.counter_bits
        super().__init__({
            "column": In(range(config.array.columns)),
            "clear": In(1),
            "passes": In(1),
            "group": In(group_of_counts(config)),
            "p": Out(bits), "n": Out(bits),
        })

    def elaborate(self, platform):
        m = Module()
        lanes = self._config.nmpu.lanes
        lane = Signal(range(max(lanes, 2)))
        m.d.comb += lane.eq(self.column % lanes)
        with m.If(self.clear):
            m.d.sync += [self.p.eq(0), self.n.eq(0)]
        with m.Elif(self.passes & (self.group.group == self.column // lanes)):
            m.d.sync += [
                self.p.eq(self.group.counts.p[lane]),
                self.n.eq(self.group.counts.n[lane]),
            ]
        return m
