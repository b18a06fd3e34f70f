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

    A sum starts from 0, from a partial sum, or from where the last one of its column ended.

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
        ``i`` is a readout; its sum is kept. Otherwise ``o`` holds.
    first : In(1)
        ``i`` starts a new sum, from 0 unless told otherwise.
    resume : In(1)
        With ``first``: from the last sum of the column.
    sums, partial : In(1), In(Q(NmpuFormats.partial))
        With ``config.nmpu.partial_sums``. With ``first`` and ``sums``: from ``partial``.
    weight : In(weight_bits(config))
        ``i`` counts ``2**weight`` times.
    i : In(Q(NmpuFormats.combined))
    o : Out(Q(NmpuFormats.accumulated))
        The sum up to and including ``i``.
    """

    def __init__(self, config):
        self._config = config
        formats = NmpuFormats.of(config)
        super().__init__({
            "en": In(1),
            "next_group": In(group_range(config)),
            "group": In(group_range(config)),
            "valid": In(1),
            "first": In(1),
            "resume": In(1),
            **({"sums": In(1), "partial": In(Q(formats.partial.fmt))}
               if config.nmpu.partial_sums else {}),
            "weight": In(weight_bits(config)),
            "i": In(Q(formats.combined.fmt)),
            "o": Out(Q(formats.accumulated.fmt)),
        })

    @staticmethod
    def latency_of(config):
        return 1

    def elaborate(self, platform):
        m = Module()
        shape = self.o.shape()
        m.submodules.sums = sums = Memory(shape=shape, depth=self._config.groups, init=[])
        write = sums.write_port()
        read = sums.read_port(transparent_for=[write])
        weighted = self.i.raw << self.weight if largest_weight(self._config) else self.i.raw
        before = Mux(self.first & ~self.resume, 0, read.data.raw)
        if self._config.nmpu.partial_sums:
            before = Mux(self.first & self.sums, self.partial.raw, before)
        m.d.comb += [
            read.en.eq(self.en),
            read.addr.eq(self.next_group),
            write.en.eq(self.en & self.valid),
            write.addr.eq(self.group),
            write.data.eq_proven(weighted + before),
        ]
        with m.If(write.en):
            m.d.sync += self.o.eq(write.data)
        return m
