"""The registers of `golden.registers`, in hardware."""

from functools import partial

from amaranth.hdl import Cat, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.array.modes import READ_MODES
from golden.config import VECTOR_BITS
from golden.formats import NmpuFormats
from golden.registers import STICKY
from golden.registers.configured import resets
from golden.registers.tile import TILE
from golden.settings import most_reads
from hw.control.reach import Reach
from hw.control.register_bus import RegisterBus
from hw.control.register_page import RegisterPage
from hw.control.settings import measurement, settings

__all__ = ["Registers"]

PAGE = {register.name: register for register in TILE.registers}


class Registers(wiring.Component):
    """Decodes every access of its bus, and refuses what the map does not allow.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    bus : In(RegisterBus())
    settings : Out(settings(config))
    measurement : Out(measurement(config))
    run, bad_parity, swap, recover, measure : Out(1)
        Fields of CONTROL and MEASURE; the last three in one clock: that of the write, and for
        ``measure`` the one after, when it is judged.
    runs : Out(1)
        ``run``, from the clock of the write on that sets it.
    probe_column : Out(range(columns))
    probe_clear : Out(1)
        Another column is chosen in this clock.
    swap_pending, flush, bank, busy, running, safe : In(1)
        What CONTROL and STATUS show. A flush ends a measurement; while a chain is ``running``
        nothing else may read vectors, and while the engine is ``programming`` nothing measures.
    programming, chain_measure : In(1)
        A chain commands a measurement, while none runs.
    input_clipped, long_vector, count_full, ... : In(1)
        Sticky events of STATUS.
    rewriting : In(1)
        The drift engine writes coefficients: no exchange can be asked for.
    window_clocks : In(16)
    probe_p, probe_n : In(counter_bits)
        What WINDOW and PROBE_COUNTS show.
    read_captured, result_sent : In(1)
        Counted by READS and RESULTS.
    irq : Out(1)
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "bus": In(RegisterBus()),
            "settings": Out(settings(config)),
            "measurement": Out(measurement(config)),
            "run": Out(1), "runs": Out(1), "bad_parity": Out(1),
            "swap": Out(1), "recover": Out(1), "measure": Out(1),
            "probe_column": Out(range(config.array.columns)), "probe_clear": Out(1),
            "swap_pending": In(1), "flush": In(1), "bank": In(1), "busy": In(1),
            "running": In(1), "safe": In(1), "programming": In(1), "chain_measure": In(1),
            **{f.name: In(1) for f in STICKY},
            "rewriting": In(1),
            "window_clocks": In(16),
            "probe_p": In(config.readout.counter_bits),
            "probe_n": In(config.readout.counter_bits),
            "read_captured": In(1), "result_sent": In(1),
            "irq": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        page = RegisterPage(m, self.bus, PAGE, legal=partial(self._legal, m),
                            resets=resets(self._config), late=("MEASURE",))
        self._behaviour(m, page)
        return m

    def _legal(self, m, name, fields, values):
        """Whether a write of these field values is allowed; of MEASURE in the next clock."""
        config = self._config
        measuring = values["MEASURE"]["start"] | self.programming
        if name == "SETTINGS":
            return self._legal_settings(fields)
        if name == "CONTROL":
            return ~(fields["swap"] & self.rewriting) & ~(fields["run"] & self.running)
        if name == "RESIDUAL":
            return fields["shift"] <= NmpuFormats.of(config).residual_shift
        if name == "PROBE":
            return fields["column"] < config.array.columns
        if name == "REFERENCE":
            top = 1 << config.readout.reference_bits
            return ~measuring & (fields["code"] < top) & (fields["step"] < top)
        if name == "MEASURE":
            m.submodules.reach = reach = Reach(config)
            m.d.comb += [reach.code.eq(values["REFERENCE"]["code"]),
                         reach.step.eq(values["REFERENCE"]["step"]),
                         reach.repeats.eq(fields["repeats"])]
            return ~measuring & reach.exists
        return 1

    def _legal_settings(self, fields):
        nmpu, drive = self._config.nmpu, self._config.drive
        allowed_reads = []
        for name in drive.read_modes:
            for bits in (b for b in VECTOR_BITS if b <= drive.input_bits):
                most = most_reads(self._config, read_mode=name, input_bits=bits)
                allowed_reads.append((fields["read_mode"] == READ_MODES.index(name))
                                     & (fields["input_bits"] == bits) & (fields["reads"] <= most))
        return (Cat(fields["output_bits"] == n
                    for n in VECTOR_BITS if n <= nmpu.output_bits).any()
                & (fields["shift"] < 1 << nmpu.shift_bits)
                & (1 if nmpu.residual else ~fields["residual"])
                & (fields["reads"] != 0) & Cat(allowed_reads).any())

    def _behaviour(self, m, page):
        """What each field shows, and what it does."""
        values, write_data, written = page.values, page.writes, page.written
        for name in ("ID", "SHAPE", "UNIT", "READOUT"):
            m.d.comb += [value.eq(value.init) for value in values[name].values()]

        control, status, measure = values["CONTROL"], values["STATUS"], values["MEASURE"]
        probe = values["PROBE"]["column"]
        m.d.comb += [
            self.run.eq(control["run"]),
            self.runs.eq(control["run"] | (written["CONTROL"] & write_data["CONTROL"]["run"])),
            self.bad_parity.eq(control["bad_parity"]),
            *(getattr(self, name).eq(written["CONTROL"] & write_data["CONTROL"][name])
              for name in ("swap", "recover")),
            control["swap"].eq(self.swap_pending),
            # Not in the safe state, or who writes back what it read would end it.
            control["recover"].eq(self.flush & ~self.safe),
            *(status[name].eq(getattr(self, name)) for name in ("busy", "bank", "running", "safe")),
            *(self.settings[name].eq(value) for name, value in values["SETTINGS"].items()),
            *(self.settings[f"residual_{name}"].eq(value)
              for name, value in values["RESIDUAL"].items()),
            self.measure.eq((written["MEASURE"] & write_data["MEASURE"]["start"])
                            | self.chain_measure),
            self.measurement.repeats.eq(measure["repeats"]),
            self.measurement.negative.eq(measure["negative"]),
            self.measurement.code.eq(values["REFERENCE"]["code"]),
            self.measurement.step.eq(values["REFERENCE"]["step"]),
            self.probe_column.eq(probe),
            self.probe_clear.eq(written["PROBE"]),
            values["PROBE_COUNTS"]["p"].eq(self.probe_p),
            values["PROBE_COUNTS"]["n"].eq(self.probe_n),
            values["WINDOW"]["clocks"].eq(self.window_clocks),
        ]
        with m.If(self.measured | self.flush):
            m.d.sync += measure["start"].eq(0)
        with m.Elif(self.measure):
            m.d.sync += measure["start"].eq(1)
        for f in STICKY:
            with m.If(getattr(self, f.name)):
                m.d.sync += status[f.name].eq(1)
            with m.Elif(written["STATUS"] & write_data["STATUS"][f.name]):
                m.d.sync += status[f.name].eq(0)
        m.d.comb += self.irq.eq(Cat(
            status[f.name] & values["IRQ_ENABLE"][f.name] for f in STICKY).any())

        for name, event in (("READS", self.read_captured), ("RESULTS", self.result_sent),
                            ("SATURATIONS", self.count_full)):
            count = values[name]["count"]
            with m.If(event & ~count.all()):
                m.d.sync += count.eq(count + 1)
