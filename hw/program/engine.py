"""The programming engine: RESET, SET, then rounds of read, compare and pulse, row by row."""

from amaranth.hdl import Module, Mux, ResetInserter, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from golden.program.settings import PRECHARGE_BITS
from hw.program.guard import PulseGuard
from hw.program.payloads import ProgramPins, ProgramSums, job, progress, settings
from hw.program.pulser import Pulser
from hw.program.sweeper import Step, Sweeper
from hw.program.target_loader import TargetLoader
from hw.streams.axi import beat

__all__ = ["ProgramEngine"]


class ProgramEngine(wiring.Component):
    """``golden.program.engine.program_rows`` in the clocks of ``golden.program.clocks``.

    Parameters
    ----------
    config : TileConfig
        With a programming engine.

    Members
    -------
    start : In(1)
        Do ``job``; ignored while busy.
    job : In(job(config))
        In the clock of ``start``.
    flush : In(1)
        Everything is as after reset: idle, nothing fires from the next clock on, no violation.
    settings : In(settings())
        Steady while busy.
    unlocked : In(1)
        The write heads may be used.
    targets : In(stream.Signature(beat(x_bits)))
        Rows of targets, each with ``last`` in its last beat; see `TargetLoader`.
    read : Out(1)
        Ask for a verify read, in one clock; the next three are steady up to ``read_done``.
    read_row : Out(range(rows))
        It alone is driven, at full length.
    read_windows : Out
        Windows whose counts are added.
    read_devices : Out(2)
        Bit ``d``: device ``d`` of each polarity is connected.
    read_done : In(1)
        The sums are complete, and stay to the next read.
    sums : Out(ProgramSums(config))
    pins : Out(ProgramPins(config))
    waiting : Out(1)
        For ``pins.ready``.
    violation : Out(1)
        The guard has stopped a pulse; see `PulseGuard`.
    busy : Out(1)
    done : Out(1)
        The job is done; one clock.
    progress : Out(progress())
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "start": In(1), "job": In(job(config)), "flush": In(1),
            "settings": In(settings()), "unlocked": In(1),
            "targets": In(stream.Signature(beat(config.stream.x_bits))),
            "read": Out(1), "read_row": Out(range(config.array.rows)),
            "read_windows": Out(settings()["windows"].shape), "read_devices": Out(2),
            "read_done": In(1), "sums": Out(ProgramSums(config)),
            "pins": Out(ProgramPins(config)), "waiting": Out(1), "violation": Out(1),
            "busy": Out(1), "done": Out(1), "progress": Out(progress()),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        m.submodules.loader = loader = TargetLoader(config)
        m.submodules.sweeper = sweeper = Sweeper(config)
        m.submodules.pulser = pulser = Pulser(config)
        m.submodules.guard = guard = PulseGuard(config)
        wiring.connect(m, wiring.flipped(self.targets), loader.targets)
        wiring.connect(m, sweeper.sums, wiring.flipped(self.sums))
        wiring.connect(m, sweeper.o, pulser.i)
        wiring.connect(m, guard.pins, wiring.flipped(self.pins))

        pair = config.program.devices == 2
        lanes, told = config.nmpu.lanes, self.settings
        first = Signal(range(config.array.columns))
        last = Signal(range(config.array.columns))
        row = Signal(range(config.array.rows))
        left = Signal(range(config.array.rows + 1))
        step = Signal(Step)
        device = Signal()
        side = Signal()
        rounds = Signal(8)
        fired = Signal()
        precharge = Signal(PRECHARGE_BITS)
        both = 0b11 if pair else 0b01

        m.d.comb += [
            loader.first.eq(first), loader.last.eq(last),
            sweeper.first.eq(first), sweeper.last.eq(last),
            sweeper.write.eq(loader.write), sweeper.column.eq(loader.column),
            sweeper.target.eq(loader.target),
            sweeper.settings.eq(told), sweeper.row.eq(row), sweeper.step.eq(step),
            sweeper.device.eq(device), sweeper.negative.eq(side),
            sweeper.last_round.eq(rounds == told.max_rounds),
            pulser.settings.eq(told), pulser.ready.eq(self.pins.ready),
            guard.pulse.eq(sweeper.o.payload), guard.load.eq(pulser.load),
            guard.fire.eq(pulser.fire), guard.trailing.eq(pulser.trailing),
            guard.unlocked.eq(self.unlocked), guard.clear.eq(self.flush),
            guard.restart.eq(self.progress.begin),
            self.waiting.eq(pulser.waiting), self.violation.eq(guard.violation),
            self.read_row.eq(row), self.read_windows.eq(told.windows),
            self.progress.converged.eq(sweeper.converged),
            self.progress.failed.eq(sweeper.failed),
            self.progress.pulsed.eq(sweeper.pulsed),
            self.progress.rounds.eq(rounds),
            self.progress.clipped.eq(loader.clipped), self.progress.surplus.eq(loader.surplus),
        ]

        def sweep(next_step):
            m.d.sync += step.eq(next_step)
            m.next = "START"

        def read(next_step, devices):
            m.d.sync += [step.eq(next_step), self.read_devices.eq(devices),
                         precharge.eq(told.precharge)]
            m.next = "PRECHARGE"

        with m.FSM() as fsm:
            with m.State("IDLE"):
                m.d.sync += [
                    first.eq(self.job.first_group * lanes),
                    last.eq(self.job.last_group * lanes + lanes - 1),
                    row.eq(self.job.first_row),
                    left.eq(self.job.rows),
                ]
                with m.If(self.start):
                    m.d.comb += self.progress.begin.eq(1)
                    m.next = "LOCATE"
            with m.State("LOCATE"):
                m.d.comb += sweeper.locate.eq(1)
                m.next = "LOCATING"
            with m.State("LOCATING"):
                with m.If(~sweeper.busy):
                    m.next = "ROW"
            with m.State("ROW"):
                m.d.comb += loader.start.eq(left != 0)
                m.d.sync += left.eq(left - 1)
                m.next = "LOAD"
                with m.If(left == 0):
                    m.next = "DONE"
            with m.State("LOAD"):
                m.d.sync += [device.eq(0), side.eq(0), rounds.eq(0)]
                with m.If(loader.done):
                    sweep(Step.RESET)
            with m.State("START"):
                m.d.comb += sweeper.start.eq(1)
                m.d.sync += fired.eq(0)
                m.next = "SWEEP"
            with m.State("SWEEP"):
                with m.If(sweeper.pulsed):
                    m.d.sync += fired.eq(1)
                with m.If(~sweeper.busy & ~pulser.busy):
                    m.next = "SWEPT"
            with m.State("SWEPT"):
                with m.Switch(step):
                    with m.Case(Step.RESET):
                        m.d.sync += [side.eq(~side), device.eq(device ^ (side & pair))]
                        sweep(Step.RESET)
                        with m.If(side & (device == pair)):
                            sweep(Step.SET)
                    with m.Case(Step.SET):
                        if pair:
                            m.d.sync += device.eq(1)
                            sweep(Step.SET)
                            with m.If(device):
                                read(Step.COMPARE, 0b01)
                        else:
                            read(Step.LOOP, both)
                    if pair:
                        with m.Case(Step.COMPARE):
                            read(Step.CHOOSE, 0b10)
                        with m.Case(Step.CHOOSE):
                            read(Step.LOOP, both)
                    with m.Case(Step.LOOP):
                        with m.If(fired):
                            m.d.sync += rounds.eq(rounds + 1)
                            read(Step.LOOP, both)
                        with m.Else():
                            m.d.comb += self.progress.row.eq(1)
                            m.d.sync += row.eq(Mux(left == 0, row, row + 1))
                            m.next = "ROW"
            with m.State("PRECHARGE"):
                m.d.sync += precharge.eq(precharge - 1)
                with m.If(precharge == 1):
                    m.next = "ASK"
            with m.State("ASK"):
                m.d.comb += self.read.eq(1)
                m.next = "READ"
            with m.State("READ"):
                with m.If(self.read_done):
                    m.next = "START"
            with m.State("DONE"):
                m.d.comb += self.done.eq(1)
                m.next = "IDLE"
        m.d.comb += self.busy.eq(~fsm.ongoing("IDLE"))
        return ResetInserter(self.flush)(m)
