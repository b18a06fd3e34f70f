"""The digital rim of one array: everything between the buses and the analog pins."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.registers import CHANNEL_BASES
from hw.control.axi_lite import AxiLiteBridge
from hw.control.coefficient_window import CoefficientWindow
from hw.control.decode import Decode
from hw.control.registers import Registers
from hw.control.sequencer import Sequencer
from hw.drift.engine import DriftEngine
from hw.drift.registers import DriftRegisters
from hw.drive.calibration_source import CalibrationSource
from hw.drive.converter_pins import ConverterDriver, ConverterPins
from hw.drive.input_buffer import InputBuffer
from hw.drive.row_drivers import SHARED, RowDrivers, RowPins
from hw.formats.link import link
from hw.nmpu.nmpu import Nmpu
from hw.readout.readout import Readout, converter_member
from hw.streams.axi import AxiLite, AxiStream, StreamFromAxi, StreamToAxi
from hw.streams.downsize import Downsize

__all__ = ["Tile"]


class Tile(wiring.Component):
    """Vectors in, results out, with an analog array in between.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    control : In(AxiLite())
        Registers and coefficients, see `golden.registers`.
    x : In(AxiStream(config.stream.x_bits))
        Input vectors of ``rows`` signed bytes.
    y : Out(AxiStream(config.stream.y_bits))
        Result vectors of ``columns`` signed bytes.
    irq : Out(1)
        A sticky event of STATUS that IRQ_ENABLE lets through.
    rows : Out(RowPins(rows))
        To the array.
    converters : Out(ConverterPins(config))
        To the converters, and to the lines between them and the devices.
    counts or oscillators : In
        From the converters: see `hw.readout.readout.Readout`.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "control": In(AxiLite()),
            "x": In(AxiStream(config.stream.x_bits)),
            "y": Out(AxiStream(config.stream.y_bits)),
            "irq": Out(1),
            "rows": Out(RowPins(config.array.rows)),
            "converters": Out(ConverterPins(config)),
            **converter_member(config),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        own = wiring.flipped
        m.submodules.axi_lite = axi_lite = AxiLiteBridge()
        m.submodules.decode = decode = Decode()
        m.submodules.registers = registers = Registers(config)
        m.submodules.coefficient_window = coefficient_window = CoefficientWindow(config)
        m.submodules.sequencer = sequencer = Sequencer(config)
        m.submodules.x_axi = x_axi = StreamFromAxi(config.stream.x_bits)
        m.submodules.input_buffer = input_buffer = InputBuffer(
            rows=config.array.rows, width=config.stream.x_bits)
        m.submodules.row_drivers = row_drivers = RowDrivers(config)
        m.submodules.converter_driver = converter_driver = ConverterDriver(config)
        m.submodules.readout = readout = Readout(config)
        m.submodules.nmpu = nmpu = Nmpu(config)
        m.submodules.downsize = downsize = Downsize(
            wide=config.nmpu.lanes * 8, narrow=config.stream.y_bits)
        m.submodules.y_axi = y_axi = StreamToAxi(config.stream.y_bits)

        wiring.connect(m, own(self.control), axi_lite.axi)
        wiring.connect(m, axi_lite.bus, decode.bus)
        wiring.connect(m, decode.registers, registers.bus)
        wiring.connect(m, decode.coefficients, coefficient_window.bus)
        wiring.connect(m, decode.saturated, readout.saturated)
        wiring.connect(m, decode.sums, readout.sums)
        wiring.connect(m, coefficient_window.coefficients, nmpu.bus)

        wiring.connect(m, own(self.x), x_axi.axi)
        link(m, x_axi.o, input_buffer.i)
        wiring.connect(m, row_drivers.pins, own(self.rows))
        wiring.connect(m, sequencer.window, converter_driver.window)
        for name in converter_member(config):
            wiring.connect(m, own(getattr(self, name)), getattr(readout, name))
        link(m, readout.o, nmpu.i)
        link(m, downsize.o, y_axi.i)
        wiring.connect(m, y_axi.axi, own(self.y))

        m.d.comb += [
            self.converters.gate.eq(readout.gate),
            *(getattr(self.converters, name).eq(getattr(converter_driver.pins, name))
              for name in converter_driver.pins.signature.members),

            row_drivers.load.eq(sequencer.load | sequencer.load_calibration),
            row_drivers.x.eq(input_buffer.o.payload),
            row_drivers.input_bits.eq(sequencer.load_bits),
            *(getattr(row_drivers, name).eq(getattr(sequencer, name)) for name in SHARED),
            sequencer.vector_valid.eq(input_buffer.o.valid),
            input_buffer.o.ready.eq(sequencer.load),

            *(getattr(readout, name).eq(getattr(sequencer, name))
              for name in ("active", "open", "close", "tag")),
            sequencer.free.eq(readout.free),
            sequencer.uses_bank.eq(readout.uses_bank | nmpu.uses_bank),

            downsize.i.valid.eq(nmpu.o.valid),
            downsize.i.payload.data.eq(nmpu.o.payload.data),
            downsize.i.payload.last.eq(nmpu.o.payload.last),
            nmpu.o.ready.eq(downsize.i.ready),
        ]
        self._registers(m, registers, sequencer, readout)
        m.d.comb += [
            coefficient_window.bank.eq(sequencer.bank),
            coefficient_window.closed.eq(sequencer.swap_pending),
            registers.busy.eq(input_buffer.busy | sequencer.busy | readout.busy | nmpu.busy),
        ]
        if config.drift.engine:
            self._drift(m)
        else:
            m.d.comb += [getattr(decode, name).refused.eq(1) for name in (
                "drift", "vectors", *(f"channel_{name}" for name in CHANNEL_BASES))]
        events = {
            "input_clipped": row_drivers.clipped,
            "long_vector": input_buffer.long_vector,
            "count_full": readout.full,
            "measured": readout.measured,
        }
        m.d.comb += [getattr(registers, name).eq(event) for name, event in events.items()]
        return m

    def _drift(self, m):
        """The drift engine between registers, sequencer, coefficients and tally."""
        config, parts = self._config, m.submodules
        sequencer, readout, nmpu = parts.sequencer, parts.readout, parts.nmpu
        registers, row_drivers = parts.registers, parts.row_drivers
        m.submodules.drift_registers = drift_registers = DriftRegisters(config)
        m.submodules.drift_engine = engine = DriftEngine(config)
        m.submodules.calibration_source = source = CalibrationSource(config)
        wiring.connect(m, parts.decode.drift, drift_registers.bus)
        wiring.connect(m, parts.decode.vectors, source.bus)
        for name in CHANNEL_BASES:
            wiring.connect(m, getattr(parts.decode, f"channel_{name}"),
                           getattr(nmpu, f"channel_{name}"))
        wiring.connect(m, engine.sums, nmpu.tally)
        wiring.connect(m, engine.coefficients, nmpu.rewrite)
        m.d.comb += [
            *(getattr(engine, name).eq(getattr(drift_registers, name))
              for name in ("measure", "update", "abort", "calibration", "method", "minimum")),
            *(getattr(drift_registers, name).eq(getattr(engine, name))
              for name in ("busy", "measured", "updated", "refused", "refusal", "gain",
                           "exponents")),
            drift_registers.result_sent.eq(registers.result_sent),
            *(getattr(source, name).eq(getattr(drift_registers, name))
              for name in ("kind", "value")),
            source.count.eq(drift_registers.stored),
            source.restart.eq(engine.start),
            source.taken.eq(sequencer.load_calibration),

            engine.read_mode.eq(registers.settings.read_mode),
            engine.input_bits.eq(registers.settings.input_bits),
            engine.begins.eq(sequencer.load_calibration),
            engine.waits.eq(sequencer.calibration_waits),
            engine.tallied.eq(nmpu.tallied),
            engine.saturated.eq(readout.calibration_full),
            engine.bank.eq(sequencer.bank),
            engine.swap_pending.eq(sequencer.swap_pending),
            engine.host_writes.eq(parts.coefficient_window.written),

            sequencer.calibrate.eq(engine.start),
            sequencer.give_up.eq(engine.stop),
            sequencer.calibration_repeats.eq(drift_registers.calibration.repeats),
            sequencer.exponents.eq(engine.exponents),
            sequencer.swap.eq(registers.swap | engine.swap),
            parts.coefficient_window.closed.eq(sequencer.swap_pending | engine.rewriting),
            nmpu.in_use.eq(sequencer.bank),
            nmpu.tally_slot.eq(engine.slot),
            nmpu.tally_absolute.eq(drift_registers.calibration.absolute),
            registers.rewriting.eq(engine.rewriting),
            registers.calibrated.eq(engine.measured),
            registers.drift_updated.eq(engine.updated),
            registers.drift_refused.eq(engine.refused),

            *(getattr(nmpu, name).eq(getattr(drift_registers, name))
              for name in ("batch", "batch_results", "batch_shift")),
            *(getattr(drift_registers, name).eq(getattr(nmpu, name))
              for name in ("batch_done", "batch_clipped")),
            registers.batch_done.eq(nmpu.batch_done),
        ]
        with m.If(sequencer.load_calibration):
            m.d.comb += row_drivers.x.eq(source.x)

    def _registers(self, m, registers, sequencer, readout):
        """What the registers tell the rest, and what they are told."""
        m.d.comb += [
            *(getattr(sequencer, name).eq(getattr(registers, name))
              for name in ("run", "swap", "measure", "settings", "measurement")),
            readout.negative.eq(registers.measurement.negative),
            readout.probe_column.eq(registers.probe_column),
            readout.probe_clear.eq(registers.probe_clear),
            *(getattr(registers, name).eq(getattr(readout, name))
              for name in ("probe_p", "probe_n", "window_clocks")),
            registers.swap_pending.eq(sequencer.swap_pending),
            registers.bank.eq(sequencer.bank),
            registers.read_captured.eq(readout.captured),
            registers.result_sent.eq(self.y.tvalid & self.y.tready & self.y.tlast),
            self.irq.eq(registers.irq),
        ]
