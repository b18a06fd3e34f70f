"""The lanes in step: a stream of column groups in, a stream of results out."""

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from golden.registers import COEFFICIENTS
from hw.nmpu.coefficients import CoefficientBus, Coefficients
from hw.nmpu.lane import Lane
from hw.readout.payloads import group_of_counts, group_range, tag

__all__ = ["Nmpu", "results"]


def results(config):
    """One result per lane, as bytes; ``last`` marks the last group of a vector."""
    return data.StructLayout({
        "data": data.ArrayLayout(8, config.nmpu.lanes),
        "last": 1,
    })


class Nmpu(wiring.Component):
    """``config.nmpu.lanes`` lanes behind one handshake.

    Throughput is one group per clock. The results of a group that is the ``last`` read of its
    columns are offered ``latency`` clocks after its counts were taken; a group of another read is
    summed and offers nothing. All lanes stop together while results wait to be taken.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    i : In(stream.Signature(group_of_counts(config)))
        Column ``group * lanes + l`` goes to lane ``l``.
    o : Out(stream.Signature(results(config)))
    uses_bank : Out(2)
        Bit ``b``: a group that still needs coefficient bank ``b`` is inside.
    busy : Out(1)
        A group or a result is inside.
    bus : In(CoefficientBus(config))
        The coefficient memory.
    """

    fetch_at = 1
    """Clocks from the counts' arrival to their coefficients' arrival."""
    latency = fetch_at + Lane.latency

    def __init__(self, config):
        self._config = config
        super().__init__({
            "i": In(stream.Signature(group_of_counts(config))),
            "o": Out(stream.Signature(results(config))),
            "uses_bank": Out(2),
            "busy": Out(1),
            "bus": In(CoefficientBus(config)),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        m.submodules.coefficients = coefficients = Coefficients(config)
        wiring.connect(m, wiring.flipped(self.bus), coefficients.bus)

        advance = Signal()
        m.d.comb += [
            self.i.ready.eq(~self.o.valid | self.o.ready),
            # An empty pipeline stands still: between two reads no lane burns power.
            advance.eq(self.i.ready & (self.i.valid | self.busy)),
        ]

        # stage[k]: what accompanies the counts that arrived k enabled clocks ago.
        layout = data.StructLayout({
            "valid": 1, "group": group_range(config), "tag": tag(config)})
        stage = [Signal(layout, name=f"stage_{k}") for k in range(self.latency + 1)]
        m.d.comb += [
            stage[0].valid.eq(self.i.valid),
            stage[0].group.eq(self.i.payload.group),
            stage[0].tag.eq(self.i.payload.tag),
        ]
        gather_at, normalise_at = self.fetch_at + Lane.gather_at, self.fetch_at + Lane.normalise_at
        with m.If(advance):
            for k, (before, after) in enumerate(zip(stage, stage[1:], strict=False)):
                m.d.sync += after.eq(before)
                if k == gather_at:
                    m.d.sync += after.valid.eq(before.valid & before.tag.last)

        counts = Signal.like(self.i.payload.counts)
        with m.If(advance):
            m.d.sync += counts.eq(self.i.payload.counts)

        m.d.comb += [
            coefficients.en.eq(advance),
            coefficients.affine_bank.eq(stage[0].tag.bank),
            coefficients.affine_group.eq(stage[0].group),
            coefficients.norm_bank.eq(stage[normalise_at - 1].tag.bank),
            coefficients.norm_group.eq(stage[normalise_at - 1].group),
        ]
        requantised = stage[self.fetch_at + Lane.requantise_at].tag
        for k in range(config.nmpu.lanes):
            m.submodules[f"lane_{k}"] = lane = Lane(config)
            m.d.comb += [
                lane.en.eq(advance),
                lane.count_p.eq(counts.p[k]),
                lane.count_n.eq(counts.n[k]),
                *(getattr(lane, name).eq(getattr(coefficients, name)[k])
                  for name in COEFFICIENTS),
                lane.next_group.eq(stage[gather_at - 1].group),
                lane.group.eq(stage[gather_at].group),
                lane.valid.eq(stage[gather_at].valid),
                lane.first.eq(stage[gather_at].tag.first),
                lane.weight.eq(stage[gather_at].tag.weight),
                lane.shift.eq(requantised.shift),
                lane.relu.eq(requantised.relu),
                lane.bits.eq(requantised.output_bits),
                self.o.payload.data[k].eq(lane.o),
            ]

        # The last coefficients of a group are fetched from the stage before normalisation.
        fetching = stage[:normalise_at]
        m.d.comb += [
            self.o.valid.eq(stage[-1].valid),
            self.o.payload.last.eq(stage[-1].group == config.groups - 1),
            self.busy.eq(Cat(s.valid for s in stage[1:]).any()),
            *(self.uses_bank[b].eq(Cat(s.valid & (s.tag.bank == b) for s in fetching).any())
              for b in range(2)),
        ]
        return m
