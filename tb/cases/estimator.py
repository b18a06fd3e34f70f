"""Estimator: all estimates from random sums, every refusal, unused columns, against golden."""

import numpy as np

from golden.drift import estimate as golden
from golden.drift.divide import Refusal
from golden.drift.engine import METHODS
from golden.drift.formats import DriftFormats
from golden.drift.measure import Measurement
from golden.presets import tiny
from golden.qformat import QFormat
from hw.drift.estimator import Estimator
from tb.agents.script import ScriptAgent
from tb.bits import mask, signed
from tb.cases.configs import CONFIGS

VARIANTS = {
    "tiny": tiny,
    "three_groups": CONFIGS["three_groups"],
    # Beta is shifted by a single bit.
    "coarse": CONFIGS["fine"].replace(array={"columns": 2}, drift={
        "gain": QFormat(False, 3, 1), "max_repeats": 1, "vectors": 1}),
}
OUTPUTS = ("sums.slot", "sums.column", "done", "refusal", "tile_gain", "gain", "beta")
KINDS = ("good", "good", "any", "zero", "negative", "tiny", "range", "beta", "edge")


def build(variant):
    return Estimator(VARIANTS[variant])


def sums_of(config, rng, method, kind, reads):
    """Sums (4, columns) in the order of the slots, and a minimum."""
    top, columns = DriftFormats.of(config).sum.high, config.array.columns
    gain, offset = config.drift.gain, config.nmpu.offset
    if kind == "any":
        shift = rng.integers(0, top.bit_length() - 1, (4, columns))
        sums = rng.integers(-top, top, (4, columns)) // (1 << shift)
        return (sums if method == "fit" else abs(sums)), int(rng.integers(top) >> 8)
    slope = np.clip(rng.uniform(0.6, 2.2, columns), 0, gain.max * 0.9 / (1 << gain.frac_bits))
    if gain.frac_bits == 1:  # what is rounded off so coarse a slope is more than beta holds
        slope = np.maximum(np.rint(2 * slope), 1) / 2
    size = top // 64
    now = rng.integers(size // 2, size, (2, columns)) * [[1], [-1]]
    if method != "fit":
        now = abs(now)
    # Offsets that beta holds, in the fraction of a sum.
    unit = reads << (DriftFormats.of(config).sum.fmt.frac_bits - offset.frac_bits)
    room = (offset.max // 4) * unit
    beta = rng.integers(-room, room, columns, endpoint=True) if method == "fit" else 0
    then = np.clip(np.rint(now * slope).astype(np.int64) + beta, -top, top)
    if method == "fit":
        falling = rng.random(columns) < 0.5
        now, then = np.where(falling, now[::-1], now), np.where(falling, then[::-1], then)
    sums, k = np.concatenate([then, now]), int(rng.integers(columns))
    minimum = 0
    if kind == "zero":
        sums[2:, k] = sums[2, k] if method == "fit" else 0
    elif kind == "negative":
        sums[2:, k] = sums[3:1:-1, k] if method == "fit" else -sums[2:, k]
    elif kind == "tiny":
        minimum = int(size // 4)
        chosen = rng.random(columns) < 0.5
        chosen[k] = rng.random() < 0.5
        sums[1::2, chosen] = sums[0::2, chosen] + size // 8 if method == "fit" else 0
        sums[0::2, chosen] = sums[0::2, chosen] if method == "fit" else size // 8
        if rng.random() < 0.5:  # of a used column, too little is left
            sums[3, k], sums[2, k] = sums[2, k] + 5, sums[2, k] if method == "fit" else 5
    elif kind == "edge":  # the smallest column is just used, or just not
        least = int(size // 8)
        sums[:, k] = (0, least, 0, least + least // 8) if method == "fit" else (
            least, 0, least + least // 8, 0)
        minimum = least + int(rng.integers(2))
    elif kind == "range":
        sums[2:, k] = np.clip(sums[2:, k] // (1 << gain.int_bits + 2), -top, top)
    elif kind == "beta" and method == "fit":
        sums[:2, k] += int(rng.choice([-1, 1])) * (offset.max + 2) * unit
    return np.clip(sums, -top, top), min(minimum, mask(32))


def wanted_of(config, method, sums, minimum, repeats, weight):
    kept = [Measurement(sums=row, absolute=method != "fit", repeats=repeats, weight=weight,
                        saturated=False) for row in sums]
    if method == "fit":
        return golden.fit(kept[:2], kept[2:], config, minimum=minimum)
    return getattr(golden, method)(kept[0], kept[2], config, minimum=minimum)


def one(config, rng, method, sums, minimum, reads):
    """Drive one estimate; outputs at its end, and the gain and beta of every column."""
    width, columns = DriftFormats.of(config).sum.fmt.width, config.array.columns
    inputs = {"method": METHODS.index(method), "minimum": minimum,
              "reads_log2": reads.bit_length() - 1, "start": 1}
    answer, clocks = 0, 0
    while True:
        seen = yield {**inputs, "sums.sum": answer}
        slot, column = seen["sums.slot"], seen["sums.column"]
        answer = (int(sums[slot, column]) if column < columns else 0) & mask(width)
        if clocks and seen["done"]:
            break
        clocks += 1
        assert clocks < 120 * columns + 100, "never done"
        inputs["start"] = 0
    found = []
    for column in range(columns):
        yield {**inputs, "column": column}
        after = yield inputs
        assert not after["done"], "done is one clock"
        found.append((after["gain"], signed(after["beta"], config.nmpu.offset.width)))
    return seen, found, clocks


def script(config, rng, trials):
    tally = {(method, refusal): 0 for method in METHODS for refusal in Refusal}
    unused = 0
    for trial in range(trials):
        kind, method = KINDS[trial % len(KINDS)], METHODS[trial // len(KINDS) % 3]
        repeats = 1 << int(rng.integers(config.drift.max_repeats.bit_length()))
        weight = 1 << int(rng.integers(3)) if config.drift.max_repeats > 1 else 1
        sums, minimum = sums_of(config, rng, method, kind, repeats * weight)
        estimate, refusal = wanted_of(config, method, sums, minimum, repeats, weight)
        seen, found, clocks = yield from one(config, rng, method, sums, minimum, repeats * weight)
        assert seen["refusal"] == refusal, (kind, method, Refusal(seen["refusal"]), refusal)
        if estimate is not None:
            assert found == list(zip(estimate.gains.tolist(), estimate.betas.tolist(),
                                     strict=True)), (kind, method)
            common, _ = wanted_of(config, "tile", sums, minimum, repeats, weight)
            if method != "fit":
                assert seen["tile_gain"] == common.gains[0]
            unused += minimum > 0
        tally[method, refusal] += 1
    assert unused > 0 and all(tally[method, Refusal.NONE] > 1 for method in METHODS), tally
    refusals = {refusal for (_, refusal), n in tally.items() if n}
    assert refusals >= {Refusal.ZERO, Refusal.NEGATIVE, Refusal.TINY, Refusal.RANGE}, tally


def agent(variant, rng, *, max_idle, max_stall):
    config = VARIANTS[variant]
    return ScriptAgent(script(config, rng, len(KINDS) * 3 * 6), outputs=OUTPUTS, deadline=200_000)
