"""The configuration of a tile: one frozen tree, checked when it is made, kept as YAML.

Whatever exists has passed every check here, so neither the golden model nor the generator checks
again. A refusal is a `ConfigError` whose message names the field, the value and what is allowed.
"""

import dataclasses
from dataclasses import dataclass, field

import yaml

from golden.array.modes import READ_MODES, read_mode
from golden.drift.formats import DriftFormats
from golden.formats import NmpuFormats
from golden.qformat import QFormat
from golden.registers import WINDOW_BITS, vector_words
from golden.requantise import Rounding

__all__ = ["ArrayConfig", "ConfigError", "ControlConfig", "DriftConfig", "DriveConfig",
           "NmpuConfig", "ProgramConfig", "ReadoutConfig", "StreamConfig", "TileConfig"]

VECTOR_BITS = (8, 6, 4)
"""Widths that inputs and outputs may have; an element of a stream is always a byte."""


VECTOR_WORDS = 1 << (WINDOW_BITS - 2)
"""Words on the page of stored calibration vectors."""


class ConfigError(ValueError):
    """A configuration that cannot be built."""


def _integer(name, value, low, high):
    if not isinstance(value, int) or isinstance(value, bool):
        raise ConfigError(f"{name} must be an integer from {low} to {high}, not {value!r}")
    if not low <= value <= high:
        raise ConfigError(f"{name} must be from {low} to {high}, not {value}")


def _choice(name, value, allowed):
    if type(value) not in {type(a) for a in allowed} | {str} or value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(map(str, allowed))}, not {value!r}")


def _flag(name, value):
    if not isinstance(value, bool):
        raise ConfigError(f"{name} must be true or false, not {value!r}")


def _format(name, value, *, signed):
    wanted = "S(i,f)" if signed else "U(i,f)"
    if not isinstance(value, QFormat) or value.signed != signed:
        shown = str(value) if isinstance(value, QFormat) else repr(value)
        raise ConfigError(f"{name} must be a format {wanted}, not {shown}")


@dataclass(frozen=True, kw_only=True)
class ArrayConfig:
    """The analog array behind the pins."""

    rows: int = 256
    """Inputs of the array, one row driver each."""
    columns: int = 256
    """Outputs of the array, two oscillators each."""

    def __post_init__(self):
        _integer("array.rows", self.rows, 2, 1024)
        _integer("array.columns", self.columns, 2, 1024)


@dataclass(frozen=True, kw_only=True)
class DriveConfig:
    """How inputs become pulses."""

    input_bits: int = 8
    """Widest input, sign included; its window is ``2**(input_bits-1)`` clocks. Narrower ones of
    8, 6 and 4 are chosen at run time."""
    read_modes: tuple[str, ...] = READ_MODES
    """The modes of `golden.array.modes.READ_MODES` that the hardware can be told to use."""

    def __post_init__(self):
        _choice("drive.input_bits", self.input_bits, VECTOR_BITS)
        if not isinstance(self.read_modes, (tuple, list)) or not self.read_modes:
            raise ConfigError(f"drive.read_modes must be a list of {', '.join(READ_MODES)}, "
                              f"not {self.read_modes!r}")
        for mode in self.read_modes:
            _choice("drive.read_modes", mode, READ_MODES)
        if len(set(self.read_modes)) < len(self.read_modes) or "one_phase" not in self.read_modes:
            raise ConfigError("drive.read_modes must name one_phase, and every mode once, not "
                              f"{', '.join(self.read_modes)}")
        object.__setattr__(self, "read_modes", tuple(self.read_modes))


@dataclass(frozen=True, kw_only=True)
class ReadoutConfig:
    """How column currents become counts."""

    front_end: str = "count"
    """``count``: the macro hands over finished counts. ``oscillator``: it hands over its
    oscillators, and the counters are part of the readout."""
    counter_bits: int = 12
    """Width of each of the two counters of a column."""
    counter_banks: int = 2
    """With 2, one bank counts while the other settles and is captured; with 1 the array waits."""
    columns_per_counter: int = 1
    """Columns that share a pair of counters, 1, 2 or 4; they are read in as many windows."""
    settle_clocks: int = 2
    """Clocks from the end of a window to the capture of a counter that an oscillator drives."""
    reference_bits: int = 10
    """Width of the code that sets the known current for calibration."""

    def __post_init__(self):
        _choice("readout.front_end", self.front_end, ("count", "oscillator"))
        _integer("readout.counter_bits", self.counter_bits, 4, 16)
        _choice("readout.counter_banks", self.counter_banks, (1, 2))
        _choice("readout.columns_per_counter", self.columns_per_counter, (1, 2, 4))
        _integer("readout.settle_clocks", self.settle_clocks, 1, 15)
        _integer("readout.reference_bits", self.reference_bits, 2, 16)


@dataclass(frozen=True, kw_only=True)
class NmpuConfig:
    """The near-memory processing unit: lanes and number formats."""

    lanes: int = 64
    """Columns processed per clock; a divisor of ``array.columns``."""
    scale: QFormat = QFormat(False, 1, 7)
    """Per column and polarity, multiplies a count."""
    offset: QFormat = QFormat(True, 7, 1)
    """Per column and polarity, added to the scaled count."""
    max_reads: int = 128
    """Most reads that one result may accumulate, each counted with its weight: a vector in one
    phase counts 1, in four phases 4, 8-bit split 9, 8-bit bit-serial 127."""
    accumulator_bits: int = 30
    """Width of the accumulator; must hold ``max_reads`` of the largest combined readouts, twice
    with a drift engine, whose banks have an exponent."""
    norm_scale: QFormat = QFormat(True, 1, 7)
    """Per column, multiplies the accumulated readout (BatchNorm slope, requantisation scale)."""
    norm_bias: QFormat = QFormat(True, 16, 4)
    """Per column, added to the product (BatchNorm bias)."""
    shift_bits: int = 5
    """Width of the requantisation shift chosen at run time."""
    rounding: Rounding = Rounding.HALF_EVEN
    """Rule of the one rounding step."""
    output_bits: int = 8
    """Widest result, sign included. Narrower ones of 8, 6 and 4 are chosen at run time."""
    residual: bool = True
    """Whether lanes can add a scaled byte of a stream to the normalised number."""
    partial_sums: bool = True
    """Whether accumulators can start from a stream of partial sums, and leave as one."""
    stage_gates: int = 0
    """0: a lane takes the fewest clocks. From 8 to 64: most gates in a row between two of its
    registers, for a faster clock and fewer gates in more clocks."""

    def __post_init__(self):
        _integer("nmpu.lanes", self.lanes, 1, 1024)
        _format("nmpu.scale", self.scale, signed=False)
        _format("nmpu.offset", self.offset, signed=True)
        _integer("nmpu.max_reads", self.max_reads, 1, 256)
        _integer("nmpu.accumulator_bits", self.accumulator_bits, 8, 48)
        _format("nmpu.norm_scale", self.norm_scale, signed=True)
        _format("nmpu.norm_bias", self.norm_bias, signed=True)
        for name in ("scale", "offset", "norm_scale", "norm_bias"):
            fmt = getattr(self, name)
            if fmt.width + (not fmt.signed) > 32:
                raise ConfigError(f"nmpu.{name} must fit a signed 32-bit register, not {fmt}")
        _integer("nmpu.shift_bits", self.shift_bits, 1, 6)
        _choice("nmpu.rounding", self.rounding, tuple(Rounding))
        _choice("nmpu.output_bits", self.output_bits, VECTOR_BITS)
        _flag("nmpu.residual", self.residual)
        _flag("nmpu.partial_sums", self.partial_sums)
        if self.stage_gates != 0:
            _integer("nmpu.stage_gates, if it is not 0,", self.stage_gates, 8, 64)


@dataclass(frozen=True, kw_only=True)
class DriftConfig:
    """The engine that follows the drift of the array with the coefficients."""

    engine: bool = True
    """Whether it is built; each coefficient bank then has an exponent of 0 or 1."""
    gain: QFormat = QFormat(False, 2, 14)
    """A reference divided by what is read now."""
    max_repeats: int = 256
    """Most vectors whose readouts one measurement adds; a power of two."""
    vectors: int = 4
    """Calibration vectors that are stored in the tile."""

    def __post_init__(self):
        _flag("drift.engine", self.engine)
        _format("drift.gain", self.gain, signed=False)
        if self.gain.int_bits < 1 or self.gain.frac_bits < 1 or self.gain.width > 32:
            raise ConfigError("drift.gain must have an integer bit, a fraction bit and at most 32 "
                              f"bits, not {self.gain}")
        _choice("drift.max_repeats", self.max_repeats, tuple(1 << n for n in range(13)))
        _integer("drift.vectors", self.vectors, 1, 16)


@dataclass(frozen=True, kw_only=True)
class ControlConfig:
    """How a network runs without its host."""

    descriptors: int = 64
    """Jobs that the table holds."""
    activations: int = 16
    """Result vectors of all columns that the activation buffer holds, for a job that takes them as
    its input; 0: there is none."""
    parity: bool = True
    """Whether every stored coefficient and every word of a descriptor has a parity bit."""

    def __post_init__(self):
        _integer("control.descriptors", self.descriptors, 1, 256)
        _integer("control.activations", self.activations, 0, 256)
        _flag("control.parity", self.parity)


@dataclass(frozen=True, kw_only=True)
class ProgramConfig:
    """The engine that programs the array; limits that no register can exceed.

    Source of the defaults: Le Gallo et al., Nature Electronics 6, 680-693, 2023, section IV:
    32 write heads, 30 iterations, 700 µA, four devices per cell.
    """

    engine: bool = True
    """Whether it is built."""
    heads: int = 32
    """Write heads; a divisor of ``array.columns``."""
    devices: int = 2
    """Devices of each polarity in a cell."""
    max_rounds: int = 30
    """Most pulses that the loop may give a cell."""
    max_current_ua: int = 700
    """Largest current of any pulse."""
    max_pulse_clocks: int = 512
    """Longest pulse."""

    def __post_init__(self):
        _flag("program.engine", self.engine)
        _integer("program.heads", self.heads, 1, 1024)
        _choice("program.devices", self.devices, (1, 2))
        _integer("program.max_rounds", self.max_rounds, 1, 255)
        _integer("program.max_current_ua", self.max_current_ua, 1, 4095)
        _integer("program.max_pulse_clocks", self.max_pulse_clocks, 1, 4095)


@dataclass(frozen=True, kw_only=True)
class StreamConfig:
    """Widths of the AXI4-Streams."""

    x_bits: int = 512
    """Input beat; a divisor of a whole input vector of ``array.rows`` bytes."""
    y_bits: int = 512
    """Output beat; a divisor of ``nmpu.lanes`` bytes, the results of one clock. A beat of residuals
    and one of partial sums have as many elements."""

    def __post_init__(self):
        _integer("stream.x_bits", self.x_bits, 8, 8192)
        _integer("stream.y_bits", self.y_bits, 8, 8192)


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
        try:
            tree = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ConfigError(f"not readable as YAML: {' '.join(str(error).split())}") from None
        return cls(**_sections(cls, tree or {}, where=""))

    def to_yaml(self):
        """The whole tree, every field spelled out; `from_yaml` gives it back unchanged."""
        return yaml.safe_dump({
            section.name: {f.name: _plain(getattr(getattr(self, section.name), f.name))
                           for f in dataclasses.fields(section.default_factory)}
            for section in dataclasses.fields(self)}, sort_keys=False)


def _plain(value):
    if isinstance(value, tuple):
        return list(value)
    return value if isinstance(value, int) else str(value)


def _sections(cls, tree, *, where):
    known = {f.name: f for f in dataclasses.fields(cls)}
    if not isinstance(tree, dict):
        raise ConfigError(f"{where or 'the configuration'} must be a mapping of "
                          f"{', '.join(known)}, not {tree!r}")
    values = {}
    for key, value in tree.items():
        name = f"{where}.{key}" if where else str(key)
        if key not in known:
            raise ConfigError(f"unknown key {name}: allowed are {', '.join(known)}")
        values[key] = _value(known[key], value, name)
    return values


def _value(f, value, name):
    if dataclasses.is_dataclass(f.default_factory):
        return f.default_factory(**_sections(f.default_factory, value or {}, where=name))
    if f.type is QFormat:
        try:
            return QFormat.parse(value)
        except ValueError as error:
            raise ConfigError(f"{name}: {error}") from None
    if f.type is Rounding:
        _choice(name, value, tuple(Rounding))
        return Rounding(value)
    return value
