"""The lanes in step: a stream of column groups in, streams of results and partial sums out."""

from amaranth.hdl import Cat, Module, Mux, ResetInserter, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from golden.drift.statistics import MOST_RESULTS, SHIFT_BITS
from golden.registers import CHANNEL_BASES, COEFFICIENTS
from hw.control.register_bus import RegisterBus
from hw.nmpu.beside import add_partial_sums, add_residuals
from hw.nmpu.coefficients import BASE, CoefficientBus, Coefficients, RewriteBus
from hw.nmpu.deep.late_lane import LateLane
from hw.nmpu.drift_sums import add_statistics, add_tally
from hw.nmpu.exit import ACTIVATIONS, NONE, SUMS, Exit, Y
from hw.nmpu.lane import Lane
from hw.nmpu.payloads import accumulated_sums, ends, partial_sums, residuals, results
from hw.nmpu.stages import LaneClocks
from hw.nmpu.tally import TallyBus
from hw.readout.payloads import group_of_counts, group_range, tag

__all__ = ["Nmpu", "lane_of"]

FETCH_AT = 1
"""Clocks from the counts' arrival to their coefficients' arrival."""


def lane_of(config):
    """A lane of the configuration, as `Nmpu` needs it."""
    return LateLane(config) if LaneClocks.of(config).late else Lane(config)


class Nmpu(wiring.Component):
    """``config.nmpu.lanes`` lanes behind one handshake.

    Throughput is one group per clock. The results of a group that is the ``last`` read of its
    columns are offered ``latency_of(config)`` clocks after its counts were taken, its partial sums
    ``sums_latency_of(config)`` clocks; a group of another read is summed and offers nothing.
    Results and partial sums leave in the order in which their groups came. A group that waits for a
    partial sum or a residual stops those behind it and none before it.

    Deep lanes are a clock behind what moves them, and so is what takes their numbers; `Exit` then
    has a queue.

    Parameters
    ----------
    config : TileConfig
    lane : callable
        Makes a lane of the configuration.

    Members
    -------
    i : In(stream.Signature(group_of_counts(config)))
        Column ``group * lanes + l`` goes to lane ``l``.
    o : Out(stream.Signature(results(config)))
        Destinations ``y`` and ``activations``.
    sums_i : In(stream.Signature(partial_sums(config)))
        With ``config.nmpu.partial_sums``: one beat for each group of a ``first`` read with
        ``sums``, a vector for the columns of a result.
    sums_o : Out(stream.Signature(accumulated_sums(config)))
        Likewise: destination ``sums``.
    residual_i : In(stream.Signature(residuals(config)))
        With ``config.nmpu.residual``: one beat for each group of a ``last`` read with ``residual``
        that makes results.
    sums_misaligned, residual_misaligned : Out(1)
        With these: a vector did not have the columns of its result; see `Align`.
    job_done, job_interrupt : Out(1)
        The last group of a ``final`` result has left, or is in the accumulators if it has no
        destination; one clock. Its tag says ``interrupt``.
    uses_bank : Out(2)
        Bit ``b``: a group that still needs coefficient bank ``b`` is inside.
    busy : Out(1)
        A group or a result is inside.
    flush : In(1)
        Forget them, and a batch of statistics.
    bus : In(CoefficientBus(config))
        The coefficient memory.
    rewrite, in_use : In
        With a drift engine: see `Coefficients`.
    tally_slot, tally_absolute, tally : In
        With a drift engine: see `Tally`; the groups of calibration vectors end there.
    tallied : Out(1)
        Likewise: the last group of the last calibration vector is being added.
    batch, batch_results, batch_shift, batch_done, batch_clipped, channel_* : In, Out
        Likewise: see `Statistics`; results without a destination are not counted.
    bad_parity, parity_error : In(1), Out(1)
        With parity: see `Coefficients`.
    """

    def __init__(self, config, *, lane=lane_of):
        self._config, self._lane = config, lane
        super().__init__({
            "i": In(stream.Signature(group_of_counts(config))),
            "o": Out(stream.Signature(results(config))),
            **({"sums_i": In(stream.Signature(partial_sums(config))),
                "sums_o": Out(stream.Signature(accumulated_sums(config))),
                "sums_misaligned": Out(1)} if config.nmpu.partial_sums else {}),
            **({"residual_i": In(stream.Signature(residuals(config))),
                "residual_misaligned": Out(1)} if config.nmpu.residual else {}),
            "job_done": Out(1), "job_interrupt": Out(1),
            "uses_bank": Out(2),
            "busy": Out(1), "flush": In(1),
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

    @staticmethod
    def gather_at_of(config):
        """Clocks from the counts to where their readouts are added."""
        return FETCH_AT + LaneClocks.of(config).gather_at

    @staticmethod
    def sums_latency_of(config):
        clocks = LaneClocks.of(config)
        return FETCH_AT + clocks.normalise_at + Exit.latency_of(clocks.late)

    @staticmethod
    def latency_of(config):
        clocks = LaneClocks.of(config)
        return FETCH_AT + clocks.latency + Exit.latency_of(clocks.late)

    @property
    def latency(self):
        return self.latency_of(self._config)

    def elaborate(self, platform):
        m = Module()
        config, clocks = self._config, LaneClocks.of(self._config)
        m.submodules.coefficients = coefficients = Coefficients(config)
        wiring.connect(m, wiring.flipped(self.bus), coefficients.bus)

        # stage[k]: what accompanies the counts that were taken k steps ago.
        layout = data.StructLayout({
            "valid": 1, "group": group_range(config), "tag": tag(config)})
        stage = [Signal(layout, name=f"stage_{k}") for k in range(FETCH_AT + clocks.latency + 1)]
        # That of the readouts that are being added, the one behind it, that in front of the sums,
        # and that of the sums.
        behind, adding = stage[FETCH_AT + clocks.gather_at - 1:][:2]
        summing, gathered = stage[FETCH_AT + clocks.normalise_at - 1:][:2]
        waits = Signal()
        m.submodules.exit = leave = ResetInserter(self.flush)(Exit(config, queued=clocks.late))
        front, middle, back = self._steps(m, stage, waits, leave)

        counts = Signal.like(self.i.payload.counts, reset_less=True)
        with m.If(front):
            m.d.sync += counts.eq(self.i.payload.counts)

        m.d.comb += [
            coefficients.affine_en.eq(front),
            coefficients.norm_en.eq(middle),
            coefficients.affine_bank.eq(Mux(stage[0].tag.calibrate, BASE, stage[0].tag.bank)),
            coefficients.affine_group.eq(stage[0].group),
            coefficients.norm_bank.eq(summing.tag.bank),
            coefficients.norm_group.eq(summing.group),
        ]
        if config.control.parity:
            # What waits is fetched once more in each clock, and used once.
            passes = ~waits if clocks.normalise_at == clocks.gather_at + 1 else 1
            m.d.comb += [
                coefficients.affine_used.eq(stage[0].valid),
                coefficients.norm_used.eq(
                    summing.valid & summing.tag.last & ~summing.tag.calibrate & ~summing.tag.bypass
                    & ((summing.tag.destination == Y) | (summing.tag.destination == ACTIVATIONS))
                    & passes),
                coefficients.bad_parity.eq(self.bad_parity),
                self.parity_error.eq(coefficients.parity_error),
            ]
        # What waits is read again. What all lanes get is a signal of its own, made once.
        next_group, adds, resumes = Signal.like(adding.group), Signal(), Signal()
        m.d.comb += [
            next_group.eq(Mux(waits, adding.group, behind.group)),
            adds.eq(adding.valid & ~waits),
            resumes.eq(adding.tag.resume & ~adding.tag.calibrate),
        ]
        requantised = stage[FETCH_AT + clocks.requantise_at].tag
        lanes = [self._lane(config) for _ in range(config.nmpu.lanes)]
        for k, lane in enumerate(lanes):
            m.submodules[f"lane_{k}"] = lane
            m.d.comb += [
                lane.combine_en.eq(front),
                lane.gather_en.eq(middle),
                lane.en.eq(back),
                lane.count_p.eq(counts.p[k]),
                lane.count_n.eq(counts.n[k]),
                *(getattr(lane, name).eq(getattr(coefficients, name)[k])
                  for name in COEFFICIENTS),
                lane.next_group.eq(next_group),
                lane.group.eq(adding.group),
                lane.valid.eq(adds),
                lane.first.eq(adding.tag.first),
                lane.resume.eq(resumes),
                lane.weight.eq(adding.tag.weight),
                lane.bypass.eq(gathered.tag.bypass),
                lane.relu_first.eq(stage[FETCH_AT + clocks.relu_at].tag.relu_first),
                lane.shift.eq(requantised.shift),
                lane.relu.eq(requantised.relu),
                lane.bits.eq(requantised.output_bits),
                leave.results[k].eq(lane.o),
            ]
            if config.nmpu.partial_sums:
                m.d.comb += leave.sums[k].eq(lane.gathered)
        lacks = []
        if config.nmpu.partial_sums:
            lacks.append(add_partial_sums(m, self, lanes, adding=adding, front=front))
        if config.nmpu.residual:
            lacks.append(add_residuals(m, self, lanes, adding=adding, gathered=gathered,
                                       front=front))
        m.d.comb += waits.eq(adding.valid & Cat(lacks).any())

        inside = Cat(leave.busy, *(s.valid for s in stage[1:]))
        if config.drift.engine:
            wiring.connect(m, wiring.flipped(self.rewrite), coefficients.rewrite)
            m.d.comb += coefficients.in_use.eq(self.in_use)
            between = stage[FETCH_AT + clocks.gather_at:FETCH_AT + clocks.normalise_at + 1]
            options = {"step": middle, "late": clocks.late}
            inside = Cat(
                inside,
                add_tally(m, self, config, lanes, stages=between, waits=waits, **options),
                add_statistics(m, self, config, lanes, gathered=gathered, **options))

        # The last coefficients of a group are fetched while its readouts are added.
        fetching = stage[:FETCH_AT + clocks.normalise_at]
        m.d.comb += [
            self.busy.eq(inside.any()),
            *(self.uses_bank[b].eq(Cat(s.valid & (s.tag.bank == b) for s in fetching).any())
              for b in range(2)),
        ]
        return m

    def _steps(self, m, stage, waits, leave):
        """What is behind the sums steps on when the results at the end leave, the sums when they
        leave or their place is free, and what is before them when the sums do and nothing is
        lacking. An empty unit stands still: between two reads no lane burns power."""
        gather_at = self.gather_at_of(self._config)
        sums_at = FETCH_AT + LaneClocks.of(self._config).normalise_at
        gathered, leaving = stage[sums_at], stage[-1]
        front, middle, back, awake = (Signal(name=name) for name in (
            "front", "middle", "back", "awake"))
        to_sums, middle_free, back_free, is_due = (Signal(name=name) for name in (
            "to_sums", "middle_free", "back_free", "is_due"))
        m.d.comb += [
            awake.eq(self.i.valid | self.busy),
            # What has no destination is due only to end a job.
            is_due.eq(leaving.valid & ((leaving.tag.destination != NONE)
                                       | (leaving.tag.final & ends(leaving)))),
            leave.i.valid.eq(is_due),
            *_due(leave, leaving),
            back_free.eq(~is_due | leave.i.ready),
            middle_free.eq(back_free),
            self.i.ready.eq(middle_free & ~waits),
            front.eq(awake & self.i.ready),
            middle.eq(awake & middle_free),
            back.eq(awake & back_free),
            self.job_done.eq(leave.job_done),
            self.job_interrupt.eq(leave.job_interrupt),
        ]
        wiring.connect(m, wiring.flipped(self.o), leave.o)
        if self._config.nmpu.partial_sums:
            wiring.connect(m, wiring.flipped(self.sums_o), leave.sums_o)
            # Results before them leave first, so that jobs end one after the other.
            behind = Cat(s.valid for s in stage[sums_at + 1:]).any()
            m.d.comb += to_sums.eq(gathered.valid & (gathered.tag.destination == SUMS))
            with m.If(to_sums):
                m.d.comb += middle_free.eq(~behind & leave.i.ready)
                with m.If(~behind):
                    m.d.comb += [leave.i.valid.eq(1), *_due(leave, gathered)]

        m.d.comb += [
            stage[0].valid.eq(self.i.valid),
            stage[0].group.eq(self.i.payload.group),
            stage[0].tag.eq(self.i.payload.tag),
        ]
        for k, (before, after) in enumerate(zip(stage, stage[1:], strict=False)):
            step = front if k < gather_at else middle if k < sums_at else back
            with m.If(step):
                m.d.sync += after.eq(before)
                if k == gather_at:
                    m.d.sync += after.valid.eq(before.valid & before.tag.last
                                               & ~before.tag.calibrate & ~waits)
                if k == sums_at:
                    m.d.sync += after.valid.eq(before.valid & ~to_sums)
            with m.If(self.flush):
                m.d.sync += after.valid.eq(0)
        return front, middle, back


def _due(leave, stage):
    """What is there is due."""
    due, group = leave.i.payload, stage.tag
    return [due.destination.eq(group.destination), due.last.eq(ends(stage)),
            due.final.eq(group.final & ends(stage)), due.interrupt.eq(group.interrupt)]
