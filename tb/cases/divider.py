"""Divider: every refusal, ties and the ends of the range, each quotient in so many clocks."""

from golden.drift.divide import Refusal, divide
from golden.drift.formats import DriftFormats
from golden.presets import tiny
from golden.qformat import QFormat
from hw.drift.divider import Divider
from tb.agents.script import ScriptAgent
from tb.bits import mask

VARIANTS = {
    "tiny": (tiny.drift.gain, DriftFormats.of(tiny).total.fmt.width),
    "coarse": (QFormat(False, 1, 1), 9),
    "long": (QFormat(False, 3, 20), 60),
}


def build(variant):
    fmt, width = VARIANTS[variant]
    return Divider(fmt=fmt, width=width)


def magnitude(rng, bits):
    return int(rng.integers(1 << bits)) >> int(rng.integers(bits))


def operands(fmt, width, rng):
    """(numerator, denominator, minimum) around everything that decides."""
    top = mask(width - 1)
    yield from ((0, 1, 0), (1, 0, 0), (0, 0, 0), (0, -1, 9), (-1, 1, 0), (1, -1, 0), (-1, -1, 0),
                (-top - 1, -top - 1, 0), (top, top, 0), (top, 1, 0), (1, top, 0), (top, top - 1, 0))
    step = 1 << (fmt.frac_bits + 1)
    for _ in range(150):
        # Numerators around a quotient and around the tie above it.
        denominator = max(magnitude(rng, width - 2), 1)
        if rng.random() < 0.5:
            denominator = max(min(denominator, top // step) * step, step)
        quotient = int(rng.choice([0, 1, magnitude(rng, fmt.width), fmt.max, fmt.max]))
        exact = (2 * quotient + int(rng.integers(2))) * denominator // step
        numerator = exact + int(rng.integers(-1, 2))
        if denominator <= top and 0 < numerator <= top:
            low = min(numerator, denominator)
            minimum = int(rng.choice([0, 0, 0, low, low + 1]))
            yield numerator, denominator, min(minimum, mask(32))
    for _ in range(50):
        yield (*(magnitude(rng, width - 1) * int(rng.choice([1, 1, 1, -1])) for _ in "nd"),
               magnitude(rng, 32) >> 8)


def script(fmt, width, rng):
    tally = dict.fromkeys(Refusal, 0) | {"ties": 0, "largest": 0, "one step": 0}
    for numerator, denominator, minimum in operands(fmt, width, rng):
        wanted, refusal = divide(numerator, denominator, fmt, minimum=minimum)
        inputs = {"start": 1, "numerator": numerator & mask(width),
                  "denominator": denominator & mask(width), "minimum": minimum}
        seen = yield inputs
        clocks = 0
        while clocks == 0 or not seen["done"]:
            seen = yield {**inputs, "start": int(rng.random() < 0.2)}
            clocks += 1
            assert clocks < 100, "never done"
        got = seen["quotient"], Refusal(seen["refusal"])
        assert got == (wanted, refusal), (got, (wanted, refusal), numerator, denominator, minimum)
        divided = refusal is Refusal.NONE or refusal is Refusal.RANGE
        assert clocks == (fmt.width + 4 if divided else 2) or (
            clocks == 2 and numerator >= denominator << fmt.int_bits), clocks
        for _ in range(int(rng.integers(3))):
            seen = yield {name: 0 if name == "start" else int(rng.integers(1 << 8))
                          for name in inputs}
            assert not seen["done"], "done is one clock"
            assert (seen["quotient"], seen["refusal"]) == got, "they stay"
        tally[refusal] += 1
        good = refusal is Refusal.NONE
        tally["ties"] += good and (2 * numerator << fmt.frac_bits) % denominator == 0 and (
            (2 * numerator << fmt.frac_bits) // denominator % 2 == 1)
        tally["largest"] += good and wanted == fmt.max
        tally["one step"] += good and wanted == 1
    for name in (Refusal.NONE, Refusal.ZERO, Refusal.NEGATIVE, Refusal.TINY, Refusal.RANGE,
                 "ties", "largest", "one step"):
        assert tally[name] > 3, (name, tally)


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(*VARIANTS[variant], rng), outputs=("done", "quotient", "refusal"),
                       deadline=20_000)
