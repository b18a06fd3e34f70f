"""The order of windows: those of a vector, of a measurement, and the bank exchange in between."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from golden.descriptors import DESTINATIONS
from golden.registers import MOST_REPEATS
from hw.drive.converter_pins import window_members
from hw.drive.slices import Slices
from hw.readout.payloads import block_range, tag

__all__ = ["Sequencer", "measurement", "settings"]


def settings(config):
    """The fields of register SETTINGS that take effect with the first vector of a result."""
    return data.StructLayout({
        "shift": config.nmpu.shift_bits,
        "relu": 1,
        "output_bits": 4,
        "input_bits": 4,
        "read_mode": 2,
        "reads": range(config.nmpu.max_reads + 1),
    })


def measurement(config):
    """What a measurement is told: windows per column, and the known current."""
    return data.StructLayout({
        "repeats": range(MOST_REPEATS + 1),
        "negative": 1,
        "code": config.readout.reference_bits,
        "step": config.readout.reference_bits,
    })


class Sequencer(wiring.Component):
    """Opens a window whenever a bank of counters is free and there is something to read.

    A vector is read once for each block of columns, slice by slice and phase by phase; a
    measurement in ``repeats`` windows for each block, with the rows at rest. Windows follow each
    other without a clock between them: a vector is loaded in the last clock of the window before.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    run : In(1)
        Read vectors. Cleared, the vector under way is still read to its end.
    swap : In(1)
        Ask for the bank exchange.
    measure : In(1)
        Ask for a measurement, which starts between two results.
    settings : In(settings(config))
        For the next result, or measurement.
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
    vector_valid : In(1)
        A vector waits.
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
    bank : Out(1)
        Of the next result.
    swap_pending : Out(1)
        The exchange was asked for, and the old bank is still needed or in use.
    busy : Out(1)
        A vector is being read, or a measurement waits or runs.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "run": In(1), "swap": In(1), "measure": In(1),
            "settings": In(settings(config)),
            "measurement": In(measurement(config)),
            "calibrate": In(1), "give_up": In(1),
            "calibration_repeats": In(range(config.drift.max_repeats + 1)),
            "load_calibration": Out(1),
            "calibration_waits": Out(1),
            "exponents": In(2),
            "vector_valid": In(1),
            "load": Out(1), "load_bits": Out(4),
            "active": Out(1), "open": Out(1), "close": Out(1),
            "free": In(1),
            "mask": Out(7), "level": Out(7),
            "drive_positive": Out(1), "drive_negative": Out(1),
            "window": Out(wiring.Signature(window_members(config))),
            "tag": Out(tag(config)),
            "uses_bank": In(2),
            "bank": Out(1), "swap_pending": Out(1), "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        m.submodules.slices = slices = Slices(config)
        held, now = Signal(settings(config)), Signal(settings(config))
        index = Signal(range(config.nmpu.max_reads))
        vector_first, vector_last = Signal(), Signal()
        measuring, measure_asked = Signal(), Signal()
        calibrating, calibrate_asked, aborted, complete = Signal(), Signal(), Signal(), Signal()
        vector = Signal(range(config.drift.max_repeats))
        within = Signal()  # a vector or a measurement has windows of which the last is not over
        tick = Signal(7)
        block, slice_, phase = Signal(block_range(config)), Signal(3), Signal(2)
        repeat = Signal(range(MOST_REPEATS))
        code = Signal(config.readout.reference_bits)

        # The open window, or the last one if none is.
        last_phase = Mux(measuring, repeat == self.measurement.repeats - 1,
                         ~slices.four_phases | (phase == 3))
        last_slice = measuring | slices.last_slice
        last_block = block == config.blocks - 1
        last_vector = aborted | (vector == self.calibration_repeats - 1)
        m.d.comb += [
            slices.read_mode.eq(held.read_mode),
            slices.input_bits.eq(held.input_bits),
            slices.slice.eq(slice_),
            slices.tick.eq(tick),
            self.level.eq(slices.level),
            self.mask.eq(Mux(measuring, 0, slices.mask)),
            self.open.eq(self.active & (tick == 0)),
            self.close.eq(self.active & (tick == slices.last_tick)),
            self.drive_positive.eq(~slices.four_phases | ~phase[0]),
            self.drive_negative.eq(~slices.four_phases | phase[0]),
            self.window.plus.eq(~slices.four_phases | ~phase[1]),
            self.window.minus.eq(~slices.four_phases | phase[1]),
            self.window.block.eq(block),
            self.window.reference.eq(self.active & measuring),
            self.window.reference_negative.eq(self.measurement.negative),
            self.window.reference_code.eq(code),
            self.tag.first.eq(Mux(measuring, repeat == 0,
                                  vector_first & (slice_ == 0) & (phase == 0))),
            self.tag.last.eq(last_phase & (measuring | (vector_last & slices.last_slice))),
            self.tag.measure.eq(measuring),
            self.tag.calibrate.eq(calibrating),
            self.tag.restart.eq(vector == 0),
            self.tag.complete.eq(last_vector),
            self.tag.block.eq(block),
            self.tag.weight.eq(slices.weight + Mux(
                calibrating, 0, self.exponents.bit_select(self.bank, 1))),
            self.tag.bank.eq(self.bank),
            self.tag.shift.eq(held.shift),
            self.tag.relu.eq(held.relu),
            self.tag.output_bits.eq(held.output_bits),
            self.tag.last_group.eq(config.groups - 1),
            self.tag.destination.eq(DESTINATIONS.index("y")),
            self.calibration_waits.eq(calibrate_asked),
            self.busy.eq(within | measuring | measure_asked | calibrating | calibrate_asked),
        ]

        # Decide in the last clock of a window, or in any clock without one.
        deciding, over, between = Signal(), Signal(), Signal()
        opening, starting = Signal(), Signal()
        m.d.comb += [
            deciding.eq(~self.active | self.close),
            over.eq(~within | (last_phase & last_slice & last_block)),
            between.eq(deciding & over & (index == 0)),
            now.eq(Mux(index == 0, self.settings, held)),
            self.load_bits.eq(Mux(calibrating, held.input_bits, now.input_bits)),
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
                    m.d.comb += [opening.eq(1), starting.eq(1), self.load_calibration.eq(1)]
                    m.d.sync += [
                        calibrating.eq(1),
                        calibrate_asked.eq(0),
                        aborted.eq(0),
                        vector.eq(0),
                        vector_first.eq(1),
                        vector_last.eq(1),
                        held.input_bits.eq(self.settings.input_bits),
                        held.read_mode.eq(self.settings.read_mode),
                    ]
                with m.Elif(between & measure_asked):
                    m.d.comb += [opening.eq(1), starting.eq(1)]
                    m.d.sync += [
                        measuring.eq(1),
                        measure_asked.eq(0),
                        held.input_bits.eq(self.settings.input_bits),
                        held.read_mode.eq(0),
                    ]
                with m.Elif(self.run & self.vector_valid):
                    m.d.comb += [opening.eq(1), starting.eq(1), self.load.eq(1)]
                    m.d.sync += [
                        held.eq(now),
                        vector_first.eq(index == 0),
                        vector_last.eq(index == now.reads - 1),
                        index.eq(Mux(index == now.reads - 1, 0, index + 1)),
                    ]
        with m.If(self.measure):
            m.d.sync += measure_asked.eq(1)
        with m.If(self.open):
            m.d.sync += complete.eq(last_vector)
        with m.If(self.give_up):
            m.d.sync += [calibrate_asked.eq(0), aborted.eq(calibrating)]
        with m.Elif(self.calibrate):
            m.d.sync += calibrate_asked.eq(1)

        with m.If(opening):
            m.d.sync += [self.active.eq(1), tick.eq(0), within.eq(1)]
        with m.Elif(self.close):
            m.d.sync += self.active.eq(0)
        with m.Elif(self.active):
            m.d.sync += tick.eq(tick + 1)

        with m.If(starting):
            m.d.sync += [block.eq(0), slice_.eq(0), phase.eq(0), repeat.eq(0),
                         code.eq(self.measurement.code)]
        with m.Elif(opening):
            with m.If(~last_phase):
                m.d.sync += [phase.eq(phase + 1), repeat.eq(repeat + 1),
                             code.eq(code + self.measurement.step)]
            with m.Else():
                m.d.sync += [phase.eq(0), repeat.eq(0), code.eq(self.measurement.code)]
                with m.If(~last_slice):
                    m.d.sync += slice_.eq(slice_ + 1)
                with m.Else():
                    m.d.sync += [slice_.eq(0), block.eq(block + 1)]

        self._exchange(m, between)
        return m

    def _exchange(self, m, between):
        """The bank changes between two results; the exchange is over when nobody uses the old."""
        asked, exchanged = Signal(), Signal()
        m.d.comb += self.swap_pending.eq(asked)
        with m.If(between & asked & ~exchanged):
            m.d.sync += [self.bank.eq(~self.bank), exchanged.eq(1)]
        with m.If(exchanged & ~self.uses_bank.bit_select(~self.bank, 1)):
            m.d.sync += [asked.eq(0), exchanged.eq(0)]
        # Later, so that a request in the very clock in which the last one is done counts.
        with m.If(self.swap):
            m.d.sync += asked.eq(1)
