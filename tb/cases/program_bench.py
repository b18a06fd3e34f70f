"""The tile around the programming engine: a stream of targets, verify reads, and write heads."""

from hw.program.payloads import ProgramPins
from tb.bits import unpack

__all__ = ["OUTPUTS", "Heads", "Reads", "Targets"]

OUTPUTS = ("targets.ready", "read", "read_row", "read_windows", "read_devices", "sums.column",
           "waiting", "violation", "busy", "done", "progress", "pins.row", "pins.group",
           "pins.fire", "pins.negative", "pins.trailing", "pins.current")


class Targets:
    """Offers beats, (data, last), with random idle clocks."""

    def __init__(self, rng, max_idle):
        self._rng, self._max_idle = rng, max_idle
        self.beats = []
        self._offered = False

    def drive(self):
        self._offered = bool(self.beats) and (
            self._offered or not self._rng.integers(0, self._max_idle, endpoint=True))
        data, last = self.beats[0] if self._offered else (int(self._rng.integers(1 << 16)), 1)
        return {"targets.valid": int(self._offered),
                "targets.payload": data | last << self._width}

    def begin(self, beats, width):
        self.beats, self._width, self._offered = list(beats), width, False

    def check(self, seen):
        if self._offered and seen["targets.ready"]:
            self.beats.pop(0)
            self._offered = False


class Reads:
    """Answers verify reads from an array; sums are noise until a read is done."""

    def __init__(self, config, rng, max_idle):
        self._rng, self._max_idle = rng, max_idle
        self._columns = config.array.columns
        self._width = 5 + config.readout.counter_bits
        self.array = None
        self._left = None
        self.sums = None
        self._asked = 0
        self.log = []

    def drive(self):
        noise = self.sums is None or self._left is not None or self._asked >= self._columns
        value = int(self._rng.integers(1 << 10)) if noise else int(self.sums[self._asked])
        return {"sums.sum": value & ((1 << self._width) - 1), "read_done": int(self._left == 0)}

    def check(self, seen, clocks):
        self._asked = seen["sums.column"]
        told = (seen["read_row"], seen["read_devices"], seen["read_windows"])
        if self._left is not None:
            assert told == self._told and not seen["read"], "what a read is told must be steady"
            self._left = self._left - 1 if self._left else None
        if seen["read"]:
            self.log.append(told)
            self.sums, self._told = self.array.read(*told), told
            self._left = clocks - 1 + int(self._rng.integers(0, self._max_idle, endpoint=True))


class Heads:
    """Write heads: when they are ready, what they were told, and for how long they fired."""

    def __init__(self, config, rng, max_stall):
        self._config, self._rng, self._max_stall = config, rng, max_stall
        names = ProgramPins(config).members
        self._steady = [f"pins.{n}" for n in names if n not in ("fire", "trailing", "ready")]
        self.array = None
        self.forget()

    def forget(self):
        self.log, self._pulse, self._before = [], None, []
        self._ready = True

    def drive(self):
        self._ready = not self._rng.integers(0, self._max_stall, endpoint=True)
        return {"pins.ready": int(self._ready)}

    def check(self, seen):
        """Follows the pins; a pulse reaches the array when it is over."""
        told, fire = {name: seen[name] for name in self._steady}, seen["pins.fire"]
        before = self._before
        if fire and self._pulse is None:
            # The heads were ready in the second clock before the pulse, and told before that.
            assert before[0][0] == before[1][0] == told, "pins must be steady before a pulse"
            assert before[0][1], "a pulse without heads that are ready"
            self._pulse = [told, fire, 0, 0]
        if self._pulse is not None:
            assert told == self._pulse[0], "pins must be steady in a pulse and one clock more"
            if fire:
                assert fire == self._pulse[1], "the heads of a pulse fire together"
                self._pulse[2 + seen["pins.trailing"]] += 1
                assert seen["pins.trailing"] or not self._pulse[3], "the trailing edge is the end"
            else:
                self._end()
        assert fire or not seen["pins.trailing"]
        self._before = [*before, (told, self._ready and seen["waiting"])][-2:]

    def _end(self):
        (told, fire, clocks, trailing), self._pulse = self._pulse, None
        heads = self._config.program.heads
        currents = unpack(told["pins.current"], 12, heads)
        negative = unpack(told["pins.negative"], 1, heads)
        device = unpack(told.get("pins.device", 0), 1, heads)
        firing = [h for h in range(heads) if fire >> h & 1]
        group, row = told["pins.group"], told["pins.row"]
        cells = [(heads * group + h, currents[h], device[h], negative[h]) for h in firing]
        self.log.append((row, clocks, trailing, cells))
        columns, currents, device, negative = zip(*cells, strict=True)
        self.array.pulse(row, columns, currents, device, negative, trailing=trailing > 0)
