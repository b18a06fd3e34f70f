"""Tally: measurements of every slot up to the proven bounds, and the bus that reads beside."""

import numpy as np

from golden.drift.formats import DriftFormats
from golden.formats import NmpuFormats
from hw.nmpu.tally import Tally
from tb.agents.script import ScriptAgent
from tb.bits import mask, pack
from tb.cases.configs import CONFIGS

VARIANTS = ("tiny", "one_group", "one_lane", "three_groups")
SLOTS = range(4)


def build(variant):
    return Tally(CONFIGS[variant])


class Model:
    """Sums by slot and column; None until they were written, or while nobody can tell."""

    def __init__(self, config):
        self.lanes = config.nmpu.lanes
        self.sums = {(slot, c): None for slot in SLOTS for c in range(config.array.columns)}
        self.answer = None

    def clock(self, inputs, values):
        """The end of a clock; ``values`` of the lanes are added if not None."""
        slot, column = inputs["bus.slot"], inputs["bus.column"]
        self.answer = self.sums[slot, column]
        if values is None:
            return
        for lane, value in enumerate(values):
            place = inputs["slot"], inputs["group"] * self.lanes + lane
            if place == (slot, column):
                self.answer = None  # read in the very clock of the write
            value = abs(int(value)) if inputs["absolute"] else int(value)
            self.sums[place] = value + (0 if inputs["restart"] else self.sums[place])


def arrivals(config, rng, repeats, bound):
    """(group, values, restart) of a measurement; values None for what is not to be added."""
    limit, lanes = NmpuFormats.of(config).accumulated, config.nmpu.lanes
    for k in range(repeats):
        for group in range(config.groups):
            while rng.random() < 0.2:
                yield int(rng.integers(config.groups)), None, int(rng.integers(2))
            values = (np.full(lanes, bound) if bound is not None else
                      rng.integers(limit.low, limit.high, lanes) >> rng.integers(0, 20, lanes))
            yield group, values, int(k == 0)


def script(config, rng, max_stall):
    limit, most = NmpuFormats.of(config).accumulated, config.drift.max_repeats
    width, model = limit.fmt.width, Model(config)
    formats, top, read = DriftFormats.of(config), 0, 0
    runs = [(slot, 1, 0, None) for slot in SLOTS]
    runs += [(int(rng.integers(4)), int(rng.integers(1, 12)), int(rng.integers(2)), None)
             for _ in range(20)]
    runs += [(1, most, 0, limit.high), (2, most, 0, limit.low), (3, most, 1, limit.low),
             (0, 3, 1, limit.low)]
    for slot, repeats, absolute, bound in runs:
        rows = list(arrivals(config, rng, repeats, bound))
        for row, (group, values, restart) in enumerate(rows):
            done = False
            while not done:
                done = int(rng.integers(0, max_stall, endpoint=True)) == 0
                given = values if values is not None else np.full(config.nmpu.lanes, limit.low)
                ahead = rows[row + 1][0] if row + 1 < len(rows) else 0
                inputs = {"en": int(done), "group": group, "restart": restart, "slot": slot,
                          "next_group": ahead if done else int(rng.integers(config.groups)),
                          "valid": int(values is not None), "absolute": absolute,
                          "i": pack(given, width), "bus.slot": int(rng.integers(4)),
                          "bus.column": int(rng.integers(config.array.columns))}
                wanted = model.answer
                seen = yield inputs
                if wanted is not None:
                    read += 1
                    assert seen["bus.sum"] == wanted & mask(formats.sum.fmt.width), wanted
                model.clock(inputs, values if done else None)
        if bound is not None and repeats == most:
            top += {abs(s) for (k, _), s in model.sums.items() if k == slot} == {formats.sum.high}
        for (k, column), wanted in model.sums.items():
            yield {"en": 0, "bus.slot": k, "bus.column": column}
            seen = yield {"en": 0}
            if wanted is not None:
                assert seen["bus.sum"] == wanted & mask(formats.sum.fmt.width), (k, column)
        model.answer = None
    assert top == 3 and read > 100, "a bound of the sums is not exercised"


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(CONFIGS[variant], rng, max_stall), outputs=("bus.sum",),
                       deadline=200_000)
