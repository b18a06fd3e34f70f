"""The drift engine among the parts of a tile."""

from amaranth.lib import wiring

from golden.registers import CHANNEL_BASES
from hw.drift.engine import DriftEngine
from hw.drift.registers import DriftRegisters
from hw.drive.calibration_source import CalibrationSource

__all__ = ["add_drift"]


def add_drift(m, config):
    """Add engine, registers and calibration vectors to the module ``m`` of a tile."""
    parts = m.submodules
    sequencer, readout, nmpu = parts.sequencer, parts.readout, parts.nmpu
    registers, supervisor = parts.registers, parts.supervisor
    dispatcher = parts.dispatcher
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
        *(part.flush.eq(supervisor.flush) for part in (engine, drift_registers)),
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
        engine.swap_pending.eq(sequencer.bank_closed),
        engine.host_writes.eq(parts.coefficient_window.written),

        sequencer.calibrate.eq(engine.start),
        sequencer.give_up.eq(engine.stop),
        sequencer.calibration_repeats.eq(drift_registers.calibration.repeats),
        sequencer.exponents.eq(engine.exponents),
        sequencer.rewriting.eq(engine.rewriting),
        sequencer.swap.eq(registers.swap | engine.swap),
        parts.coefficient_window.closed.eq(sequencer.bank_closed | engine.rewriting),
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

        drift_registers.programming.eq(registers.programming),
        drift_registers.chain_measure.eq(dispatcher.calibrate),
        drift_registers.chain_update.eq(dispatcher.correct),
        drift_registers.chain_batch.eq(dispatcher.statistics),
        dispatcher.idle.eq(~registers.busy & ~engine.busy),
    ]
    with m.If(sequencer.load_calibration):
        m.d.comb += parts.row_drivers.x.eq(source.x)
