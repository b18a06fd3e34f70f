"""The order of windows: those of a vector, of a measurement, of calibration vectors."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.descriptors import DESTINATIONS
from hw.control.bank_exchange import BankExchange
from hw.control.settings import job, measurement, settings
from hw.control.window_order import WindowOrder
from hw.drive.converter_pins import window_members
from hw.drive.slices import Slices
from hw.readout.payloads import tag

__all__ = ["Sequencer"]


class Sequencer(wiring.Component):
    """Opens a window whenever a bank of counters is free and there is something to read.

    A vector is read once for each block of columns, slice by slice and phase by phase; a
    measurement in ``repeats`` windows for each block, with the rows at rest or one driven. Windows
    follow each other without a clock between them: a vector is loaded in the last clock of the
    window before.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    flush : In(1)
        Forget every window; the bank in use stays, unless an exchange waits.
    swap, rewriting : In(1)
        See `BankExchange`.
    measure : In(1)
        Ask for a measurement, which starts between two results.
    settings : In(settings(config))
        For measurements and calibration vectors.
    measurement : In(measurement(config))
        Steady from the request to the end of the measurement.
    calibrate, give_up : In(1)
        Ask for calibration vectors, which are read between two results; give them up.
    calibration_repeats : In(range(max_repeats + 1))
        How many; steady from the request to the end.
    load_calibration : Out(1)
        The next of them is loaded into the row drivers.
    calibration_waits : Out(1)
        They are asked for and have not begun: ``give_up`` drops them. Once begun it makes the
        current vector, or the next one, the last.
    exponents : In(2)
        Of the two coefficient banks.
    load_row : Out(1)
        A measurement that drives a row loads it.
    vector_valid : In(1)
        A vector waits.
    job : In(job(config))
        Of that vector; the first one of a result decides for all of them.
    load : Out(1)
        It is taken and loaded into the row drivers.
    load_bits : Out(4)
        Its width.
    active, open, close : Out(1)
        A window is open; its first clock; its last clock.
    free : In(1)
        A bank of counters is free for the next window.
    mask, level : Out(7)
    drive_positive, drive_negative : Out(1)
        To the row drivers.
    window : Out(Signature(window_members(config)))
    tag : Out(tag(config))
        Of the open window.
    uses_bank : In(2)
        Banks that windows behind the opening still need.
    bank, swap_pending, bank_closed : Out(1)
        See `BankExchange`.
    busy : Out(1)
        A vector is being read, or a measurement or calibration vectors wait or run.
    partway : Out(1)
        A result lacks vectors: the next one belongs to it.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "flush": In(1), "swap": In(1), "rewriting": In(1), "measure": In(1),
            "settings": In(settings(config)),
            "measurement": In(measurement(config)),
            "calibrate": In(1), "give_up": In(1),
            "calibration_repeats": In(range(config.drift.max_repeats + 1)),
            "load_calibration": Out(1), "load_row": Out(1),
            "calibration_waits": Out(1),
            "exponents": In(2),
            "vector_valid": In(1), "job": In(job(config)),
            "load": Out(1), "load_bits": Out(4),
            "active": Out(1), "open": Out(1), "close": Out(1),
            "free": In(1),
            "mask": Out(7), "level": Out(7),
            "drive_positive": Out(1), "drive_negative": Out(1),
            "window": Out(wiring.Signature(window_members(config))),
            "tag": Out(tag(config)),
            "uses_bank": In(2),
            "bank": Out(1), "swap_pending": Out(1), "bank_closed": Out(1), "busy": Out(1),
            "partway": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        m.submodules.slices = slices = Slices(config)
        m.submodules.order = order = WindowOrder(config)
        m.submodules.exchange = exchange = BankExchange()
        held = Signal(job(config))
        now = Signal(job(config))
        told = held.settings
        index = Signal(range(config.nmpu.max_reads))
        unfinished = Signal()  # the last job has left its sums to the next one
        vector_first = Signal()
        vector_last = Signal()
        measuring = Signal()
        measure_asked = Signal()
        calibrating = Signal()
        calibrate_asked = Signal()
        aborted = Signal()
        complete = Signal()
        vector = Signal(range(config.drift.max_repeats))
        last_vector = Signal()
        within = Signal()  # a vector or a measurement has windows of which the last is not over
        m.d.comb += [
            last_vector.eq(aborted | (vector == self.calibration_repeats - 1)),
            self.calibration_waits.eq(calibrate_asked),
            self.busy.eq(within | measuring | measure_asked | calibrating | calibrate_asked),
            self.partway.eq(index != 0),
            self.tag.first.eq(order.begins & (measuring | vector_first)),
            self.tag.last.eq(order.ends & (measuring | vector_last)),
            self.tag.measure.eq(measuring),
            self.tag.calibrate.eq(calibrating),
            self.tag.restart.eq(vector == 0),
            self.tag.complete.eq(last_vector),
            self.tag.block.eq(order.block),
            self.tag.weight.eq(slices.weight + Mux(
                calibrating, 0, self.exponents.bit_select(self.bank, 1))),
        ]
        self._tell_job(m, held, every=measuring | calibrating)
        m.d.comb += [
            slices.read_mode.eq(told.read_mode),
            slices.input_bits.eq(told.input_bits),
            slices.slice.eq(order.slice),
            order.measuring.eq(measuring),
            order.repeats.eq(self.measurement.repeats),
            order.first_code.eq(self.measurement.code),
            order.code_step.eq(self.measurement.step),
            order.four_phases.eq(slices.four_phases),
            order.last_slice.eq(slices.last_slice),
        ]
        self._drive(m, slices, order, measuring=measuring)

        # Decide in the last clock of a window, or in any clock without one.
        deciding = Signal()
        over = Signal()
        between = Signal()
        opening = Signal()
        starting = Signal()
        last_read = index == now.settings.reads - 1
        m.d.comb += [
            deciding.eq(~self.active | self.close),
            over.eq(~within | order.over),
            between.eq(deciding & over & (index == 0) & ~unfinished),
            now.eq(Mux(index == 0, self.job, held)),
            self.load_bits.eq(Mux(self.load, now.settings.input_bits, told.input_bits)),
        ]
        with m.If(deciding):
            with m.If(over):
                m.d.sync += [within.eq(0), measuring.eq(0)]
                with m.If(complete):
                    m.d.sync += calibrating.eq(0)
            with m.If(self.free):
                with m.If(~over):
                    m.d.comb += opening.eq(1)
                with m.Elif(calibrating & ~complete):
                    m.d.comb += [opening.eq(1), starting.eq(1), self.load_calibration.eq(1)]
                    m.d.sync += vector.eq(vector + 1)
                with m.Elif(between & calibrate_asked & ~self.give_up):
                    m.d.comb += [opening.eq(1), starting.eq(1), self.load_calibration.eq(1),
                                 self.load_bits.eq(self.settings.input_bits)]
                    m.d.sync += [
                        calibrating.eq(1),
                        calibrate_asked.eq(0),
                        aborted.eq(0),
                        vector.eq(0),
                        vector_first.eq(1),
                        vector_last.eq(1),
                        told.input_bits.eq(self.settings.input_bits),
                        told.read_mode.eq(self.settings.read_mode),
                    ]
                with m.Elif(between & measure_asked):
                    m.d.comb += [opening.eq(1), starting.eq(1),
                                 self.load_row.eq(self.measurement.rows),
                                 self.load_bits.eq(config.drive.input_bits)]
                    m.d.sync += [
                        measuring.eq(1),
                        measure_asked.eq(0),
                        told.input_bits.eq(Mux(self.measurement.rows, config.drive.input_bits,
                                               self.settings.input_bits)),
                        told.read_mode.eq(0),
                    ]
                with m.Elif(self.vector_valid & ((index != 0) | exchange.allowed)):
                    m.d.comb += [opening.eq(1), starting.eq(1), self.load.eq(1)]
                    m.d.sync += [
                        held.eq(now),
                        vector_first.eq(index == 0),
                        vector_last.eq(last_read),
                        index.eq(Mux(last_read, 0, index + 1)),
                        unfinished.eq(now.destination == DESTINATIONS.index("none")),
                    ]
        with m.If(self.measure):
            m.d.sync += measure_asked.eq(1)
        with m.If(self.open):
            m.d.sync += complete.eq(last_vector)
        with m.If(self.give_up):
            m.d.sync += [calibrate_asked.eq(0), aborted.eq(calibrating)]
        with m.Elif(self.calibrate):
            m.d.sync += calibrate_asked.eq(1)

        m.d.comb += [order.start.eq(starting), order.step.eq(opening)]
        self._count_ticks(m, slices, opening=opening)
        with m.If(opening):
            m.d.sync += within.eq(1)
        with m.If(self.flush):
            m.d.sync += [signal.eq(0) for signal in (
                self.active, within, index, unfinished, measuring, measure_asked, calibrating,
                calibrate_asked)]

        m.d.comb += [
            exchange.swap.eq(self.swap),
            exchange.rewriting.eq(self.rewriting),
            exchange.between.eq(between),
            exchange.pinned.eq(self.job.pinned),
            exchange.pinned_bank.eq(self.job.bank),
            exchange.pins.eq(self.load & (index == 0) & self.job.pinned & ~self.flush),
            exchange.uses_bank.eq(self.uses_bank),
            self.bank.eq(exchange.bank),
            self.swap_pending.eq(exchange.pending),
            self.bank_closed.eq(exchange.closed),
        ]
        return m

    def _tell_job(self, m, held, *, every):
        """What becomes of the counts: what the job says, or nothing; then ``every`` column is
        counted."""
        told, settings = self.tag, held.settings
        m.d.comb += [
            told.bank.eq(self.bank),
            told.first_group.eq(Mux(every, 0, held.first_group)),
            told.last_group.eq(Mux(every, self._config.groups - 1, held.last_group)),
            *(told[name].eq(settings[name]) for name in (
                "shift", "relu", "relu_first", "output_bits", "bypass", "residual_scale",
                "residual_shift")),
            *(told[name].eq(value & ~every) for name, value in (
                ("residual", settings.residual), ("sums", held.sums), ("resume", held.resume),
                ("final", held.final), ("interrupt", held.interrupt))),
            told.destination.eq(Mux(every, DESTINATIONS.index("none"), held.destination)),
        ]

    def _drive(self, m, slices, order, *, measuring):
        """What rows and converters get in the open window."""
        four, phase = slices.four_phases, order.phase
        by_row = measuring & self.measurement.rows
        m.d.comb += [
            self.level.eq(slices.level),
            self.mask.eq(Mux(measuring & ~by_row, 0, slices.mask)),
            self.drive_positive.eq(~four | ~phase[0]),
            self.drive_negative.eq(~four | phase[0]),
            self.window.plus.eq(~four | ~phase[1]),
            self.window.minus.eq(~four | phase[1]),
            self.window.devices.eq(Mux(by_row, self.measurement.devices, 0b11)),
            self.window.block.eq(order.block),
            self.window.reference.eq(self.active & measuring & ~by_row),
            self.window.reference_negative.eq(self.measurement.negative),
            self.window.reference_code.eq(order.code),
        ]

    def _count_ticks(self, m, slices, *, opening):
        """Opens a window and closes it; it has two clocks at least."""
        tick = Signal(7)
        last_tick = Signal()
        m.d.comb += [
            slices.tick.eq(tick),
            self.open.eq(self.active & (tick == 0)),
            self.close.eq(self.active & last_tick),
        ]
        with m.If(opening):
            m.d.sync += [self.active.eq(1), tick.eq(0), last_tick.eq(0)]
        with m.Elif(self.close):
            m.d.sync += self.active.eq(0)
        with m.Elif(self.active):
            m.d.sync += [tick.eq(tick + 1), last_tick.eq(tick + 1 == slices.last_tick)]
