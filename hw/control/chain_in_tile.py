"""Chains of jobs among the parts of a tile."""

from amaranth.hdl import Signal
from amaranth.lib import wiring

from golden.descriptors import DESTINATIONS
from hw.control.chain_registers import ChainRegisters
from hw.control.descriptor_table import DescriptorTable
from hw.control.dispatcher import Dispatcher
from hw.control.settings import job
from hw.formats.link import link

__all__ = ["add_chain"]


def add_chain(m, tile, config, *, busy):
    """Add table, dispatcher and registers to the module ``m`` of ``tile``.

    Parameters
    ----------
    busy : Value
        A vector is in the tile, or a measurement.
    """
    parts = m.submodules
    registers, sequencer, nmpu = parts.registers, parts.sequencer, parts.nmpu
    supervisor, input_buffer = parts.supervisor, parts.input_buffer
    m.submodules.chain_registers = chain = ChainRegisters()
    m.submodules.descriptor_table = table = DescriptorTable(config)
    m.submodules.dispatcher = dispatcher = Dispatcher(config)
    wiring.connect(m, parts.decode.chain, chain.bus)
    wiring.connect(m, parts.decode.descriptors, table.bus)
    link(m, dispatcher.vectors, input_buffer.vectors)

    # Without a description, a vector is for all columns and the y stream.
    direct = Signal(job(config))
    vector = input_buffer.o.payload
    m.d.comb += [
        direct.settings.eq(registers.settings),
        direct.last_group.eq(config.groups - 1),
        direct.destination.eq(DESTINATIONS.index("y")),
        sequencer.job.eq(direct),
        input_buffer.direct.eq(registers.run & ~supervisor.flush),
    ]
    with m.If(vector.described):
        m.d.comb += sequencer.job.eq(vector.job)

    m.d.comb += [
        registers.busy.eq(busy),
        dispatcher.idle.eq(~busy),
        # A chain's first vector must not be taken for the next of a result without a chain.
        chain.startable.eq(~busy & ~registers.runs & ~sequencer.partway & ~dispatcher.running
                           & ~supervisor.flush),
        chain.trigger.eq(tile.trigger),
        *(getattr(dispatcher, name).eq(getattr(chain, name))
          for name in ("start", "first", "last", "loops")),
        *(getattr(chain, name).eq(getattr(dispatcher, name))
          for name in ("running", "refused", "refusal", "at", "current")),
        dispatcher.flush.eq(supervisor.flush),
        dispatcher.descriptor.eq(table.descriptor),
        dispatcher.parity_error.eq(table.parity_error),
        table.index.eq(dispatcher.index),
        table.locked.eq(dispatcher.running),
        table.first.eq(dispatcher.chain_first),
        table.last.eq(dispatcher.chain_last),
        table.bad_parity.eq(registers.bad_parity),

        registers.chain_measure.eq(dispatcher.measure),
        sequencer.measure.eq(registers.measure),
        registers.measured.eq(parts.readout.measured),

        chain.job_done.eq(nmpu.job_done | dispatcher.command_job_done),
        registers.job_done.eq((nmpu.job_done & nmpu.job_interrupt)
                              | (dispatcher.command_job_done & dispatcher.command_interrupt)),
        registers.running.eq(dispatcher.running),
        registers.chain_done.eq(dispatcher.chain_done),
        registers.chain_refused.eq(dispatcher.refused),
        registers.trigger_lost.eq(chain.trigger_lost),

        supervisor.limit.eq(chain.limit),
        supervisor.descriptor_parity.eq(dispatcher.parity_fault),
        chain.code.eq(supervisor.code),
    ]

    # The drift engine measures by itself too: only what was commanded ends a command.
    for name, ends in (("measure", registers.measured), ("calibrate", registers.calibrated),
                       ("correct", registers.drift_updated | registers.drift_refused),
                       ("program", registers.program_done)):
        commanded = Signal(name=f"commanded_{name}")
        with m.If(getattr(dispatcher, name)):
            m.d.sync += commanded.eq(1)
        with m.Elif(ends | supervisor.flush):
            m.d.sync += commanded.eq(0)
        with m.If(commanded & ends):
            m.d.comb += dispatcher.command_done.eq(1)
