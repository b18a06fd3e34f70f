"""Coefficients: writes, refusals and readback over the bus, beside fetches of the lanes.

With a drift engine there is the base, and the port that rewrites a column at a time.
"""

import numpy as np

from golden.registers import COEFFICIENTS
from hw.nmpu.coefficients import BASE, Coefficients, RewriteBus, coefficient_format
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import encode, mask, pack
from tb.cases.configs import CONFIGS
from tb.stimulus import magnitudes

VARIANTS = ("tiny", "one_group", "one_lane", "three_groups", "no_engine")
WORDS = range(8)


def build(variant):
    return Coefficients(CONFIGS[variant])


class Model:
    """Six coefficients per bank and column; `None` until written."""

    def __init__(self, config):
        self.config = config
        self.formats = [coefficient_format(config, name) for name in COEFFICIENTS]
        self.held = np.full((3, len(COEFFICIENTS), config.array.columns), None)
        self.fetched = dict.fromkeys(COEFFICIENTS)
        self.read = self.base = None

    def exists(self, bank, word):
        """The base has no ``norm_scale`` and no ``norm_bias``."""
        return word < len(COEFFICIENTS) and (
            bank != BASE or not COEFFICIENTS[word].startswith("norm"))

    def clock(self, row):
        """The outputs of a clock with the inputs ``row``; then what the edge does."""
        bank, column, word = row["bus.bank"], row["bus.column"], row["bus.word"]
        exists = word < len(COEFFICIENTS)
        data = row["bus.data"]
        fits = exists and self.formats[word].holds(data, data)
        seen = {**self.fetched, "bus.read": self.read, "bus.exists": int(exists),
                "bus.fits": int(fits)}
        if self.config.drift.engine:
            seen["rewrite.base"] = self.base
        active = row.get("rewrite.active", 0)
        value = self.held[bank, word, column] if exists else None
        self.read = None if value is None or row["bus.write"] or active else value & mask(32)
        self.base = self._base(row) if active else None
        if row["en"]:
            self._fetch(row)
        if active and row["rewrite.write"]:
            self.held[1 - row["in_use"], :, row["rewrite.write_column"]] = [
                row["rewrite.data"][name] for name in COEFFICIENTS]
        elif not active and row["bus.write"] and fits and self.exists(bank, word):
            self.held[bank, word, column] = data
        return seen

    def _base(self, row):
        values = {name: self.held[row["in_use"] if name.startswith("norm") else BASE, number,
                                  row["rewrite.column"]]
                  for number, name in enumerate(COEFFICIENTS)}
        return None if None in values.values() else rewrite_word(self.config, values)

    def _fetch(self, row):
        lanes = self.config.nmpu.lanes
        for number, name in enumerate(COEFFICIENTS):
            stage = "norm" if name.startswith("norm") else "affine"
            bank, first = row[f"{stage}_bank"], row[f"{stage}_group"] * lanes
            values = self.held[bank, number, first:first + lanes]
            known = None not in values
            # What a fetch sees of a write in its own clock is open: the banks keep them apart.
            active = row.get("rewrite.active", 0)
            collides = (row["rewrite.write"] and bank == 1 - row["in_use"] if active else
                        row["bus.write"] and bank == row["bus.bank"])
            self.fetched[name] = (pack(values, self.formats[number].width)
                                  if known and not collides else None)


def rewrite_word(config, values):
    """All coefficients of a column as the rewrite port carries them."""
    return encode(RewriteBus(config).members["base"].shape,
                  {name: int(value) for name, value in values.items()})


def value_near(rng, fmt):
    """A value in or just outside a format, or anything of 32 bits."""
    return int(rng.choice([fmt.min, fmt.max, fmt.min - 1, fmt.max + 1, magnitudes(rng, fmt, 1)[0],
                           rng.integers(-1 << 31, 1 << 31)]))


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    model = Model(config)
    banks = range(3 if config.drift.engine else 2)
    places = [(bank, word, column) for bank in banks for word in range(len(COEFFICIENTS))
              for column in range(config.array.columns) if model.exists(bank, word)]

    def access(bank, word, column, write, data):
        row = {"bus.bank": bank, "bus.word": word, "bus.column": column, "bus.write": int(write),
               "bus.data": data, "en": int(rng.random() < 0.6)}
        for stage in ("affine", "norm"):
            row[f"{stage}_bank"] = int(rng.integers(2 if stage == "norm" else len(banks)))
            row[f"{stage}_group"] = int(rng.integers(config.groups))
        if config.drift.engine:
            row |= {"in_use": int(rng.integers(2)), "rewrite.active": int(rng.random() < rewriting),
                    "rewrite.write": int(rng.integers(2)),
                    **{f"rewrite.{name}": int(rng.integers(config.array.columns))
                       for name in ("column", "write_column")},
                    "rewrite.data": {name: int(magnitudes(rng, fmt, 1)[0]) for name, fmt in
                                     zip(COEFFICIENTS, model.formats, strict=True)}}
        outputs.append(model.clock(row))
        given = {**row, "bus.data": data & mask(32)}
        if config.drift.engine:
            given["rewrite.data"] = rewrite_word(config, row["rewrite.data"])
        inputs.append(given)

    inputs, outputs, rewriting = [], [], 0.0
    for k in rng.permutation(len(places)):
        bank, word, column = places[k]
        access(*places[k], True, int(magnitudes(rng, model.formats[word], 1)[0]))
    for k in rng.permutation(len(places)):
        access(*places[k], False, 0)
    assert not any(model.held[place] is None for place in places)
    rewriting = 0.3
    for _ in range(2000):
        bank, column = int(rng.choice(banks)), int(rng.integers(config.array.columns))
        word = int(rng.choice(WORDS))
        fmt = model.formats[word % len(COEFFICIENTS)]
        access(bank, word, column, rng.random() < 0.5, value_near(rng, fmt))
    assert not config.drift.engine or sum("rewrite.base" in row and row["rewrite.base"] is not None
                                          for row in outputs) > 100
    rewriting = 0.0
    for k in rng.permutation(len(places)):
        access(*places[k], False, 0)
    access(0, 0, 0, False, 0)
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=0, enable=None),
                         rng, max_stall=max_stall)
