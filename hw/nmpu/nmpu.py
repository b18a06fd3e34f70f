"""The lanes in step: a stream of column groups in, a stream of results out."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from golden.drift.statistics import MOST_RESULTS, SHIFT_BITS
from golden.registers import CHANNEL_BASES, COEFFICIENTS
from hw.control.register_bus import RegisterBus
from hw.nmpu.coefficients import BASE, CoefficientBus, Coefficients, RewriteBus
from hw.nmpu.lane import Lane
from hw.nmpu.statistics import Statistics
from hw.nmpu.tally import Tally, TallyBus
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
    rewrite, in_use : In
        With a drift engine: see `Coefficients`.
    tally_slot, tally_absolute, tally : In
        With a drift engine: see `Tally`; the groups of calibration vectors end there.
    tallied : Out(1)
        Likewise: the last group of the last calibration vector is being added.
    batch, batch_results, batch_shift, batch_done, batch_clipped, channel_* : In, Out
        Likewise: see `Statistics`.
    bad_parity, parity_error : In(1), Out(1)
        With parity: see `Coefficients`.
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
            **({"rewrite": In(RewriteBus(config)), "in_use": In(1),
                "tally_slot": In(2), "tally_absolute": In(1), "tally": In(TallyBus(config)),
                "tallied": Out(1),
                "batch": In(1), "batch_results": In(range(MOST_RESULTS + 1)),
                "batch_shift": In(SHIFT_BITS), "batch_done": Out(1), "batch_clipped": Out(1),
                **{f"channel_{name}": In(RegisterBus()) for name in CHANNEL_BASES}}
               if config.drift.engine else {}),
            **({"bad_parity": In(1), "parity_error": Out(1)} if config.control.parity else {}),
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
                    m.d.sync += after.valid.eq(before.valid & before.tag.last
                                               & ~before.tag.calibrate)

        counts = Signal.like(self.i.payload.counts)
        with m.If(advance):
            m.d.sync += counts.eq(self.i.payload.counts)

        m.d.comb += [
            coefficients.en.eq(advance),
            coefficients.affine_bank.eq(Mux(stage[0].tag.calibrate, BASE, stage[0].tag.bank)),
            coefficients.affine_group.eq(stage[0].group),
            coefficients.norm_bank.eq(stage[normalise_at - 1].tag.bank),
            coefficients.norm_group.eq(stage[normalise_at - 1].group),
        ]
        if config.control.parity:
            normalised = stage[normalise_at - 1]
            m.d.comb += [
                coefficients.affine_used.eq(stage[0].valid),
                coefficients.norm_used.eq(normalised.valid & normalised.tag.last
                                          & ~normalised.tag.calibrate),
                coefficients.bad_parity.eq(self.bad_parity),
                self.parity_error.eq(coefficients.parity_error),
            ]
        requantised = stage[self.fetch_at + Lane.requantise_at].tag
        lanes = [Lane(config) for _ in range(config.nmpu.lanes)]
        for k, lane in enumerate(lanes):
            m.submodules[f"lane_{k}"] = lane
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

        tallying, adding = Signal(), Signal()
        if config.drift.engine:
            self._tally(m, advance, tallying, coefficients, lanes, stage, gather_at)
            self._statistics(m, advance, adding, lanes, stage[gather_at + 1])

        # The last coefficients of a group are fetched from the stage before normalisation.
        fetching = stage[:normalise_at]
        m.d.comb += [
            self.o.valid.eq(stage[-1].valid),
            self.o.payload.last.eq(stage[-1].group == config.groups - 1),
            self.busy.eq(Cat(tallying, adding, *(s.valid for s in stage[1:])).any()),
            *(self.uses_bank[b].eq(Cat(s.valid & (s.tag.bank == b) for s in fetching).any())
              for b in range(2)),
        ]
        return m

    def _tally(self, m, advance, tallying, coefficients, lanes, stage, gather_at):
        """Readouts of calibration vectors are added behind the accumulator."""
        m.submodules.tally = tally = Tally(self._config)
        wiring.connect(m, wiring.flipped(self.tally), tally.bus)
        wiring.connect(m, wiring.flipped(self.rewrite), coefficients.rewrite)
        with m.If(advance):
            m.d.sync += tallying.eq(stage[gather_at].valid & stage[gather_at].tag.last
                                & stage[gather_at].tag.calibrate)
        m.d.comb += [
            coefficients.in_use.eq(self.in_use),
            tally.en.eq(advance),
            tally.next_group.eq(stage[gather_at].group),
            tally.group.eq(stage[gather_at + 1].group),
            tally.valid.eq(tallying),
            self.tallied.eq(advance & tallying & stage[gather_at + 1].tag.complete
                            & (stage[gather_at + 1].group == self._config.groups - 1)),
            tally.restart.eq(stage[gather_at + 1].tag.restart),
            tally.slot.eq(self.tally_slot),
            tally.absolute.eq(self.tally_absolute),
            *(tally.i[k].eq(lane.gathered) for k, lane in enumerate(lanes)),
        ]

    def _statistics(self, m, advance, adding, lanes, gathered):
        """What results are made of is added up where it leaves the accumulator."""
        m.submodules.statistics = statistics = Statistics(self._config)
        for name in CHANNEL_BASES:
            wiring.connect(m, wiring.flipped(getattr(self, f"channel_{name}")),
                           getattr(statistics, name))
        m.d.comb += [
            statistics.start.eq(self.batch),
            statistics.results.eq(self.batch_results),
            statistics.shift.eq(self.batch_shift),
            statistics.en.eq(advance),
            statistics.valid.eq(gathered.valid),
            statistics.group.eq(gathered.group),
            *(statistics.i[k].eq(lane.gathered) for k, lane in enumerate(lanes)),
            adding.eq(statistics.busy),
            self.batch_done.eq(statistics.done),
            self.batch_clipped.eq(statistics.clipped),
        ]
