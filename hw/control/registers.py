"""The registers of `golden.registers`, in hardware."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.config import VECTOR_BITS
from golden.registers import COEFFICIENT_BASE, REGISTERS, STICKY
from hw.control.axi_lite import RegisterBus
from hw.control.sequencer import settings
from hw.nmpu.coefficients import CoefficientBus

__all__ = ["Registers"]


class Registers(wiring.Component):
    """Decodes every access of the bus, and refuses what the map does not allow.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    bus : In(RegisterBus())
    coefficients : Out(CoefficientBus(config))
    settings : Out(settings(config))
    run, swap : Out(1)
        Fields of CONTROL; ``swap`` in the clock of the write only.
    swap_pending, bank, busy : In(1)
        What CONTROL and STATUS show.
    input_clipped, long_vector, count_full : In(1)
        Sticky events of STATUS.
    read_captured, result_sent : In(1)
        Counted by READS and RESULTS.
    irq : Out(1)
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "bus": In(RegisterBus()),
            "coefficients": Out(CoefficientBus(config)),
            "settings": Out(settings(config)),
            "run": Out(1), "swap": Out(1),
            "swap_pending": In(1), "bank": In(1), "busy": In(1),
            **{f.name: In(1) for f in STICKY},
            "read_captured": In(1), "result_sent": In(1),
            "irq": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config, bus = self._config, self.bus
        resets = {"SETTINGS": {"output_bits": config.nmpu.output_bits,
                               "input_bits": config.drive.input_bits}}
        values = {name: {f.name: Signal(f.width, name=f"{name}_{f.name}",
                                        init=resets.get(name, {}).get(f.name, f.reset))
                         for f in register.fields} for name, register in REGISTERS.items()}
        write_data = {name: {f.name: bus.data[f.low:f.low + f.width] for f in register.fields}
                      for name, register in REGISTERS.items()}

        in_coefficients = bus.address >= COEFFICIENT_BASE
        aligned = bus.address[:2] == 0
        allowed = Signal()
        answer = Signal(32)
        written = {name: Signal(name=f"write_{name}") for name in REGISTERS}
        with m.Switch(bus.address):
            for name, register in REGISTERS.items():
                with m.Case(register.offset):
                    legal = self._legal(name, write_data[name])
                    m.d.comb += [
                        allowed.eq(~bus.write | legal) if register.writable else
                        allowed.eq(~bus.write),
                        written[name].eq(bus.access & bus.write & allowed),
                        *(answer[f.low:f.low + f.width].eq(values[name][f.name])
                          for f in register.fields),
                    ]

        coefficients = self.coefficients
        column = bus.address[5:15]
        coefficient_allowed = (aligned & (column < config.array.columns) & ~self.swap_pending
                               & Mux(bus.write, coefficients.fits, coefficients.exists))
        m.d.comb += [
            coefficients.bank.eq(~self.bank),
            coefficients.column.eq(column),
            coefficients.word.eq(bus.address[2:5]),
            coefficients.data.eq(bus.data.as_signed()),
            coefficients.write.eq(bus.access & bus.write & in_coefficients & coefficient_allowed),
        ]

        refused = Signal()
        from_coefficients = Signal()
        registered = Signal(32)
        m.d.sync += [
            refused.eq(~Mux(in_coefficients, coefficient_allowed, allowed)),
            from_coefficients.eq(in_coefficients),
            registered.eq(answer),
        ]
        m.d.comb += [
            bus.refused.eq(refused),
            bus.read.eq(Mux(refused, 0, Mux(from_coefficients, coefficients.read, registered))),
        ]

        self._behaviour(m, values, write_data, written)
        return m

    def _legal(self, name, fields):
        """Whether a write of these field values is allowed."""
        if name != "SETTINGS":
            return 1
        nmpu, drive = self._config.nmpu, self._config.drive

        def one_of(value, widest):
            return Cat(value == n for n in VECTOR_BITS if n <= widest).any()

        return (one_of(fields["output_bits"], nmpu.output_bits)
                & one_of(fields["input_bits"], drive.input_bits)
                & (fields["shift"] < 1 << nmpu.shift_bits)
                & (fields["reads"] != 0) & (fields["reads"] <= nmpu.max_reads))

    def _behaviour(self, m, values, write_data, written):
        """What each field holds, and what it does."""
        config = self._config
        constants = {
            "SHAPE": {"rows": config.array.rows, "columns": config.array.columns},
            "UNIT": {"lanes": config.nmpu.lanes, "max_reads": config.nmpu.max_reads},
            "ID": {f.name: f.reset for f in REGISTERS["ID"].fields},
        }
        for name, fields in constants.items():
            m.d.comb += [values[name][field].eq(value) for field, value in fields.items()]

        for name, register in REGISTERS.items():
            with m.If(written[name]):
                m.d.sync += [values[name][f.name].eq(write_data[name][f.name])
                             for f in register.fields if f.access == "rw"]

        control, status = values["CONTROL"], values["STATUS"]
        m.d.comb += [
            self.run.eq(control["run"]),
            self.swap.eq(written["CONTROL"] & write_data["CONTROL"]["swap"]),
            control["swap"].eq(self.swap_pending),
            status["busy"].eq(self.busy),
            status["bank"].eq(self.bank),
            *(self.settings[name].eq(value) for name, value in values["SETTINGS"].items()),
        ]
        for f in STICKY:
            with m.If(getattr(self, f.name)):
                m.d.sync += status[f.name].eq(1)
            with m.Elif(written["STATUS"] & write_data["STATUS"][f.name]):
                m.d.sync += status[f.name].eq(0)
        m.d.comb += self.irq.eq(Cat(
            status[f.name] & values["IRQ_ENABLE"][f.name] for f in STICKY).any())

        for name, event in (("READS", self.read_captured), ("RESULTS", self.result_sent)):
            count = values[name]["count"]
            with m.If(event & ~count.all()):
                m.d.sync += count.eq(count + 1)
