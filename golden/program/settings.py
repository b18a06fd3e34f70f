"""What the registers of the programming engine hold, with the limits of a configuration."""

from dataclasses import dataclass, field, replace

from golden.array.checks import check_integer
from golden.array.verify import VerifySettings
from golden.registers import pack

__all__ = ["CURRENT_BITS", "LENGTH_BITS", "MOST_WINDOWS", "PLACES", "PRECHARGE_BITS",
           "ProgramSettings"]

MOST_WINDOWS = 16
"""Windows that one verify read may add."""

CURRENT_BITS = 12
"""Of a pulse current, in µA."""

LENGTH_BITS = 12
"""Of a pulse, in clocks."""

PRECHARGE_BITS = 16
"""Of the clocks before a read."""

PLACES = {
    "PROGRAM_LIMITS": {"max_rounds": "max_rounds", "windows": "windows", "margin": "margin"},
    "PROGRAM_CURRENTS": {"low": "low", "high": "high"},
    "PROGRAM_STEP": {"start": "start", "gain": "gain"},
    "PROGRAM_RESET": {"clocks": "reset_clocks", "current": "reset_ua"},
    "PROGRAM_SET": {"clocks": "set_clocks", "current": "set_ua"},
    "PROGRAM_PULSE": {"clocks": "pulse_clocks", "trailing": "set_trailing"},
    "PROGRAM_PRECHARGE": {"clocks": "precharge"},
}
"""Which setting is in which field of which register."""


@dataclass(frozen=True, kw_only=True)
class ProgramSettings:
    """Pulses, reads and loop of a job. Clocks are those of the tile; published times are those at
    1 GHz (Le Gallo et al., Nature Electronics 6, 680-693, 2023, Methods).

    Parameters
    ----------
    loop : VerifySettings
        Rounds, margin, currents and gain.
    windows : int
        Windows added in a verify read. Published: 512 ns, which are 4 of 128 clocks.
    precharge : int
        Clocks before a read. Published: 256 ns.
    reset_clocks, reset_ua : int
        RESET, a square pulse. Published: 125 ns, 700 µA.
    set_clocks, set_trailing, set_ua : int
        SET, and its trailing edge. Published: 250 ns and 50 ns, 125 µA.
    pulse_clocks : int
        A square pulse of the loop. Published: 125 ns.
    """

    loop: VerifySettings = field(default_factory=VerifySettings)
    windows: int = 4
    precharge: int = 256
    reset_clocks: int = 125
    reset_ua: int = 700
    set_clocks: int = 250
    set_trailing: int = 50
    set_ua: int = 125
    pulse_clocks: int = 125

    @classmethod
    def of(cls, config):
        """The published ones, as far as the limits of ``config`` allow: what reset leaves."""
        program = config.program
        most_ua, most = program.max_current_ua, program.max_pulse_clocks
        loop, default = VerifySettings(), cls()
        low = min(loop.low, most_ua)
        return cls(
            loop=replace(loop, low=low, start=low, high=min(loop.high, most_ua),
                         max_rounds=min(loop.max_rounds, program.max_rounds)),
            reset_clocks=min(default.reset_clocks, most), reset_ua=min(default.reset_ua, most_ua),
            set_clocks=min(default.set_clocks, most), set_ua=min(default.set_ua, most_ua),
            set_trailing=max(0, min(default.set_trailing, most - default.set_clocks)),
            pulse_clocks=min(default.pulse_clocks, most))

    def validate(self, config):
        """These settings, or `ValueError` naming the one that a tile of ``config`` refuses."""
        program = config.program
        for name, value, low, high in (
                ("max_rounds", self.loop.max_rounds, 0, program.max_rounds),
                ("high", self.loop.high, 0, program.max_current_ua),
                ("windows", self.windows, 1, MOST_WINDOWS),
                ("precharge", self.precharge, 1, (1 << PRECHARGE_BITS) - 1),
                ("reset_clocks", self.reset_clocks, 1, program.max_pulse_clocks),
                ("reset_ua", self.reset_ua, 0, program.max_current_ua),
                ("set_clocks", self.set_clocks, 1, program.max_pulse_clocks),
                ("set_trailing", self.set_trailing, 0,
                 program.max_pulse_clocks - self.set_clocks),
                ("set_ua", self.set_ua, 0, program.max_current_ua),
                ("pulse_clocks", self.pulse_clocks, 1, program.max_pulse_clocks)):
            check_integer(name, value, low=low, high=high)
        return self

    def values(self):
        """Every setting by its name, those of the loop too."""
        return {name: getattr(self if hasattr(self, name) else self.loop, name)
                for fields in PLACES.values() for name in fields.values()}

    def writes(self, config):
        """(register, word), in an order in which each is legal whatever the registers hold."""
        values = self.values()

        def word(register, **others):
            held = {field: values[name] for field, name in PLACES[register].items()}
            return register, pack(register, **{**held, **others})

        widest = pack("PROGRAM_CURRENTS", low=0, high=config.program.max_current_ua)
        return [
            ("PROGRAM_CURRENTS", widest),
            word("PROGRAM_STEP", gain=self.loop.gain_format.max),
            word("PROGRAM_LIMITS"), word("PROGRAM_STEP"), word("PROGRAM_CURRENTS"),
            word("PROGRAM_RESET"),
            word("PROGRAM_PULSE", trailing=0), word("PROGRAM_SET"), word("PROGRAM_PULSE"),
            word("PROGRAM_PRECHARGE")]
