"""The descriptors of a tile's table: one job each, in five words."""

from dataclasses import dataclass, field

from golden.array.modes import READ_MODES
from golden.registers.descriptors import (
    BANKS,
    DESCRIPTOR_BASE,
    DESCRIPTORS,
    DESTINATIONS,
    KINDS,
    SOURCES,
    descriptor_address,
)
from golden.settings import Settings

__all__ = ["BANKS", "DESCRIPTOR_BASE", "DESTINATIONS", "KINDS", "SOURCES", "WORDS", "Descriptor",
           "descriptor_address", "fields", "words"]

WORDS = tuple(word.fields for word in DESCRIPTORS.words)
"""The fields of each word."""


def words(values):
    """The five words of field values, by name; those not given are 0."""
    unknown = set(values) - {f.name for word in WORDS for f in word}
    if unknown:
        raise ValueError(f"a descriptor has no field {', '.join(sorted(unknown))}")
    result = []
    for word in WORDS:
        for f in word:
            if not 0 <= int(values.get(f.name, 0)) < 1 << f.width:
                raise ValueError(f"{f.name} must be from 0 to {(1 << f.width) - 1}, not "
                                 f"{values[f.name]}")
        result.append(sum(int(values.get(f.name, 0)) << f.low for f in word))
    return result


def fields(descriptor_words):
    """Every field of five words, by name."""
    return {f.name: value >> f.low & (1 << f.width) - 1
            for word, value in zip(WORDS, descriptor_words, strict=True) for f in word}


@dataclass(frozen=True, kw_only=True)
class Descriptor:
    """One job.

    Parameters
    ----------
    kind : str
        Of `KINDS`.
    source : str
        Of `SOURCES`.
    destination : str
        Of `DESTINATIONS`.
    first_row, rows : int
        Rows that are driven; ``rows`` of `None` are all from the first on. The first row is that
        of a beat of the x stream.
    first_column, columns : int
        Columns that give results, likewise, in whole groups of lanes.
    settings : Settings
    repeat : int
        Results.
    resume, sums : bool
        Start from what the job before left; from the stream of partial sums.
    bank : int or None
        Coefficients; `None`: those in use.
    interrupt : bool
    """

    kind: str = "multiply"
    source: str = "x"
    destination: str = "y"
    first_row: int = 0
    rows: int | None = None
    first_column: int = 0
    columns: int | None = None
    settings: Settings = field(default_factory=Settings)
    repeat: int = 1
    resume: bool = False
    sums: bool = False
    bank: int | None = None
    interrupt: bool = False

    def words(self, config):
        """The five words, for a tile of ``config``; `ValueError` naming what has none.

        Whether a tile takes them is up to `golden.chain_checker.check_chain`.
        """
        values = {"repeat": self.repeat, "resume": self.resume, "sums": self.sums,
                  "interrupt": self.interrupt}
        for name, allowed in (("kind", KINDS), ("source", SOURCES),
                              ("destination", DESTINATIONS), ("bank", BANKS)):
            values[name] = _place(name, getattr(self, name), allowed)
        beat_rows, lanes = config.stream.x_bits // 8, config.nmpu.lanes
        values["first_beat"] = _whole("first_row", self.first_row, beat_rows)
        values["rows"] = config.array.rows - self.first_row if self.rows is None else self.rows
        first = values["first_group"] = _whole("first_column", self.first_column, lanes)
        groups = config.groups - first if self.columns is None else _whole(
            "columns", self.columns, lanes)
        if groups < 1:
            raise ValueError(f"columns must be at least {lanes}, not {self.columns}")
        values["last_group"] = first + groups - 1
        values |= vars(self.settings) | {
            "read_mode": _place("read_mode", self.settings.read_mode, READ_MODES)}
        return words(values)

    @classmethod
    def from_words(cls, descriptor_words, config):
        """The descriptor that five words stand for; `ValueError` if one has no name for it."""
        values = fields(descriptor_words)
        for name, allowed in (("kind", KINDS), ("source", SOURCES),
                              ("destination", DESTINATIONS), ("bank", BANKS)):
            if values[name] >= len(allowed):
                raise ValueError(f"{name} must be below {len(allowed)}, not {values[name]}")
            values[name] = allowed[values[name]]
        flags = ("relu", "relu_first", "bypass", "residual", "resume", "sums", "interrupt")
        values |= {name: bool(values[name]) for name in flags}
        values["read_mode"] = READ_MODES[values["read_mode"]]
        lanes, first, last = config.nmpu.lanes, values["first_group"], values["last_group"]
        return cls(
            first_row=values["first_beat"] * (config.stream.x_bits // 8),
            first_column=first * lanes, columns=(last - first + 1) * lanes,
            settings=Settings(**{name: values[name] for name in vars(Settings())}),
            **{name: values[name] for name in ("kind", "source", "destination", "rows", "repeat",
                                               "resume", "sums", "bank", "interrupt")})


def _place(name, value, allowed):
    for place, each in enumerate(allowed):
        if value == each and type(value) is type(each):
            return place
    raise ValueError(f"{name} must be one of {', '.join(map(str, allowed))}, not {value!r}")


def _whole(name, value, unit):
    if value < 0 or value % unit:
        raise ValueError(f"{name} must be a multiple of {unit}, not {value}")
    return value // unit
