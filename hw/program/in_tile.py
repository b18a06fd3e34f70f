"""The programming engine among the parts of a tile."""

from amaranth.hdl import Mux
from amaranth.lib import wiring

from hw.program.engine import ProgramEngine
from hw.program.registers import ProgramRegisters

__all__ = ["add_program"]


def add_program(m, tile, config):
    """Add engine and registers to the module ``m`` of ``tile``, and share out the input stream."""
    parts = m.submodules
    x, input_buffer = parts.x_realign.o, parts.input_buffer
    registers, sequencer, readout = parts.registers, parts.sequencer, parts.readout
    m.d.comb += [
        input_buffer.i.valid.eq(x.valid),
        input_buffer.i.payload.eq(x.payload),
        x.ready.eq(input_buffer.i.ready),
    ]
    if not config.program.engine:
        m.d.comb += parts.decode.program.refused.eq(1)
        return
    dispatcher, supervisor = parts.dispatcher, parts.supervisor
    m.submodules.program_registers = program_registers = ProgramRegisters(config)
    m.submodules.program_engine = engine = ProgramEngine(config)
    wiring.connect(m, parts.decode.program, program_registers.bus)
    wiring.connect(m, engine.pins, wiring.flipped(tile.program))
    told = dispatcher.program_job
    m.d.comb += [
        dispatcher.unlocked.eq(program_registers.unlocked),
        engine.unlocked.eq(program_registers.unlocked),
        engine.start.eq(dispatcher.program),
        engine.job.first_row.eq(told.first_beat * (config.stream.x_bits // 8)),
        *(engine.job[name].eq(told[name]) for name in ("rows", "first_group", "last_group")),
        engine.settings.eq(program_registers.settings),
        engine.flush.eq(supervisor.flush),
        program_registers.busy.eq(engine.busy),
        program_registers.progress.eq(engine.progress),
        supervisor.pulse_waits.eq(engine.waiting),
        supervisor.pulse_limit.eq(engine.violation),
        # From the command on: a measurement asked for in its very clock would be mixed up with it.
        registers.programming.eq(engine.busy | engine.start),
        registers.program_done.eq(engine.done),

        # A verify read is a measurement that drives a row.
        sequencer.measure.eq(registers.measure | engine.read),
        parts.row_drivers.single.eq(
            sequencer.load_row | (sequencer.load & input_buffer.o.payload.single)),
        parts.row_drivers.row.eq(
            Mux(sequencer.load_row, engine.read_row, input_buffer.o.payload.row)),
        readout.difference.eq(engine.busy),
        readout.inspect.eq(engine.busy),
        readout.column.eq(engine.sums.column),
        # The sums of a verify read are of few windows, and fit.
        engine.sums.sum.eq(readout.sum),
        engine.read_done.eq(readout.measured),
        engine.targets.payload.eq(x.payload),
    ]
    with m.If(engine.busy):
        m.d.comb += [
            sequencer.measurement.rows.eq(1),
            sequencer.measurement.devices.eq(engine.read_devices),
            sequencer.measurement.repeats.eq(engine.read_windows),
            registers.measured.eq(0),
            engine.targets.valid.eq(x.valid),
            x.ready.eq(engine.targets.ready),
            input_buffer.i.valid.eq(0),
        ]
