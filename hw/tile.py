"""The digital rim of one array: everything between the buses and the analog pins."""

from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from golden.registers import STICKY
from hw.control.axi_lite import AxiLiteBridge
from hw.control.registers import Registers
from hw.control.sequencer import Sequencer
from hw.drive.input_buffer import InputBuffer
from hw.drive.row_drivers import RowDrivers, RowPins
from hw.formats.link import link
from hw.nmpu.nmpu import Nmpu
from hw.readout.count_readout import CountReadout
from hw.readout.payloads import count_pairs
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
    counts : In(stream.Signature(count_pairs(config, columns)))
        From the converters, once per window.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "control": In(AxiLite()),
            "x": In(AxiStream(config.stream.x_bits)),
            "y": Out(AxiStream(config.stream.y_bits)),
            "irq": Out(1),
            "rows": Out(RowPins(config.array.rows)),
            "counts": In(stream.Signature(count_pairs(config, config.array.columns))),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        own = wiring.flipped
        m.submodules.axi_lite = axi_lite = AxiLiteBridge()
        m.submodules.registers = registers = Registers(config)
        m.submodules.sequencer = sequencer = Sequencer(config)
        m.submodules.x_axi = x_axi = StreamFromAxi(config.stream.x_bits)
        m.submodules.input_buffer = input_buffer = InputBuffer(
            rows=config.array.rows, width=config.stream.x_bits)
        m.submodules.row_drivers = row_drivers = RowDrivers(config)
        m.submodules.readout = readout = CountReadout(config)
        m.submodules.nmpu = nmpu = Nmpu(config)
        m.submodules.downsize = downsize = Downsize(
            wide=config.nmpu.lanes * 8, narrow=config.stream.y_bits)
        m.submodules.y_axi = y_axi = StreamToAxi(config.stream.y_bits)

        wiring.connect(m, own(self.control), axi_lite.axi)
        wiring.connect(m, axi_lite.bus, registers.bus)
        wiring.connect(m, registers.coefficients, nmpu.bus)

        wiring.connect(m, own(self.x), x_axi.axi)
        link(m, x_axi.o, input_buffer.i)
        wiring.connect(m, row_drivers.pins, own(self.rows))
        wiring.connect(m, own(self.counts), readout.i)
        link(m, readout.o, nmpu.i)
        link(m, downsize.o, y_axi.i)
        wiring.connect(m, y_axi.axi, own(self.y))

        m.d.comb += [
            row_drivers.load.eq(sequencer.load),
            row_drivers.x.eq(input_buffer.o.payload),
            row_drivers.input_bits.eq(sequencer.input_bits),
            row_drivers.active.eq(sequencer.active),
            row_drivers.tick.eq(sequencer.tick),
            sequencer.vector_valid.eq(input_buffer.o.valid),
            input_buffer.o.ready.eq(sequencer.load),

            readout.due.eq(sequencer.due),
            readout.tag.eq(sequencer.tag),
            sequencer.captured.eq(readout.captured),
            sequencer.uses_bank.eq(readout.uses_bank | nmpu.uses_bank),

            downsize.i.valid.eq(nmpu.o.valid),
            downsize.i.payload.data.eq(nmpu.o.payload.data),
            downsize.i.payload.last.eq(nmpu.o.payload.last),
            nmpu.o.ready.eq(downsize.i.ready),

            sequencer.run.eq(registers.run),
            sequencer.swap.eq(registers.swap),
            sequencer.settings.eq(registers.settings),
            registers.swap_pending.eq(sequencer.swap_pending),
            registers.bank.eq(sequencer.bank),
            registers.busy.eq(input_buffer.busy | sequencer.busy | readout.busy | nmpu.busy),
            registers.read_captured.eq(readout.captured),
            registers.result_sent.eq(self.y.tvalid & self.y.tready & self.y.tlast),
            self.irq.eq(registers.irq),
        ]
        events = {
            "input_clipped": row_drivers.clipped,
            "long_vector": input_buffer.long_vector,
            "count_full": readout.full,
        }
        m.d.comb += [getattr(registers, f.name).eq(events[f.name]) for f in STICKY]
        return m
