"""The tile around the programming engine: a stream of targets, verify reads, and write heads."""

from hw.program.payloads import ProgramPins
from tb.write_heads import STEADY, Pulses

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


class Heads(Pulses):
    """Write heads that are ready at random."""

    def __init__(self, config, rng, max_stall):
        super().__init__(config)
        self._rng, self._max_stall = rng, max_stall
        self._names = [name for name in ProgramPins(config).members if name in STEADY]
        self._willing, self._clock = True, 0

    def drive(self):
        self._willing = not self._rng.integers(0, self._max_stall, endpoint=True)
        return {"pins.ready": int(self._willing)}

    def check(self, seen):
        self._clock += 1
        self.readiness(self._clock, bool(self._willing and seen["waiting"]))
        self.see(self._clock, {name: seen[f"pins.{name}"] for name in self._names},
                 fire=seen["pins.fire"], trailing=seen["pins.trailing"])
