"""Streams: payloads in and payloads out, with random idle and stall of each by itself."""

from dataclasses import dataclass, field

__all__ = ["StreamAgent", "Streams"]

DRAIN = 24
"""Clocks in which nothing more may come."""


@dataclass(frozen=True, kw_only=True)
class Streams:
    """What goes in and what must come out.

    Parameters
    ----------
    given, wanted : list of int
        Payloads of ``i`` and of ``o``.
    also_given, also_wanted : dict of list of int
        Payloads of other streams, by name.
    setup : list of dict
        Inputs of the clocks before any traffic.
    beside : list of dict
        Inputs that accompany each given payload of ``i``; all are 0 while none is offered.
    flags : list of dict
        Outputs in the clock that each given payload of ``i`` is taken; all are 0 in every other
        clock.
    """

    given: list
    wanted: list
    also_given: dict = field(default_factory=dict)
    also_wanted: dict = field(default_factory=dict)
    setup: list = field(default_factory=list)
    beside: list = field(default_factory=list)
    flags: list = field(default_factory=list)


class Source:
    """Offers payloads at stream ``name``; ``taken`` are the clocks in which they went."""

    def __init__(self, name, payloads, rng, longest):
        self._name, self._payloads, self._rng, self._longest = name, payloads, rng, longest
        self.outputs = (f"{name}.ready",)
        self.offered = False
        self.taken = []

    @property
    def done(self):
        return len(self.taken) == len(self._payloads)

    def rest(self):
        return {f"{self._name}.valid": 0, f"{self._name}.payload": 0}

    def drive(self):
        if self.done:
            self.offered = False
        elif not self.offered:
            self.offered = _pause(self._rng, self._longest) == 0
        index = min(len(self.taken), len(self._payloads) - 1)
        payload = self._payloads[index] if self._payloads else 0
        # What is not offered must not be looked at.
        return {f"{self._name}.valid": int(self.offered),
                f"{self._name}.payload": payload if self.offered else payload ^ 1}

    def check(self, seen, clock):
        """Whether the payload was taken."""
        if not (self.offered and seen[f"{self._name}.ready"]):
            return False
        self.taken.append(clock)
        self.offered = False
        return True


class Sink:
    """Takes payloads at stream ``name``; ``sent`` are the clocks in which they came."""

    def __init__(self, name, wanted, rng, longest):
        self._name, self._wanted, self._rng, self._longest = name, wanted, rng, longest
        self.outputs = (f"{name}.valid", f"{name}.payload")
        self._held = None
        self.sent = []

    @property
    def done(self):
        return len(self.sent) == len(self._wanted)

    def rest(self):
        return {f"{self._name}.ready": 0}

    def drive(self):
        self._ready = _pause(self._rng, self._longest) == 0
        return {f"{self._name}.ready": int(self._ready)}

    def idle(self, seen):
        return not seen[f"{self._name}.valid"]

    def check(self, seen, clock):
        """Whether a payload came."""
        valid, payload = seen[f"{self._name}.valid"], seen[f"{self._name}.payload"]
        if self._held is not None:
            assert valid and payload == self._held, f"{self._name} must hold until taken"
        self._held = payload if valid and not self._ready else None
        if not (valid and self._ready):
            return False
        item = len(self.sent)
        assert item < len(self._wanted), (
            f"{payload:#x} of {self._name} is left over after {item} payloads")
        assert payload == self._wanted[item], (
            f"payload {item} of {self._name} must be {self._wanted[item]:#x}, not {payload:#x}")
        self.sent.append(clock)
        return True


class StreamAgent:
    """Sources, sinks and the rules of streams.

    Members
    -------
    taken, sent : list of int
        Clocks in which the payloads of ``i`` and of ``o`` were transferred.
    """

    def __init__(self, work, rng, *, max_idle, max_stall):
        given = {"i": work.given, **work.also_given}
        wanted = {"o": work.wanted, **work.also_wanted}
        generators = rng.spawn(2) + rng.spawn(len(given) + len(wanted) - 2)
        first, second, *rest = generators
        self._work = work
        self.sources = {
            name: Source(name, payloads, generator, max_idle) for (name, payloads), generator
            in zip(given.items(), [first, *rest[:len(given) - 1]], strict=True)}
        self.sinks = {
            name: Sink(name, payloads, generator, max_stall) for (name, payloads), generator
            in zip(wanted.items(), [second, *rest[len(given) - 1:]], strict=True)}
        self._ends = [*self.sources.values(), *self.sinks.values()]
        self._flags = {name: 0 for row in work.flags for name in row}
        self._no_beside = {name: 0 for row in work.beside for name in row}
        self._clock = 0
        self._quiet = 0
        self.outputs = (*(name for end in self._ends for name in end.outputs), *self._flags)
        self.deadline = len(work.setup) + 1000 + 8 * (
            sum(map(len, given.values())) * (1 + max_idle)
            + sum(map(len, wanted.values())) * (1 + max_stall))

    @property
    def taken(self):
        return self.sources["i"].taken

    @property
    def sent(self):
        return self.sinks["o"].sent

    @property
    def done(self):
        return self._quiet == DRAIN

    def drive(self):
        work, source = self._work, self.sources["i"]
        if self._clock < len(work.setup):
            rest = {name: value for end in self._ends for name, value in end.rest().items()}
            return {**self._no_beside, **rest, **work.setup[self._clock]}
        inputs = {name: value for end in self._ends for name, value in end.drive().items()}
        beside = (work.beside[len(self.taken)] if source.offered and work.beside
                  else self._no_beside)
        return {**inputs, **beside}

    def check(self, seen):
        self._clock += 1
        if self._clock <= len(self._work.setup):
            assert all(sink.idle(seen) for sink in self.sinks.values()), (
                "an output before any input")
            return
        flags = self._flags
        for name, source in self.sources.items():
            if source.check(seen, self._clock) and name == "i" and self._work.flags:
                flags = self._work.flags[len(self.taken) - 1]
        for name, wanted in flags.items():
            assert seen[name] == wanted, (
                f"{name} must be {wanted} and not {seen[name]} after {len(self.taken)} payloads")
        for sink in self.sinks.values():
            sink.check(seen, self._clock)
        self._quiet += all(end.done for end in self._ends)


def _pause(rng, longest):
    return int(rng.integers(0, longest, endpoint=True))
