"""The registers of the drift engine."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.drift.engine import METHODS
from golden.drift.measure import INPUTS
from golden.drift.statistics import MOST_RESULTS, SHIFT_BITS
from golden.registers.drift import DRIFT
from hw.control.register_bus import RegisterBus
from hw.control.register_page import RegisterPage
from hw.drift.engine import calibration
from hw.formats.q import Q

__all__ = ["DriftRegisters"]

PAGE = {register.name: register for register in DRIFT.registers}


class DriftRegisters(wiring.Component):
    """Commands and settings of the engine, what it came to, and the count of results between runs.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    bus : In(RegisterBus())
    measure, update, abort : Out(1)
        Commands, for one clock.
    chain_measure, chain_update, chain_batch : In(1)
        A chain commands a measurement, an update or a batch, while the engine is idle.
    programming : In(1)
        The array is being programmed: nothing measures it.
    flush : In(1)
        The batch, and what the engine does by itself, is given up.
    calibration : Out(calibration(config))
    kind, value, stored : Out
        To `hw.drive.calibration_source.CalibrationSource`.
    method : Out(2)
    minimum : Out(32)
    busy, measured, updated, refused, refusal, gain, exponents : In
        From the engine.
    result_sent : In(1)
    batch, batch_results, batch_shift, batch_done, batch_clipped : Out, In
        See `hw.nmpu.statistics.Statistics`.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "bus": In(RegisterBus()),
            "measure": Out(1), "update": Out(1), "abort": Out(1),
            "chain_measure": In(1), "chain_update": In(1), "chain_batch": In(1),
            "programming": In(1), "flush": In(1),
            "calibration": Out(calibration(config)),
            "kind": Out(2), "value": Out(8), "stored": Out(range(config.drift.vectors + 1)),
            "method": Out(2), "minimum": Out(32),
            "busy": In(1), "measured": In(1), "updated": In(1), "refused": In(1),
            "refusal": In(3), "gain": In(Q(config.drift.gain)), "exponents": In(2),
            "result_sent": In(1),
            "batch": Out(1), "batch_results": Out(range(MOST_RESULTS + 1)),
            "batch_shift": Out(SHIFT_BITS), "batch_done": In(1), "batch_clipped": In(1),
        })

    def elaborate(self, platform):
        m = Module()
        page = RegisterPage(m, self.bus, PAGE, legal=self._legal, resets={})
        values, writes, written = page.values, page.writes, page.written
        field, drift, status = values["CALIBRATION"], values["DRIFT"], values["DRIFT_STATUS"]

        def commanded(name):
            return written["DRIFT"] & writes["DRIFT"][name]

        # By itself: measure, and when that has ended, update.
        since = Signal(32)
        chained = Signal()
        ended = Signal()
        every = values["DRIFT_EVERY"]["results"]
        idle = ~self._taken & ~written["DRIFT"] & ~written["CALIBRATION"]
        by_itself = idle & ~chained & ~self.programming & (every != 0) & (since >= every)
        with m.If(by_itself):
            m.d.sync += [since.eq(self.result_sent), chained.eq(1), ended.eq(0)]
        with m.Elif(self.result_sent & ~since.all()):
            m.d.sync += since.eq(since + 1)
        with m.If(chained & self.measured):
            m.d.sync += ended.eq(1)
        with m.If((chained & ended & idle) | self.flush):
            m.d.sync += [chained.eq(0), ended.eq(0)]

        m.d.comb += [
            self.measure.eq(commanded("measure") | by_itself | self.chain_measure),
            self.update.eq(commanded("update") | (chained & ended & idle) | self.chain_update),
            self.abort.eq(commanded("abort")),
            *(self.calibration[name].eq(field[name])
              for name in ("slot", "now", "absolute", "repeats")),
            self.kind.eq(field["kind"]),
            self.value.eq(field["value"]),
            self.stored.eq(drift["stored"]),
            self.method.eq(drift["method"]),
            self.minimum.eq(values["DRIFT_MINIMUM"]["sum"]),
            status["refusal"].eq(self.refusal),
            status["exponents"].eq(self.exponents),
            status["gain"].eq(self.gain.raw[-16:]),
        ]
        for name, begins, ends in (("measure", self.measure, self.measured),
                                   ("update", self.update, self.updated | self.refused)):
            with m.If(begins):
                m.d.sync += drift[name].eq(1)
            with m.Elif(ends):
                m.d.sync += drift[name].eq(0)
        batch = values["STATISTICS"]
        m.d.comb += [
            self.batch.eq((written["STATISTICS"] & writes["STATISTICS"]["start"])
                          | self.chain_batch),
            self.batch_results.eq(batch["results"]),
            self.batch_shift.eq(batch["shift"]),
            batch["clipped"].eq(self.batch_clipped),
        ]
        with m.If(self.flush):
            m.d.sync += batch["start"].eq(0)
        with m.Elif(self.batch):
            m.d.sync += batch["start"].eq(1)
        with m.Elif(self.batch_done):
            m.d.sync += batch["start"].eq(0)
        for name, event in (("updates", self.updated), ("refusals", self.refused)):
            count = values["DRIFT_COUNTS"][name]
            with m.If(event & ~count.all()):
                m.d.sync += count.eq(count + 1)
        return m

    @property
    def _taken(self):
        """The engine is busy, or a chain's command makes it so: another one would be lost."""
        return self.busy | self.chain_measure | self.chain_update

    def _legal(self, name, fields, values):
        """Whether a write of these field values is allowed."""
        drift, held = self._config.drift, values["DRIFT"]
        if name == "CALIBRATION":
            return (~self._taken & (fields["kind"] < len(INPUTS)) & (fields["repeats"] != 0)
                    & (fields["repeats"] <= drift.max_repeats))
        if name == "DRIFT_MINIMUM":
            return ~self._taken
        if name == "STATISTICS":
            return (~values["STATISTICS"]["start"] & (fields["results"] != 0)
                    & (fields["results"] <= MOST_RESULTS))
        if name == "DRIFT":
            steady = Cat(fields[f] == held[f] for f in ("method", "stored")).all()
            commands = fields["measure"] | fields["update"]
            return Mux(self._taken, steady & ~commands & fields["abort"], (
                (fields["method"] < len(METHODS)) & (fields["stored"] != 0)
                & (fields["stored"] <= drift.vectors)
                & ~(fields["measure"] & (fields["update"] | self.programming))))
        return 1
