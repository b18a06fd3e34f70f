"""The digital rim of one array: everything between the buses and the analog pins."""

from amaranth.hdl import Module, ResetInserter
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.control.axi_lite import AxiLiteBridge
from hw.control.chain_in_tile import add_chain
from hw.control.coefficient_window import CoefficientWindow
from hw.control.decode import Decode
from hw.control.registers import Registers
from hw.control.sequencer import Sequencer
from hw.control.supervisor import Supervisor
from hw.drift.in_tile import add_drift
from hw.drive.converter_pins import ConverterDriver, ConverterPins
from hw.drive.input_buffer import InputBuffer
from hw.drive.row_drivers import SHARED, RowDrivers, RowPins
from hw.formats.link import link
from hw.nmpu.nmpu import Nmpu
from hw.program.in_tile import add_program
from hw.program.payloads import ProgramPins
from hw.readout.readout import Readout, converter_member
from hw.streams.axi import AxiLite, AxiStream, StreamFromAxi
from hw.streams.output import Output
from hw.streams.realign import Realign
from hw.streams.side_streams import add_side_streams

__all__ = ["Tile"]


class Tile(wiring.Component):
    """Vectors in, results out, with an analog array in between.

    The ports are the same whatever is built; those of a part that is not are at rest.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    control : In(AxiLite())
        Registers and coefficients, see `golden.registers`.
    x : In(AxiStream(config.stream.x_bits))
        Input vectors of signed bytes, one per row; rows of targets, if they are to be programmed.
    y : Out(AxiStream(config.stream.y_bits, user=True))
        Result vectors of signed bytes, one per column.
    residual : In(AxiStream(config.stream.y_bits))
        What is added to results, likewise.
    i_sums : In(AxiStream), o_sums : Out(AxiStream, user=True)
        Partial sums, `TileConfig.sum_bits` each, as many in a beat as results in one of ``y``.
    irq : Out(1)
        A sticky event of STATUS that IRQ_ENABLE lets through.
    trigger : In(1)
        A rising edge starts the chain of jobs.
    rows : Out(RowPins(rows))
        To the array.
    converters : Out(ConverterPins(config))
        To the converters, and to the lines between them and the devices.
    program : Out(ProgramPins(config))
        To the write heads.
    counts or oscillators : In
        From the converters: see `hw.readout.readout.Readout`.
    """

    def __init__(self, config):
        self._config = config
        y_bits = config.stream.y_bits
        sums_bits = y_bits // 8 * config.sum_bits
        super().__init__({
            "control": In(AxiLite()),
            "x": In(AxiStream(config.stream.x_bits)),
            "y": Out(AxiStream(y_bits, user=True)),
            "residual": In(AxiStream(y_bits)),
            "i_sums": In(AxiStream(sums_bits)),
            "o_sums": Out(AxiStream(sums_bits, user=True)),
            "irq": Out(1),
            "trigger": In(1),
            "rows": Out(RowPins(config.array.rows)),
            "converters": Out(ConverterPins(config)),
            "program": Out(ProgramPins(config)),
            **converter_member(config),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        m.submodules.supervisor = supervisor = Supervisor()
        m.submodules.axi_lite = axi_lite = AxiLiteBridge()
        m.submodules.decode = decode = Decode()
        m.submodules.registers = registers = Registers(config)
        m.submodules.coefficient_window = coefficient_window = CoefficientWindow(config)
        m.submodules.sequencer = sequencer = Sequencer(config)
        m.submodules.readout = readout = Readout(config)
        m.submodules.nmpu = nmpu = Nmpu(config)
        m.submodules.output = output = Output(config)
        own, flushed = wiring.flipped, ResetInserter(supervisor.flush)

        m.submodules.x_axi = x_axi = StreamFromAxi(config.stream.x_bits)
        m.submodules.x_realign = x_realign = Realign(config.stream.x_bits)
        input_buffer, row_drivers = InputBuffer(config), RowDrivers(config)
        m.submodules.input_buffer = flushed(input_buffer)
        m.submodules.row_drivers = flushed(row_drivers)
        m.submodules.converter_driver = converter_driver = ConverterDriver(config)

        wiring.connect(m, own(self.control), axi_lite.axi)
        wiring.connect(m, axi_lite.bus, decode.bus)
        wiring.connect(m, decode.registers, registers.bus)
        wiring.connect(m, decode.coefficients, coefficient_window.bus)
        wiring.connect(m, decode.saturated, readout.saturated)
        wiring.connect(m, decode.sums, readout.sums)
        wiring.connect(m, coefficient_window.coefficients, nmpu.bus)

        wiring.connect(m, own(self.x), x_axi.axi)
        link(m, x_axi.o, x_realign.i)
        wiring.connect(m, row_drivers.pins, own(self.rows))
        wiring.connect(m, sequencer.window, converter_driver.window)
        for name in converter_member(config):
            wiring.connect(m, own(getattr(self, name)), getattr(readout, name))
        link(m, readout.o, nmpu.i)
        link(m, nmpu.o, output.i)
        wiring.connect(m, output.y, own(self.y))
        if config.control.activations:
            link(m, output.activations, input_buffer.activations)

        vector = input_buffer.o.payload
        m.d.comb += [
            *(part.flush.eq(supervisor.flush)
              for part in (x_realign, sequencer, readout, nmpu, output, registers)),
            self.converters.gate.eq(readout.gate),
            self.converters.flush.eq(supervisor.flush),
            *(getattr(self.converters, name).eq(getattr(converter_driver.pins, name))
              for name in converter_driver.pins.signature.members),

            row_drivers.load.eq(sequencer.load | sequencer.load_calibration | sequencer.load_row),
            row_drivers.x.eq(vector.x),
            row_drivers.single.eq(sequencer.load & vector.single),
            row_drivers.row.eq(vector.row),
            row_drivers.input_bits.eq(sequencer.load_bits),
            *(getattr(row_drivers, name).eq(getattr(sequencer, name)) for name in SHARED),
            sequencer.vector_valid.eq(
                input_buffer.o.valid & (vector.described | registers.run)),
            input_buffer.o.ready.eq(sequencer.load),

            *(getattr(readout, name).eq(getattr(sequencer, name))
              for name in ("active", "open", "close", "tag")),
            sequencer.free.eq(readout.free),
            sequencer.uses_bank.eq(readout.uses_bank | nmpu.uses_bank),
        ]
        self._registers(m)
        busy = (input_buffer.busy | sequencer.busy | readout.busy | nmpu.busy | output.busy
                | add_side_streams(m, self, config))
        add_chain(m, self, config, busy=busy)
        add_program(m, self, config)
        if config.drift.engine:
            add_drift(m, config)
        return m

    def _registers(self, m):
        """What the registers tell the rest, and what they are told."""
        parts = m.submodules
        registers, sequencer, readout = parts.registers, parts.sequencer, parts.readout
        window, supervisor = parts.coefficient_window, parts.supervisor
        m.d.comb += [
            *(getattr(sequencer, name).eq(getattr(registers, name)) for name in (
                "swap", "settings", "measurement")),
            readout.negative.eq(registers.measurement.negative),
            readout.probe_column.eq(registers.probe_column),
            readout.probe_clear.eq(registers.probe_clear),
            *(getattr(registers, name).eq(getattr(readout, name))
              for name in ("probe_p", "probe_n", "window_clocks")),
            registers.swap_pending.eq(sequencer.swap_pending),
            registers.bank.eq(sequencer.bank),
            registers.read_captured.eq(readout.captured),
            registers.result_sent.eq(parts.output.sent),
            window.bank.eq(sequencer.bank),
            window.closed.eq(sequencer.bank_closed),
            supervisor.recover.eq(registers.recover),
            supervisor.conversion_waits.eq(readout.waits),
            registers.safe.eq(supervisor.safe),
            registers.fault.eq(supervisor.fault),
            registers.input_clipped.eq(parts.row_drivers.clipped),
            registers.long_vector.eq(parts.input_buffer.long_vector),
            registers.count_full.eq(readout.full),
            self.irq.eq(registers.irq),
        ]
        if self._config.control.parity:
            m.d.comb += [parts.nmpu.bad_parity.eq(registers.bad_parity),
                         supervisor.coefficient_parity.eq(parts.nmpu.parity_error)]
