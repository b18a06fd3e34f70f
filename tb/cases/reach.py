"""Reach: codes and steps with numbers of windows on both sides of every edge, and at random."""

from golden.presets import tiny
from golden.registers import MOST_REPEATS
from hw.control.reach import Reach
from tb.agents.script import ScriptAgent

VARIANTS = {"ten_bits": 10, "two_bits": 2, "sixteen_bits": 16}
"""Bits of the code."""


def build(variant):
    return Reach(tiny.replace(readout={"reference_bits": VARIANTS[variant]}))


def trials(top, rng):
    """(code, step, repeats)."""
    largest = 2 * MOST_REPEATS - 1
    ends = sorted({0, 1, 2, 3, top // 2, top - 1, top})
    anywhere = [tuple(int(n) >> int(rng.integers(top.bit_length()))
                      for n in rng.integers(top + 1, size=2)) for _ in range(400)]
    for code, step in [*((code, step) for code in ends for step in ends), *anywhere]:
        fits = (top - code) // step + 1 if step else MOST_REPEATS
        for repeats in {0, 1, fits - 1, fits, fits + 1, MOST_REPEATS, MOST_REPEATS + 1, largest,
                        int(rng.integers(largest + 1))}:
            if 0 <= repeats <= largest:
                yield code, step, repeats


def script(top, rng):
    tally = {True: 0, False: 0}
    for code, step, repeats in trials(top, rng):
        reference = {"code": code, "step": step}
        other = int(rng.integers(2 * MOST_REPEATS))
        yield {**reference, "repeats": other}
        yield {**reference, "repeats": repeats}
        seen = yield {**reference, "repeats": other}
        exists = 1 <= repeats <= MOST_REPEATS and code + step * (repeats - 1) <= top
        assert seen["exists"] == exists, f"{code} + {step} x ({repeats} - 1) is judged wrongly"
        tally[exists] += 1
    assert min(tally.values()) > 500


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script((1 << VARIANTS[variant]) - 1, rng), outputs=("exists",),
                       deadline=50_000)
