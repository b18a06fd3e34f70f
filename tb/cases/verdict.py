"""Verdict: errors around the margin, ties of the change of current, both bounds, extremes."""

import numpy as np

from golden.array.verify import VerifySettings, verify_step
from golden.presets import tiny
from golden.program.formats import ProgramFormats
from hw.program.verdict import Verdict
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import mask

CONFIGS = {
    "tiny": tiny,
    "four_bits": tiny.replace(readout={"counter_bits": 4}),
    "sixteen_bits": tiny.replace(readout={"counter_bits": 16}, nmpu={"accumulator_bits": 40}),
}
VARIANTS = tuple(CONFIGS)
ITEMS = 1500
PLACES = ("margin", "gain", "low", "high")


def build(variant):
    return Verdict(CONFIGS[variant])


def cells(formats, settings, rng):
    """(target, sum, current) near what decides under ``settings``."""
    loop, gain = settings, settings.gain
    target = rng.integers(formats.target.low, formats.target.high, ITEMS, endpoint=True)
    target >>= rng.integers(0, formats.target.fmt.width, ITEMS)
    near = rng.integers(-2, 3, ITEMS) + rng.choice([-1, 1], ITEMS) * loop.margin
    # gain * error is half way between two currents.
    step = 16 // np.gcd(gain, 16) if gain % 16 else 1
    tie = (8 // np.gcd(gain, 8) if gain % 16 else 1) + step * rng.integers(-30, 30, ITEMS)
    # The change that leads to a bound, or one further.
    current = rng.integers(loop.low, loop.high, ITEMS, endpoint=True)
    bound = rng.choice([loop.low, loop.high], ITEMS)
    edge = (bound - current) * 16 // gain + rng.integers(-1, 3, ITEMS)
    far = rng.integers(-formats.sum.high, formats.sum.high, ITEMS, endpoint=True)
    far >>= rng.integers(0, formats.sum.fmt.width, ITEMS)
    error = np.choose(rng.integers(0, 4, ITEMS), [near, tie, edge, far])
    error = np.where(rng.random(ITEMS) < 0.02, rng.choice([-1, 1], ITEMS) * 2 * formats.sum.high,
                     error)
    along = np.clip(np.abs(target) + error, -formats.sum.high, formats.sum.high)
    return target, np.where(target < 0, -along, along), current


def agent(variant, rng, *, max_idle, max_stall):
    formats = ProgramFormats.of(CONFIGS[variant])
    given, wanted = [], []
    for settings in (VerifySettings(), VerifySettings(gain=24, margin=3),
                     VerifySettings(gain=1, margin=9, low=0, high=4095),
                     VerifySettings(gain=255, margin=1, low=200, high=201, start=200),
                     VerifySettings(gain=3, margin=4095)):
        target, read, current = cells(formats, settings, rng)
        negative = target < 0
        error, good, following = verify_step(
            np.abs(target), np.where(negative, -read, read), current, settings)
        changed = np.clip(current + settings.change(error), settings.low, settings.high)
        np.testing.assert_array_equal(following[~good], changed[~good])
        if settings.gain in (32, 24):
            assert (changed == settings.low).sum() > 20 < (changed == settings.high).sum()
        if settings.gain in (24, 3):
            assert ((error * settings.gain) % 16 == 8).sum() > 40, "too few ties"
        told = {name: getattr(settings, name) for name in PLACES}
        given += [{"target": int(t) & mask(formats.target.fmt.width), "current": int(c),
                   "sum": int(r) & mask(formats.sum.fmt.width), **told}
                  for t, r, c in zip(target, read, current, strict=True)]
        # Settings change only while nothing is inside.
        given += [given[-1]] * Verdict.latency
        rows = [{"error": int(e) & mask(formats.error.fmt.width), "good": int(g), "next": int(n)}
                for e, g, n in zip(error, good, changed, strict=True)]
        wanted += rows + [{}] * Verdict.latency
    return PipelineAgent(Pipeline(inputs=given, outputs=wanted,
                                  latency=Verdict.latency, enable=None), rng, max_stall=0)

