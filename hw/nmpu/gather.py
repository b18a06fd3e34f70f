"""Second in a lane: readouts of the same column are summed at full precision."""

from amaranth.hdl import Module, Mux
from amaranth.lib import wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from golden.formats import NmpuFormats
from hw.formats.q import Q
from hw.readout.payloads import group_range, largest_weight, weight_bits

__all__ = ["Gather"]


class Gather(wiring.Component):
    """Adds a weighted readout to the sum of the reads before it, one sum per column of the lane.

    Latency is one enabled clock; throughput is one column per enabled clock, the same column again
    included.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    en : In(1)
        The pipeline advances.
    next_group : In(group_range(config))
        The column of the readout that ``i`` will carry after the next enabled clock: the memory is
        read one clock ahead.
    group : In(group_range(config))
        The column of ``i``.
    valid : In(1)
        ``i`` is a readout; its sum is kept.
    first : In(1)
        ``i`` starts a new sum.
    weight : In(weight_bits(config))
        ``i`` counts ``2**weight`` times.
    i : In(Q(NmpuFormats.combined))
    o : Out(Q(NmpuFormats.accumulated))
        The sum up to and including ``i``.
    """

    latency = 1

    def __init__(self, config):
        self._config = config
        formats = NmpuFormats.of(config)
        super().__init__({
            "en": In(1),
            "next_group": In(group_range(config)),
            "group": In(group_range(config)),
            "valid": In(1),
            "first": In(1),
            "weight": In(weight_bits(config)),
            "i": In(Q(formats.combined.fmt)),
            "o": Out(Q(formats.accumulated.fmt)),
        })

    def elaborate(self, platform):
        m = Module()
        shape = self.o.shape()
        m.submodules.sums = sums = Memory(shape=shape, depth=self._config.groups, init=[])
        write = sums.write_port()
        read = sums.read_port(transparent_for=[write])
        weighted = self.i.raw << self.weight if largest_weight(self._config) else self.i.raw
        m.d.comb += [
            read.en.eq(self.en),
            read.addr.eq(self.next_group),
            write.en.eq(self.en & self.valid),
            write.addr.eq(self.group),
            write.data.eq_proven(weighted + Mux(self.first, 0, read.data.raw)),
        ]
        with m.If(self.en):
            m.d.sync += self.o.eq(write.data)
        return m
