"""The configuration of a tile: its sections, and what they ask of each other."""

import dataclasses
from dataclasses import dataclass, field

from golden.array.modes import read_mode
from golden.config.checks import ConfigError
from golden.config.sections import (
    ArrayConfig,
    ControlConfig,
    DriftConfig,
    DriveConfig,
    NmpuConfig,
    ProgramConfig,
    ReadoutConfig,
    StreamConfig,
)
from golden.config.yaml_text import read_yaml, write_yaml
from golden.drift.formats import DriftFormats
from golden.formats import NmpuFormats
from golden.registers import WINDOW_BITS, vector_words

__all__ = ["TileConfig"]

VECTOR_WORDS = 1 << (WINDOW_BITS - 2)
"""Words on the page of stored calibration vectors."""


@dataclass(frozen=True, kw_only=True)
class TileConfig:
    """One tile: array, drive, readout, NMPU, drift engine, control, programming and streams."""

    array: ArrayConfig = field(default_factory=ArrayConfig)
    drive: DriveConfig = field(default_factory=DriveConfig)
    readout: ReadoutConfig = field(default_factory=ReadoutConfig)
    nmpu: NmpuConfig = field(default_factory=NmpuConfig)
    drift: DriftConfig = field(default_factory=DriftConfig)
    control: ControlConfig = field(default_factory=ControlConfig)
    program: ProgramConfig = field(default_factory=ProgramConfig)
    stream: StreamConfig = field(default_factory=StreamConfig)

    def __post_init__(self):
        for section in dataclasses.fields(self):
            value, kind = getattr(self, section.name), section.default_factory
            if not isinstance(value, kind):
                raise ConfigError(f"{section.name} must be of type {kind.__name__}, not {value!r}")
        columns, lanes = self.array.columns, self.nmpu.lanes
        if columns % self.blocks:
            raise ConfigError(f"readout.columns_per_counter must divide array.columns {columns}, "
                              f"not {self.blocks}")
        if self.counters % lanes:
            allowed = ", ".join(str(n) for n in range(1, self.counters + 1)
                                if self.counters % n == 0)
            raise ConfigError(f"nmpu.lanes must divide {self._counted} "
                              f"({allowed}), not {lanes}")
        for mode in self.drive.read_modes:
            weight = read_mode(mode, input_bits=self.drive.input_bits).weight
            if weight > self.nmpu.max_reads:
                raise ConfigError(f"nmpu.max_reads must be at least {weight} for {mode} of "
                                  f"drive.read_modes, not {self.nmpu.max_reads}")
        words = self.drift.vectors * vector_words(self.array.rows)
        if self.drift.engine and words > VECTOR_WORDS:
            raise ConfigError(f"drift.vectors must fit {VECTOR_WORDS} words of four rows, not "
                              f"{self.drift.vectors} of {self.array.rows} rows")
        for name, value, vector in (("x_bits", self.stream.x_bits, self.array.rows),
                                    ("y_bits", self.stream.y_bits, lanes)):
            if value % 8 or (vector * 8) % value:
                raise ConfigError(f"stream.{name} must be whole bytes and divide {vector * 8} "
                                  f"({vector} elements of 8 bits), not {value}")
        x_bits, y_bits = self.stream.x_bits, self.stream.y_bits
        if self.control.activations and x_bits % y_bits and y_bits % x_bits:
            raise ConfigError("stream.x_bits and stream.y_bits must divide one another for "
                              f"control.activations, not {x_bits} and {y_bits}")
        if self.program.engine and columns % self.program.heads:
            raise ConfigError(f"program.heads must divide array.columns {columns}, "
                              f"not {self.program.heads}")
        if self.program.engine and x_bits % 16:
            raise ConfigError("stream.x_bits must be whole targets of 16 bits for program.engine, "
                              f"not {x_bits}")
        try:
            NmpuFormats.of(self)
            if self.drift.engine:
                DriftFormats.of(self)
        except ValueError as error:
            raise ConfigError(str(error)) from None

    @property
    def groups(self):
        """Clocks in which the lanes take all columns."""
        return self.array.columns // self.nmpu.lanes

    @property
    def blocks(self):
        """Windows in which all columns are counted once."""
        return self.readout.columns_per_counter

    @property
    def counters(self):
        """Pairs of counters: columns of one block."""
        return self.array.columns // self.blocks

    @property
    def row_beats(self):
        """Beats of the input stream in a vector of all rows."""
        return self.array.rows * 8 // self.stream.x_bits

    @property
    def sum_bits(self):
        """Bits of a partial sum on its stream: a whole word."""
        return 32 if self.nmpu.accumulator_bits <= 32 else 64

    @property
    def exponents(self):
        """Exponents that a coefficient bank may have."""
        return range(2 if self.drift.engine else 1)

    @property
    def _counted(self):
        return (f"array.columns {self.array.columns}" if self.blocks == 1 else
                f"the {self.counters} pairs of counters")

    def replace(self, **sections):
        """A copy with fields changed: ``config.replace(nmpu={"lanes": 32})``."""
        return dataclasses.replace(self, **{
            name: dataclasses.replace(getattr(self, name), **changes)
            for name, changes in sections.items()})

    @classmethod
    def from_yaml(cls, text):
        """Read a configuration; fields that are left out keep their defaults.

        Raises
        ------
        ConfigError
            On unreadable YAML, an unknown key, a wrong type or a value that is not allowed.
        """
        return read_yaml(cls, text)

    def to_yaml(self):
        """The whole tree, every field spelled out; `from_yaml` gives it back unchanged."""
        return write_yaml(self)
