"""Coefficients: writes, refusals and readback over the bus, beside fetches of the lanes."""

import numpy as np

from golden.registers import COEFFICIENTS
from hw.nmpu.coefficients import Coefficients, coefficient_format
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import mask, pack
from tb.cases.configs import CONFIGS
from tb.stimulus import magnitudes

VARIANTS = ("tiny", "one_group", "one_lane", "three_groups")
WORDS = range(8)


def build(variant):
    return Coefficients(CONFIGS[variant])


class Model:
    """Six coefficients per bank and column; `None` until written."""

    def __init__(self, config):
        self.config = config
        self.formats = [coefficient_format(config, name) for name in COEFFICIENTS]
        self.held = np.full((2, len(COEFFICIENTS), config.array.columns), None)
        self.fetched = dict.fromkeys(COEFFICIENTS)
        self.read = None

    def clock(self, row):
        """The outputs of a clock with the inputs ``row``; then what the edge does."""
        bank, column, word = row["bus.bank"], row["bus.column"], row["bus.word"]
        exists = word < len(COEFFICIENTS)
        data = row["bus.data"]
        fits = exists and self.formats[word].holds(data, data)
        seen = {**self.fetched, "bus.read": self.read, "bus.exists": int(exists),
                "bus.fits": int(fits)}
        value = self.held[bank, word, column] if exists else None
        self.read = None if value is None or row["bus.write"] else value & mask(32)
        if row["en"]:
            self._fetch(row)
        if row["bus.write"] and fits:
            self.held[bank, word, column] = data
        return seen

    def _fetch(self, row):
        lanes = self.config.nmpu.lanes
        for number, name in enumerate(COEFFICIENTS):
            stage = "norm" if name.startswith("norm") else "affine"
            bank, first = row[f"{stage}_bank"], row[f"{stage}_group"] * lanes
            values = self.held[bank, number, first:first + lanes]
            known = None not in values
            # What a fetch sees of a write in its own clock is open: the banks keep them apart.
            collides = row["bus.write"] and bank == row["bus.bank"]
            self.fetched[name] = (pack(values, self.formats[number].width)
                                  if known and not collides else None)


def value_near(rng, fmt):
    """A value in or just outside a format, or anything of 32 bits."""
    return int(rng.choice([fmt.min, fmt.max, fmt.min - 1, fmt.max + 1, magnitudes(rng, fmt, 1)[0],
                           rng.integers(-1 << 31, 1 << 31)]))


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    model = Model(config)
    places = [(bank, word, column) for bank in range(2) for word in range(len(COEFFICIENTS))
              for column in range(config.array.columns)]

    def access(bank, word, column, write, data):
        row = {"bus.bank": bank, "bus.word": word, "bus.column": column, "bus.write": int(write),
               "bus.data": data, "en": int(rng.random() < 0.6)}
        for stage in ("affine", "norm"):
            row[f"{stage}_bank"] = int(rng.integers(2))
            row[f"{stage}_group"] = int(rng.integers(config.groups))
        outputs.append(model.clock(row))
        inputs.append({**row, "bus.data": data & mask(32)})

    inputs, outputs = [], []
    for k in rng.permutation(len(places)):
        bank, word, column = places[k]
        access(*places[k], True, int(magnitudes(rng, model.formats[word], 1)[0]))
    for k in rng.permutation(len(places)):
        access(*places[k], False, 0)
    assert None not in model.held
    for _ in range(2000):
        bank, column = int(rng.integers(2)), int(rng.integers(config.array.columns))
        word = int(rng.choice(WORDS))
        fmt = model.formats[word % len(COEFFICIENTS)]
        access(bank, word, column, rng.random() < 0.5, value_near(rng, fmt))
    for k in rng.permutation(len(places)):
        access(*places[k], False, 0)
    access(0, 0, 0, False, 0)
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=0, enable=None),
                         rng, max_stall=max_stall)
