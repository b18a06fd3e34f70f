"""Streams: payloads in at ``i``, payloads out at ``o``, with random idle and stall."""

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
    setup : list of dict
        Inputs of the clocks before any traffic.
    beside : list of dict
        Inputs that accompany each given payload; all are 0 while none is offered.
    flags : list of dict
        Outputs in the clock that each given payload is taken; all are 0 in every other clock.
    """

    given: list
    wanted: list
    setup: list = field(default_factory=list)
    beside: list = field(default_factory=list)
    flags: list = field(default_factory=list)


class StreamAgent:
    """A source, a sink and the rules of streams.

    Members
    -------
    taken, sent : list of int
        Clocks in which the given and the wanted payloads were transferred.
    """

    def __init__(self, work, rng, *, max_idle, max_stall):
        self._work = work
        self._source, self._sink = rng.spawn(2)
        self._max_idle, self._max_stall = max_idle, max_stall
        self._flags = {name: 0 for row in work.flags for name in row}
        self._no_beside = {name: 0 for row in work.beside for name in row}
        self._offered = False
        self._held = None
        self._clock = 0
        self._quiet = 0
        self.taken, self.sent = [], []
        self.outputs = ("i.ready", "o.valid", "o.payload", *self._flags)
        self.deadline = len(work.setup) + 1000 + 8 * (
            len(work.given) * (1 + max_idle) + len(work.wanted) * (1 + max_stall))

    @property
    def done(self):
        return self._quiet == DRAIN

    def drive(self):
        work = self._work
        if self._clock < len(work.setup):
            return {**self._no_beside, "i.valid": 0, "i.payload": 0, "o.ready": 0,
                    **work.setup[self._clock]}
        index = len(self.taken)
        if index == len(work.given):
            self._offered = False
        elif not self._offered:
            self._offered = self._pause(self._source, self._max_idle) == 0
        self._ready = self._pause(self._sink, self._max_stall) == 0
        payload = work.given[min(index, len(work.given) - 1)]
        beside = work.beside[index] if self._offered and work.beside else self._no_beside
        # What is not offered must not be looked at.
        return {"i.valid": int(self._offered), "o.ready": int(self._ready),
                "i.payload": payload if self._offered else payload ^ 1, **beside}

    def check(self, seen):
        self._clock += 1
        if self._clock <= len(self._work.setup):
            assert not seen["o.valid"], "an output before any input"
            return
        if self._held is not None:
            assert seen["o.valid"] and seen["o.payload"] == self._held, "o must hold until taken"
        flags = self._flags
        if self._offered and seen["i.ready"]:
            flags = self._work.flags[len(self.taken)] if self._work.flags else flags
            self.taken.append(self._clock)
            self._offered = False
        for name, wanted in flags.items():
            assert seen[name] == wanted, (
                f"{name} must be {wanted} and not {seen[name]} after {len(self.taken)} payloads")
        self._held = seen["o.payload"] if seen["o.valid"] and not self._ready else None
        if seen["o.valid"] and self._ready:
            self._receive(seen["o.payload"])
        complete = (len(self.taken) == len(self._work.given)
                    and len(self.sent) == len(self._work.wanted))
        self._quiet += complete

    def _receive(self, payload):
        item, wanted = len(self.sent), self._work.wanted
        assert item < len(wanted), f"{payload:#x} is left over after {item} payloads"
        assert payload == wanted[item], (
            f"payload {item} must be {wanted[item]:#x}, not {payload:#x}")
        self.sent.append(self._clock)

    @staticmethod
    def _pause(rng, longest):
        return int(rng.integers(0, longest, endpoint=True))
