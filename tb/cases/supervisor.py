"""Supervisor: every fault, alone, with others, in a flush and beside a recovery; both watchdogs."""

import itertools

from golden.faults import FAULTS
from hw.control.supervisor import FLUSH_CLOCKS, Supervisor
from tb.agents.script import ScriptAgent
from tb.bits import mask

VARIANTS = {"tiny": 24, "narrow": 3}
"""Bits of the limit; the largest one is reached with few."""

WATCHED = ("conversion", "pulse")
AT_ONCE = ("coefficient_parity", "descriptor_parity", "pulse_limit")


def build(variant):
    return Supervisor(watchdog_bits=VARIANTS[variant])


class Model:
    """What is wrong, since when, and what is left of a flush."""

    def __init__(self):
        self.code, self.left = 0, 0
        self.waited = dict.fromkeys(WATCHED, 0)  # clocks without a break

    @property
    def flush(self):
        return bool(self.code or self.left)

    def found(self, inputs):
        """Code of the first fault of this clock; 0: none, or none that is told in a flush."""
        hung = [name for name in WATCHED if inputs[f"{name}_waits"] and inputs["limit"]
                and self.waited[name] >= inputs["limit"]]
        faults = [*hung, *(name for name in AT_ONCE if inputs[name])]
        return min(map(FAULTS.index, faults), default=0) if not self.flush else 0

    def clock(self, inputs):
        found = self.found(inputs)
        for name in WATCHED:
            waits = inputs[f"{name}_waits"] and not self.flush
            self.waited[name] = self.waited[name] + 1 if waits else 0
        self.left = FLUSH_CLOCKS if inputs["recover"] else max(0, self.left - 1)
        self.code = 0 if inputs["recover"] and not found else found or self.code


def directed(top):
    """Inputs, clock by clock; a number of clocks with the same ones."""
    rest, over = (FLUSH_CLOCKS + 3, {}), (1, {"recover": 1})
    for count in range(1, len(AT_ONCE) + 1):
        for names in itertools.combinations(AT_ONCE, count):
            both = dict.fromkeys(names, 1)
            yield from (rest, (1, both), (3, {}), over, rest)  # found, safe, recovered
            yield from ((1, both), over, rest)  # recovered at once
            yield from ((1, {**both, "recover": 1}), (9, {}), over, rest)  # the fault wins
            yield from ((1, both), (1, dict.fromkeys(AT_ONCE, 1)), (2, {}))  # the first one stays
            yield from ((1, {**both, "recover": 1}), (2, both), rest)  # not told in a flush
    for limit in sorted({1, 2, top}):
        for name in WATCHED:
            waits = {f"{name}_waits": 1, "limit": limit}
            yield from ((limit, waits), (2, {"limit": limit}))  # just not too long
            yield from ((limit, waits), (1, {"limit": limit}), (limit, waits), rest)  # a break
            yield from ((limit + 1, waits), (2, {"limit": limit}), over, rest)  # too long
            yield from ((limit, waits), (1, {**waits, "recover": 1}), (4, {}), over, rest)
            yield from ((limit, waits), (1, {"limit": limit, "recover": 1}))  # a flush is a break
            yield from ((limit + FLUSH_CLOCKS, waits), (1, waits), over, rest)
            yield from ((3 * limit + 20, {**waits, "limit": 0}), (1, waits), over, rest)  # never
            yield from ((limit + 1, {f"{n}_waits": 1 for n in WATCHED} | {"limit": limit}), over,
                        rest)  # both at once
    for again in range(1, FLUSH_CLOCKS + 2):
        yield from (over, (again - 1, {}), over, rest)


def random(rng, top):
    likely = dict.fromkeys((*AT_ONCE, "recover"), 0.01)
    inputs = {"limit": 0}
    for _ in range(6000):
        if rng.random() < 0.02:
            inputs["limit"] = int(rng.integers(top + 1))
        for name in WATCHED:
            if rng.random() < 0.2:
                inputs[f"{name}_waits"] = int(rng.random() < 0.7)
        yield 1, {**inputs, **{name: int(rng.random() < p) for name, p in likely.items()}}


def script(rng, top):
    model, none = Model(), dict.fromkeys(
        (*(f"{name}_waits" for name in WATCHED), "limit", *AT_ONCE, "recover"), 0)
    codes, longest, flushed = set(), 0, 0
    for clocks, given in itertools.chain(directed(top), random(rng, top)):
        for _ in range(clocks):
            inputs = {**none, **given}
            seen = yield inputs
            found = model.found(inputs)
            wanted = {"flush": int(model.flush), "safe": int(model.code > 0),
                      "fault": int(found > 0), "code": model.code}
            assert seen == wanted, f"{wanted} for {inputs}, not {seen}"
            codes.add(found)
            model.clock(inputs)
            flushed = flushed + 1 if seen["flush"] else 0
            longest = max(longest, flushed)
    assert codes == set(range(len(FAULTS))) and longest > 20


def agent(variant, rng, *, max_idle, max_stall):
    top = min(mask(VARIANTS[variant]), 100)
    return ScriptAgent(script(rng, top), outputs=("flush", "safe", "fault", "code"),
                       deadline=20_000)
