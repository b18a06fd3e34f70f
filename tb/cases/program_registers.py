"""Registers of the programming engine: every rule on both sides of its edge, against the settings
of golden; key, results, and what a job refuses."""

from dataclasses import replace

from golden.presets import tiny
from golden.program.settings import PLACES, ProgramSettings
from golden.registers import PROGRAM_KEY, REGISTERS, pack, unpack
from golden.registers.program import PROGRAM
from hw.program.payloads import progress as progress_layout
from hw.program.registers import ProgramRegisters
from tb.agents.script import ScriptAgent
from tb.bits import encode, mask
from tb.cases.program_engine import settings_word

CONFIGS = {
    "tiny": tiny,
    "tight": tiny.replace(program={"max_rounds": 7, "max_current_ua": 300,
                                   "max_pulse_clocks": 260}),
    "weak": tiny.replace(program={"max_rounds": 255, "max_current_ua": 90,
                                  "max_pulse_clocks": 4095}),
}
VARIANTS = tuple(CONFIGS)
RESULTS = ("PROGRAM_RESULT", "PROGRAM_CELLS", "PROGRAM_CONVERGED", "PROGRAM_FAILED",
           "PROGRAM_PULSES")


def build(variant):
    return ProgramRegisters(CONFIGS[variant])


def changed(settings, register, fields):
    """Settings with the fields of one register changed; `ValueError` if there are no such."""
    named = {PLACES[register][field]: value for field, value in fields.items()}
    loop = {name: named.pop(name) for name in list(named) if not hasattr(settings, name)}
    return replace(settings, loop=replace(settings.loop, **loop), **named)


class Host:
    """Accesses, and the registers as golden knows them."""

    def __init__(self, config, rng):
        self.config, self.rng = config, rng
        self.settings, self.unlocked = ProgramSettings.of(config), 0
        self.results = {name: dict.fromkeys(unpack(name, 0), 0) for name in RESULTS}
        self.busy = 0
        self.tally = {True: 0, False: 0}

    def clock(self, **inputs):
        seen = yield {"bus.access": 0, "bus.write": int(self.rng.integers(2)),
                      "bus.address": int(self.rng.integers(1 << 17)),
                      "bus.data": int(self.rng.integers(1 << 32)), "busy": self.busy,
                      "progress": 0, **inputs}
        assert seen["settings"] == settings_word(self.settings)
        assert seen["unlocked"] == self.unlocked
        return seen

    def access(self, address, data=None):
        """(refused, what was read)."""
        told = {"bus.write": 0} if data is None else {"bus.write": 1, "bus.data": data}
        yield from self.clock(**{"bus.access": 1, "bus.address": address, **told})
        # Seen in the clock after; what was written shows then too.
        seen = yield {"bus.access": 0, "progress": 0, "busy": self.busy}
        return seen["bus.refused"], seen["bus.read"]

    def write(self, register, **fields):
        """A write that golden allows or not."""
        wanted = unpack(register, pack(register, **fields))
        try:
            allowed = changed(self.settings, register, wanted).validate(self.config)
        except ValueError:
            allowed = None
        refused, _ = yield from self.access(REGISTERS[register].offset,
                                            pack(register, **wanted))
        assert refused == (allowed is None or self.busy), (register, wanted, self.settings)
        if not refused:
            self.settings = allowed
        self.tally[bool(refused)] += 1
        yield from self.read(register)

    def read(self, register):
        values = self.settings.values()
        if register in PLACES:
            shown = {field: values[name] for field, name in PLACES[register].items()}
        elif register == "PROGRAM_KEY":
            shown = {"key": self.unlocked}
        else:
            shown = self.results[register]
        refused, word = yield from self.access(REGISTERS[register].offset)
        assert not refused and word == pack(register, **shown), (register, unpack(register, word))

    def read_all(self):
        for register in (r.name for r in PROGRAM.registers):
            yield from self.read(register)

    def key(self, word):
        refused, _ = yield from self.access(REGISTERS["PROGRAM_KEY"].offset, word)
        assert not refused
        self.unlocked = int(word == PROGRAM_KEY)
        yield from self.read("PROGRAM_KEY")

    def events(self, **fields):
        yield from self.clock(progress=encode(progress_layout(), fields))
        r = self.results
        if fields.get("begin"):
            self.results = {name: dict.fromkeys(row, 0) for name, row in r.items()}
            return
        for name in ("converged", "failed"):
            r[f"PROGRAM_{name.upper()}"]["count"] += fields.get(name, 0)
            r["PROGRAM_CELLS"]["count"] += fields.get(name, 0)
        r["PROGRAM_PULSES"]["count"] += fields.get("pulsed", 0)
        shown = r["PROGRAM_RESULT"]
        shown["rows"] += fields.get("row", 0)
        if fields.get("row"):
            shown["rounds"] = max(shown["rounds"], fields["rounds"])
        for name in ("clipped", "surplus"):
            shown[name] |= fields.get(name, 0)


def script(config, rng):
    host, program = Host(config, rng), config.program
    yield from host.read_all()
    lengths = (0, 1, program.max_pulse_clocks - 1, program.max_pulse_clocks,
               program.max_pulse_clocks + 1, 4095)
    currents = (0, 1, program.max_current_ua, program.max_current_ua + 1, 4095)

    def any_of(values):
        return int(rng.choice([v for v in values if 0 <= v <= 4095]))

    def near(*values):
        return any_of([v + d for v in values for d in (-1, 0, 1)])

    for _ in range(200):
        loop, s = host.settings.loop, host.settings
        margin = any_of([0, 1, 2, 3, 4, 5, 8, 9, 16, 4095])
        yield from host.write(
            "PROGRAM_LIMITS", margin=margin, windows=any_of([0, 1, 15, 16, 17, 31]),
            max_rounds=min(255, any_of([0, 1, program.max_rounds, program.max_rounds + 1, 255])))
        yield from host.write("PROGRAM_CURRENTS", low=any_of([0, *range(loop.start - 1,
                                                                       loop.start + 2)]),
                              high=any_of([loop.start - 1, loop.start, *currents]))
        yield from host.write(
            "PROGRAM_STEP", start=near(loop.low, loop.high),
            gain=min(255, any_of([0, 1, 255, 8 // loop.margin, 8 // loop.margin + 1])))
        yield from host.write("PROGRAM_RESET", clocks=any_of(lengths), current=any_of(currents))
        yield from host.write("PROGRAM_SET", current=any_of(currents), clocks=any_of(
            [*lengths, *(program.max_pulse_clocks - s.set_trailing + d for d in (-1, 0, 1))]))
        yield from host.write("PROGRAM_PULSE", clocks=any_of(lengths), trailing=any_of(
            [0, 1, *(program.max_pulse_clocks - s.set_clocks + d for d in (-1, 0, 1))]))
        yield from host.write("PROGRAM_PRECHARGE", clocks=any_of([0, 1, 2, 4000]))
    assert min(host.tally.values()) > 300, host.tally
    for word in (PROGRAM_KEY, PROGRAM_KEY ^ 1, PROGRAM_KEY, 0, PROGRAM_KEY, 1, PROGRAM_KEY,
                 PROGRAM_KEY ^ 1 << 31):
        yield from host.key(word)

    # Settings of golden, written in golden's order, whatever is there.
    wanted = [ProgramSettings.of(config), host.settings, ProgramSettings.of(config)]
    for settings in wanted:
        for register, word in settings.writes(config):
            yield from host.write(register, **unpack(register, word))
        assert host.settings == settings

    yield from host.events(converged=1)
    yield from host.events(begin=1)
    host.busy = 1
    for register in PLACES:
        yield from host.write(register)
    yield from host.key(PROGRAM_KEY)
    for _ in range(60):
        yield from host.events(**{name: int(rng.integers(2)) for name in (
            "converged", "failed", "pulsed", "row")}, rounds=int(rng.integers(256)))
    yield from host.read_all()
    for name in ("clipped", "surplus"):
        yield from host.events(**{name: 1})
        yield from host.events(row=1, rounds=3)
        yield from host.read("PROGRAM_RESULT")
    host.busy = 0
    yield from host.events(begin=1)
    yield from host.read_all()

    known = {r.offset for r in PROGRAM.registers}
    for register in PROGRAM.registers:
        for near_by in (register.offset + d for d in (1, 2, 3, 4)):
            if near_by not in known:
                for data in (None, 1):
                    refused, word = yield from host.access(near_by, data)
                    assert refused and not word
        if not register.writable:
            refused, _ = yield from host.access(register.offset, mask(32))
            assert refused
    yield from host.read_all()


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(CONFIGS[variant], rng), deadline=20_000,
                       outputs=("bus.read", "bus.refused", "settings", "unlocked"))
