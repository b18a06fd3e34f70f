"""The registers of the programming engine."""

from amaranth.hdl import Module, Mux
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.array.verify import VerifySettings
from golden.program.settings import MOST_WINDOWS, PLACES, ProgramSettings
from golden.registers.program import PROGRAM, PROGRAM_KEY
from hw.control.register_bus import RegisterBus
from hw.control.register_page import RegisterPage
from hw.program.payloads import progress, settings

__all__ = ["ProgramRegisters"]

PAGE = {register.name: register for register in PROGRAM.registers}


class ProgramRegisters(wiring.Component):
    """Key and settings of the engine, and what its last job came to.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    bus : In(RegisterBus())
    settings : Out(settings())
    unlocked : Out(1)
        The key has been written.
    busy : In(1)
        A job is under way: settings cannot be written.
    progress : In(progress())
        Its events.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "bus": In(RegisterBus()), "settings": Out(settings()), "unlocked": Out(1),
            "busy": In(1), "progress": In(progress()),
        })

    def elaborate(self, platform):
        m = Module()
        published = ProgramSettings.of(self._config).values()
        resets = {register: {field: published[name] for field, name in fields.items()}
                  for register, fields in PLACES.items()}
        page = RegisterPage(m, self.bus, PAGE, legal=self._legal, resets=resets)
        values = page.values
        key, result = values["PROGRAM_KEY"]["key"], values["PROGRAM_RESULT"]
        counts = {name: values[f"PROGRAM_{name.upper()}"]["count"]
                  for name in ("cells", "converged", "failed", "pulses")}

        with m.If(page.written["PROGRAM_KEY"]):
            m.d.sync += key.eq(page.writes["PROGRAM_KEY"]["key"] == PROGRAM_KEY)
        m.d.comb += [
            self.unlocked.eq(key[0]),
            *(getattr(self.settings, name).eq(values[register][field])
              for register, fields in PLACES.items() for field, name in fields.items()),
            # A job has 2**20 cells at most, of 255 pulses.
            counts["cells"].eq(counts["converged"] + counts["failed"]),
        ]

        told = self.progress
        for count, event in ((counts["converged"], told.converged),
                             (counts["failed"], told.failed), (counts["pulses"], told.pulsed),
                             (result["rows"], told.row)):
            m.d.sync += count.eq(Mux(told.begin, 0, count + event))
        with m.If(told.begin):
            m.d.sync += [result[name].eq(0) for name in ("rounds", "clipped", "surplus")]
        with m.Else():
            m.d.sync += [result[name].eq(result[name] | getattr(told, name))
                         for name in ("clipped", "surplus")]
            with m.If(told.row & (told.rounds > result["rounds"])):
                m.d.sync += result["rounds"].eq(told.rounds)
        return m

    def _legal(self, name, fields, values):
        """Whether a write of these field values is allowed."""
        if name == "PROGRAM_KEY":
            return 1
        return ~self.busy & self._within(name, fields, values)

    def _within(self, name, fields, values):
        program, loop = self._config.program, VerifySettings()
        most, top = program.max_pulse_clocks, program.max_current_ua
        limits, step, currents = (values[f"PROGRAM_{part}"]
                                  for part in ("LIMITS", "STEP", "CURRENTS"))

        def moves(margin, gain):
            # A product of half a step is rounded to even, which is 0.
            half = 1 << (loop.gain_format.frac_bits - 1)
            low = margin[:half.bit_length()]
            return Mux(margin > half, gain != 0, low * gain > half)

        def encloses(low, start, high):
            return (low <= start) & (start <= high)

        match name:
            case "PROGRAM_LIMITS":
                return ((fields["max_rounds"] <= program.max_rounds)
                        & (fields["windows"] != 0) & (fields["windows"] <= MOST_WINDOWS)
                        & moves(fields["margin"], step["gain"]))
            case "PROGRAM_CURRENTS":
                return (fields["high"] <= top) & encloses(
                    fields["low"], step["start"], fields["high"])
            case "PROGRAM_STEP":
                return (moves(limits["margin"], fields["gain"])
                        & encloses(currents["low"], fields["start"], currents["high"]))
            case "PROGRAM_RESET":
                return ((fields["clocks"] != 0) & (fields["clocks"] <= most)
                        & (fields["current"] <= top))
            case "PROGRAM_SET":
                trailing = values["PROGRAM_PULSE"]["trailing"]
                return ((fields["clocks"] != 0) & (fields["clocks"] + trailing <= most)
                        & (fields["current"] <= top))
            case "PROGRAM_PULSE":
                length = values["PROGRAM_SET"]["clocks"]
                return ((fields["clocks"] != 0) & (fields["clocks"] <= most)
                        & (fields["trailing"] + length <= most))
            case "PROGRAM_PRECHARGE":
                return fields["clocks"] != 0
        return 1
