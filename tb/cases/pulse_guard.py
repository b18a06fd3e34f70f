"""Pulse guard: pulses up to every limit pass as they are, and one step beyond none does."""

from golden.presets import tiny
from hw.program.guard import PulseGuard
from hw.program.payloads import Kind
from hw.program.payloads import pulse as pulse_layout
from tb.agents.script import ScriptAgent
from tb.bits import encode, mask, pack

CONFIGS = {
    "two_heads": tiny.replace(program={"max_pulse_clocks": 6, "max_rounds": 3}),
    "one_head": tiny.replace(program={"heads": 1, "devices": 1, "max_pulse_clocks": 1,
                                      "max_rounds": 1, "max_current_ua": 4000}),
    "one_group": tiny.replace(program={"heads": 8, "max_pulse_clocks": 9, "max_rounds": 2}),
}
VARIANTS = tuple(CONFIGS)
STEADY = ("row", "group", "negative", "device", "current")


def build(variant):
    return PulseGuard(CONFIGS[variant])


class Guarded:
    """Pulses into a guard, and what must be at its pins."""

    def __init__(self, config, rng):
        self.config, self.rng = config, rng
        self.heads, self.devices = config.program.heads, config.program.devices
        self.groups = config.array.columns // self.heads
        self.layout = pulse_layout(config)
        self.steady = STEADY if self.devices == 2 else [n for n in STEADY if n != "device"]
        self.unlocked = 1

    def told(self, **fields):
        """A random pulse that is allowed, but for the fields given."""
        rng, every = self.rng, mask(self.heads)
        top = self.config.program.max_current_ua
        values = {"row": int(rng.integers(self.config.array.rows)),
                  "group": int(rng.integers(self.groups)),
                  "fire": int(rng.integers(1, every + 1)),
                  "negative": int(rng.integers(every + 1)),
                  "current": [int(rng.choice([0, top, rng.integers(top)]))
                              for _ in range(self.heads)],
                  "kind": Kind.RESET}
        if self.devices == 2:
            values["device"] = int(rng.integers(every + 1))
        return values | fields

    def clock(self, told=None, *, fire=0, trailing=0, **inputs):
        """One clock; what is not loaded is noise."""
        word = int(self.rng.integers(1 << 20)) if told is None else encode(self.layout, told)
        seen = yield {"pulse": word, "load": int(told is not None), "fire": fire, "restart": 0,
                      "trailing": trailing, "unlocked": self.unlocked, "clear": 0, **inputs}
        return seen

    def pulse(self, told, *, length=1, tail=0, lasts=None, violates=False):
        """A pulse; ``lasts``, if not ``length``, are the clocks that the guard lets it."""
        lasts = length if lasts is None else lasts
        yield from self.clock(told)
        for _ in range(int(self.rng.integers(1, 4))):
            seen = yield from self.clock()
            assert not seen["pins.fire"], "nobody has asked for a pulse"
        for k in range(length + 3):
            trailing = int(length - tail <= k < length)
            seen = yield from self.clock(fire=int(k < length), trailing=trailing)
            # The pins follow one clock later.
            fires = 1 <= k <= lasts
            assert seen["pins.fire"] == (told["fire"] if fires else 0), k
            assert seen["pins.trailing"] == int(fires and k > length - tail)
            for name in self.steady:
                value = pack(told[name], 12) if name == "current" else told[name]
                assert seen[f"pins.{name}"] == value, name
            assert seen["violation"] == int(violates and k > lasts), k

    def refused(self):
        """After a violation nothing fires, until it is cleared."""
        self.unlocked = 1
        yield from self.clock(self.told())
        for _ in range(4):
            seen = yield from self.clock(fire=1)
            assert seen["violation"] and not seen["pins.fire"]
        yield from self.clock(clear=1)
        for fire in (0, 1, 0, 0):
            seen = yield from self.clock(fire=fire)
            assert not seen["violation"] and not seen["pins.fire"], "nothing has been loaded"
        yield from self.pulse(self.told(), length=1)


def script(config, rng):
    g, program = Guarded(config, rng), config.program
    most, top = program.max_pulse_clocks, program.max_current_ua
    for length in (*range(1, most + 1), most, 1, most):
        yield from g.pulse(g.told(), length=length, tail=int(rng.integers(length)))
    for _ in range(4):
        yield from g.pulse(g.told(), length=most + int(rng.integers(1, 5)), lasts=most,
                           violates=True)
        yield from g.refused()

        g.unlocked = 0
        yield from g.pulse(g.told(), length=1, lasts=0, violates=True)
        yield from g.refused()

        # Locked while a pulse lasts.
        yield from g.clock(g.told(fire=1))
        yield from g.clock(fire=1)
        g.unlocked = 0
        seen = yield from g.clock(fire=1)
        assert seen["pins.fire"] and not seen["violation"]
        seen = yield from g.clock(fire=1)
        assert seen["violation"] and not seen["pins.fire"]
        yield from g.refused()

        # A description that changes while a pulse lasts.
        yield from g.clock(g.told(fire=1))
        yield from g.clock(fire=1)
        yield from g.clock(g.told(), fire=1)
        seen = yield from g.clock()
        assert seen["violation"] and not seen["pins.fire"]
        yield from g.refused()

        # Cleared while a pulse lasts.
        yield from g.clock(g.told())
        yield from g.clock(fire=1)
        yield from g.clock(clear=1, fire=1)
        seen = yield from g.clock()
        assert not seen["violation"] and not seen["pins.fire"]

        head = int(rng.integers(g.heads))
        told = g.told(fire=1 << head)
        told["current"][head] = top + 1
        yield from g.pulse(told, length=1, lasts=0, violates=True)
        yield from g.refused()
        # Too much at heads that do not fire harms nobody.
        told = g.told(fire=1 << head)
        told["current"] = [top if h == head else mask(12) for h in range(g.heads)]
        yield from g.pulse(told, length=1)
    yield from rounds(g, program.max_rounds)


def rounds(g, most):
    """Rounds of a row up to the limit, in which every or some groups fire, and one beyond.

    The first group fires in each: a group that was left out in a round has one pulse less, and may
    still have it.
    """
    for trial in range(4):
        row = trial % 2  # another one than before
        yield from g.pulse(g.told(row=row, group=g.groups - 1))
        for _ in range(most):
            for group in range(g.groups):
                if 0 < group < g.groups - 1 and trial and g.rng.random() < 0.5:
                    continue
                yield from g.pulse(g.told(row=row, group=group, kind=Kind.LOOP))
        # The first group once more, or the last one.
        again = 0 if trial < 2 else group
        if trial % 2:
            yield from g.pulse(g.told(row=row, group=again, kind=Kind.LOOP), lasts=0,
                               violates=True)
            yield from g.refused()
        elif trial:
            # Another row begins anew, and so does another job of the same row.
            yield from g.pulse(g.told(row=row + 2, group=again, kind=Kind.LOOP))
        else:
            yield from g.clock(restart=1)
            for _ in range(most):
                yield from g.pulse(g.told(row=row, group=again, kind=Kind.LOOP))
            yield from g.pulse(g.told(row=row, group=again, kind=Kind.LOOP), lasts=0,
                               violates=True)
            yield from g.refused()


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    pins = ["row", "group", "fire", "negative", "trailing", "current"]
    if config.program.devices == 2:
        pins.append("device")
    return ScriptAgent(script(config, rng), deadline=20_000,
                       outputs=("violation", *(f"pins.{name}" for name in pins)))
