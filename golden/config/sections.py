"""The sections of a tile's configuration, each checked by itself when it is made."""

from dataclasses import dataclass

from golden.array.modes import READ_MODES
from golden.config.checks import (
    ConfigError,
    check_choice,
    check_flag,
    check_format,
    check_integer,
)
from golden.qformat import QFormat
from golden.requantise import Rounding

__all__ = ["VECTOR_BITS", "ArrayConfig", "ControlConfig", "DriftConfig", "DriveConfig",
           "NmpuConfig", "ProgramConfig", "ReadoutConfig", "StreamConfig"]

VECTOR_BITS = (8, 6, 4)
"""Widths that inputs and outputs may have; an element of a stream is always a byte."""


@dataclass(frozen=True, kw_only=True)
class ArrayConfig:
    """The analog array behind the pins."""

    rows: int = 256
    """Inputs of the array, one row driver each."""
    columns: int = 256
    """Outputs of the array, two oscillators each."""

    def __post_init__(self):
        check_integer("array.rows", self.rows, 2, 1024)
        check_integer("array.columns", self.columns, 2, 1024)


@dataclass(frozen=True, kw_only=True)
class DriveConfig:
    """How inputs become pulses."""

    input_bits: int = 8
    """Widest input, sign included; its window is ``2**(input_bits-1)`` clocks. Narrower ones of
    8, 6 and 4 are chosen at run time."""
    read_modes: tuple[str, ...] = READ_MODES
    """The modes of `golden.array.modes.READ_MODES` that the hardware can be told to use."""

    def __post_init__(self):
        check_choice("drive.input_bits", self.input_bits, VECTOR_BITS)
        if not isinstance(self.read_modes, (tuple, list)) or not self.read_modes:
            raise ConfigError(f"drive.read_modes must be a list of {', '.join(READ_MODES)}, "
                              f"not {self.read_modes!r}")
        for mode in self.read_modes:
            check_choice("drive.read_modes", mode, READ_MODES)
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
        check_choice("readout.front_end", self.front_end, ("count", "oscillator"))
        check_integer("readout.counter_bits", self.counter_bits, 4, 16)
        check_choice("readout.counter_banks", self.counter_banks, (1, 2))
        check_choice("readout.columns_per_counter", self.columns_per_counter, (1, 2, 4))
        check_integer("readout.settle_clocks", self.settle_clocks, 1, 15)
        check_integer("readout.reference_bits", self.reference_bits, 2, 16)


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
        check_integer("nmpu.lanes", self.lanes, 1, 1024)
        check_format("nmpu.scale", self.scale, signed=False)
        check_format("nmpu.offset", self.offset, signed=True)
        check_integer("nmpu.max_reads", self.max_reads, 1, 256)
        check_integer("nmpu.accumulator_bits", self.accumulator_bits, 8, 48)
        check_format("nmpu.norm_scale", self.norm_scale, signed=True)
        check_format("nmpu.norm_bias", self.norm_bias, signed=True)
        for name in ("scale", "offset", "norm_scale", "norm_bias"):
            fmt = getattr(self, name)
            if fmt.width + (not fmt.signed) > 32:
                raise ConfigError(f"nmpu.{name} must fit a signed 32-bit register, not {fmt}")
        check_integer("nmpu.shift_bits", self.shift_bits, 1, 6)
        check_choice("nmpu.rounding", self.rounding, tuple(Rounding))
        check_choice("nmpu.output_bits", self.output_bits, VECTOR_BITS)
        check_flag("nmpu.residual", self.residual)
        check_flag("nmpu.partial_sums", self.partial_sums)
        if self.stage_gates != 0:
            check_integer("nmpu.stage_gates, if it is not 0,", self.stage_gates, 8, 64)


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
        check_flag("drift.engine", self.engine)
        check_format("drift.gain", self.gain, signed=False)
        if self.gain.int_bits < 1 or self.gain.frac_bits < 1 or self.gain.width > 32:
            raise ConfigError("drift.gain must have an integer bit, a fraction bit and at most 32 "
                              f"bits, not {self.gain}")
        check_choice("drift.max_repeats", self.max_repeats, tuple(1 << n for n in range(13)))
        check_integer("drift.vectors", self.vectors, 1, 16)


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
        check_integer("control.descriptors", self.descriptors, 1, 256)
        check_integer("control.activations", self.activations, 0, 256)
        check_flag("control.parity", self.parity)


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
        check_flag("program.engine", self.engine)
        check_integer("program.heads", self.heads, 1, 1024)
        check_choice("program.devices", self.devices, (1, 2))
        check_integer("program.max_rounds", self.max_rounds, 1, 255)
        check_integer("program.max_current_ua", self.max_current_ua, 1, 4095)
        check_integer("program.max_pulse_clocks", self.max_pulse_clocks, 1, 4095)


@dataclass(frozen=True, kw_only=True)
class StreamConfig:
    """Widths of the AXI4-Streams."""

    x_bits: int = 512
    """Input beat; a divisor of a whole input vector of ``array.rows`` bytes."""
    y_bits: int = 512
    """Output beat; a divisor of ``nmpu.lanes`` bytes, the results of one clock. A beat of residuals
    and one of partial sums have as many elements."""

    def __post_init__(self):
        check_integer("stream.x_bits", self.x_bits, 8, 8192)
        check_integer("stream.y_bits", self.y_bits, 8, 8192)
