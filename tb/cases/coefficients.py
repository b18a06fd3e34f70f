"""Coefficients: writes, refusals and readback over the bus, beside fetches of the lanes.

With a drift engine there is the base, and the port that rewrites a column at a time. With parity
wrong bits are written on purpose: each is found by every way that reads it, and nothing else is.
"""

import numpy as np

from golden.registers import COEFFICIENTS
from hw.nmpu.coefficients import BASE, Coefficients, RewriteBus, coefficient_format
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import encode, mask, pack
from tb.cases.configs import CONFIGS
from tb.stimulus import magnitudes

VARIANTS = ("tiny", "one_group", "one_lane", "three_groups", "no_engine", "no_parity")
WORDS = range(8)
RANDOM = 1200
"""Accesses anywhere, after those to every place."""


def build(variant):
    return Coefficients(CONFIGS[variant])


class Model:
    """Six coefficients per bank and column; `None` until written."""

    def __init__(self, config):
        self.config = config
        self.formats = [coefficient_format(config, name) for name in COEFFICIENTS]
        self.held = np.full((3, len(COEFFICIENTS), config.array.columns), None)
        self.wrong = np.zeros(self.held.shape, dtype=bool)
        self.fetched = dict.fromkeys(COEFFICIENTS)
        self.read = self.base = None
        self.found = {}
        self.errors = [0, 0, 0]

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
        if self.config.control.parity:
            seen["parity_error"] = self.errors.pop(0)
            self.errors.append(self._error(row, active))
        value = self.held[bank, word, column] if exists else None
        self.read = None if value is None or row["bus.write"] or active else value & mask(32)
        self.base = self._base(row) if active else None
        self._fetch(row)
        if active and row["rewrite.write"]:
            self.held[1 - row["in_use"], :, row["rewrite.write_column"]] = [
                row["rewrite.data"][name] for name in COEFFICIENTS]
            self.wrong[1 - row["in_use"], :, row["rewrite.write_column"]] = row.get("bad_parity", 0)
        elif not active and row["bus.write"] and fits and self.exists(bank, word):
            self.held[bank, word, column] = data
            self.wrong[bank, word, column] = row.get("bad_parity", 0)
        return seen

    def _error(self, row, active):
        """Whether what is asked for has a wrong bit; `None` if that is open, as it is of what was
        never written."""
        found, unknown = [], False
        for number, name in enumerate(COEFFICIENTS):
            norm = name.startswith("norm")
            stage = "norm" if norm else "affine"
            if row[f"{stage}_en"] and row[f"{stage}_used"]:
                first = row[f"{stage}_group"] * self.config.nmpu.lanes
                columns = range(first, first + self.config.nmpu.lanes)
                bank = row[f"{stage}_bank"]
                found += [("fetch", bank, number, c) for c in columns
                          if self.wrong[bank, number, c]]
                unknown |= self._collides(row, bank) or any(
                    self.held[bank, number, c] is None for c in columns)
            if active:
                place = row["in_use"] if norm else BASE, number, row["rewrite.column"]
                unknown |= self.held[place] is None
                found += [("rewrite", *place)] if self.wrong[place] else []
        place = row["bus.bank"], row["bus.word"], row["bus.column"]
        if row["bus.inspect"] and not active:
            unknown |= self.held[place] is None
            found += [("inspect", *place)] if self.wrong[place] else []
        for way in found:
            self.found[way] = self.found.get(way, 0) + 1
        return None if unknown else int(bool(found))

    def _collides(self, row, bank):
        """What a fetch sees of a write in its own clock is open: the banks keep them apart."""
        if row.get("rewrite.active", 0):
            return row["rewrite.write"] and bank == 1 - row["in_use"]
        return row["bus.write"] and bank == row["bus.bank"]

    def _base(self, row):
        values = {name: self.held[row["in_use"] if name.startswith("norm") else BASE, number,
                                  row["rewrite.column"]]
                  for number, name in enumerate(COEFFICIENTS)}
        return None if None in values.values() else rewrite_word(self.config, values)

    def _fetch(self, row):
        lanes = self.config.nmpu.lanes
        for number, name in enumerate(COEFFICIENTS):
            stage = "norm" if name.startswith("norm") else "affine"
            if not row[f"{stage}_en"]:
                continue
            bank, first = row[f"{stage}_bank"], row[f"{stage}_group"] * lanes
            values = self.held[bank, number, first:first + lanes]
            known = None not in values
            self.fetched[name] = (pack(values, self.formats[number].width)
                                  if known and not self._collides(row, bank) else None)


def rewrite_word(config, values):
    """All coefficients of a column as the rewrite port carries them."""
    return encode(RewriteBus(config).members["base"].shape,
                  {name: int(value) for name, value in values.items()})


def value_near(rng, fmt):
    """A value in or just outside a format, or anything of 32 bits."""
    return int(rng.choice([fmt.min, fmt.max, fmt.min - 1, fmt.max + 1, magnitudes(rng, fmt, 1)[0],
                           rng.integers(-1 << 31, 1 << 31)]))


class Driver:
    """Rows of inputs, and what the model says of them."""

    def __init__(self, config, rng):
        self.config, self.rng, self.model = config, rng, Model(config)
        self.banks = range(3 if config.drift.engine else 2)
        self.places = [(bank, word, column)
                       for bank in self.banks for word in range(len(COEFFICIENTS))
                       for column in range(config.array.columns) if self.model.exists(bank, word)]
        self.inputs, self.outputs = [], []
        self.rewriting = self.damage = 0.0

    def shuffled(self):
        """All places in random order."""
        return [self.places[k] for k in self.rng.permutation(len(self.places))]

    def access(self, place, *, write=False, data=0, **given):
        """A clock with a bus access, random elsewhere but for what is ``given``."""
        config, rng = self.config, self.rng
        bank, word, column = place
        row = {"bus.bank": bank, "bus.word": word, "bus.column": column, "bus.write": int(write),
               "bus.data": data,
               **{f"{stage}_en": int(rng.random() < 0.6) for stage in ("affine", "norm")},
               "bus.inspect": int(not write and self.model.exists(bank, word)
                                  and rng.random() < 0.7)}
        for stage in ("affine", "norm"):
            row[f"{stage}_bank"] = int(rng.integers(2 if stage == "norm" else len(self.banks)))
            row[f"{stage}_group"] = int(rng.integers(config.groups))
        if config.drift.engine:
            row |= {"in_use": int(rng.integers(2)),
                    "rewrite.active": int(rng.random() < self.rewriting),
                    "rewrite.write": int(rng.integers(2)),
                    **{f"rewrite.{name}": int(rng.integers(config.array.columns))
                       for name in ("column", "write_column")},
                    "rewrite.data": {name: int(magnitudes(rng, fmt, 1)[0]) for name, fmt in
                                     zip(COEFFICIENTS, self.model.formats, strict=True)}}
        if config.control.parity:
            row |= {"affine_used": int(rng.integers(2)), "norm_used": int(rng.integers(2)),
                    "bad_parity": int(rng.random() < self.damage)}
        row |= given
        self.outputs.append(self.model.clock(row))
        applied = {**row, "bus.data": data & mask(32)}
        if config.drift.engine:
            applied["rewrite.data"] = rewrite_word(config, row["rewrite.data"])
        self.inputs.append(applied)

    def write(self, place, **given):
        fmt = self.model.formats[place[1]]
        self.access(place, write=True, data=int(magnitudes(self.rng, fmt, 1)[0]), **given)

    def ways(self, place):
        """Every way to read a place, one at a time: by the bus, the lanes, the drift engine."""
        bank, word, column = place
        norm = COEFFICIENTS[word].startswith("norm")
        stage, other = ("norm", "affine") if norm else ("affine", "norm")
        group = column // self.config.nmpu.lanes
        rest = {"affine_en": 0, "norm_en": 0, "bus.inspect": 0}
        fetch = {**rest, f"{stage}_en": 1, f"{stage}_used": 1, f"{other}_used": 0,
                 f"{stage}_bank": bank, f"{stage}_group": group}
        yield {**rest, "bus.inspect": 1}
        yield fetch
        yield {**fetch, f"{stage}_used": 0}
        yield {**fetch, f"{stage}_en": 0, f"{other}_en": 1}
        yield {**fetch, f"{stage}_group": (group + 1) % self.config.groups}
        yield rest
        if self.config.drift.engine and (norm or bank == BASE):
            yield {**rest, "rewrite.active": 1, "rewrite.write": 0, "rewrite.column": column,
                   "in_use": bank % 2}


def planted(driver, places):
    """Each place in turn is the only one with a wrong bit, and every way reads it."""
    for place in places:
        driver.write(place, bad_parity=1, affine_en=0, norm_en=0)
        for way in driver.ways(place):
            driver.access(place, **way)
        driver.write(place, bad_parity=0, affine_en=0, norm_en=0)
        driver.access(place)
    ways = {(way, *place) for way in ("fetch", "inspect") for place in places}
    if driver.config.drift.engine:
        ways |= {("rewrite", *place) for place in places
                 if place[0] == BASE or COEFFICIENTS[place[1]].startswith("norm")}
    assert set(driver.model.found) == ways


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    driver = Driver(config, rng)
    for place in driver.shuffled():
        driver.write(place)
    for place in driver.shuffled():
        driver.access(place)
    assert not any(driver.model.held[place] is None for place in driver.places)
    if config.control.parity:
        planted(driver, driver.shuffled()[:None if variant == "tiny" else 32])
    driver.rewriting, driver.damage = 0.3, 0.1
    for _ in range(RANDOM):
        place = int(rng.choice(driver.banks)), int(rng.choice(WORDS)), int(
            rng.integers(config.array.columns))
        fmt = driver.model.formats[place[1] % len(COEFFICIENTS)]
        driver.access(place, write=rng.random() < 0.5, data=value_near(rng, fmt))
    assert not config.drift.engine or sum("rewrite.base" in row and row["rewrite.base"] is not None
                                          for row in driver.outputs) > 100
    if config.control.parity:
        errors = [row["parity_error"] for row in driver.outputs[-RANDOM:]]
        assert errors.count(0) > 50 and errors.count(1) > 50
    driver.rewriting = driver.damage = 0.0
    for place in [*driver.shuffled(), *driver.places[:4]]:
        driver.access(place)
    return PipelineAgent(Pipeline(inputs=driver.inputs, outputs=driver.outputs, latency=0,
                                  enable=None), rng, max_stall=max_stall)
