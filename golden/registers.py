"""The register map of a tile: the one description that hardware, test benches and docs share.

``python -m golden.registers`` prints it as the Markdown page ``docs/registers.md``.
"""

from dataclasses import dataclass

from golden.array.modes import READ_MODES

__all__ = ["ADDRESS_BITS", "CHANNEL_BASES", "COEFFICIENTS", "COEFFICIENT_BASE", "DRIFT_BASE",
           "MOST_REPEATS", "PROGRAM_BASE", "PROGRAM_KEY", "PROGRAM_REGISTERS", "REGISTERS",
           "SATURATED_BASE", "STICKY", "SUM_BASE", "VECTOR_BASE", "WINDOW_BITS", "Field",
           "Register", "coefficient_address", "markdown", "pack", "saturated_address",
           "sum_address", "unpack", "vector_address", "vector_words"]

ADDRESS_BITS = 17
"""Byte address; registers are 32-bit words."""

DRIFT_BASE = 0x1000
"""Registers from here on are those of the drift engine; a tile without one refuses them."""

SATURATED_BASE = 0x2000
"""A word for 32 columns: bit ``c % 32`` of the word at ``SATURATED_BASE + 4 * (c // 32)``."""

SUM_BASE = 0x4000
"""Column ``c`` has the word at ``SUM_BASE + 4 * c``."""

CHANNEL_BASES = {"sums": 0x3000, "squares_low": 0x5000, "squares_high": 0x7000}
"""Column ``c`` has the word at ``base + 4 * c``: the statistics of a batch of results."""

VECTOR_BASE = 0x6000
"""Four rows of a stored calibration vector in a word; a vector takes a power of two of words."""

WINDOW_BITS = 12
"""Address bits below those that choose SATURATED, SUM and VECTOR."""

MOST_REPEATS = 4096
"""Windows that a measurement may add for each column."""

COEFFICIENT_BASE = 0x8000
"""Column ``c`` has eight words from ``COEFFICIENT_BASE + 32 * c``."""

PROGRAM_BASE = 0x12000
"""The registers of the programming engine; a tile without one refuses them."""

PROGRAM_KEY = 0x50434D21
"""``PCM!`` in ASCII: what unlocks the write heads."""

COEFFICIENTS = ("scale_p", "offset_p", "scale_n", "offset_n", "norm_scale", "norm_bias")
"""The first words of a column, in this order; the rest are illegal."""


@dataclass(frozen=True)
class Field:
    """Bits of a register.

    Parameters
    ----------
    access : str
        ``ro`` read only; ``rw`` read and write; ``w1s`` writing 1 sets, hardware clears;
        ``w1c`` sticky: hardware sets, writing 1 clears (hardware wins on the same clock).
    """

    name: str
    low: int
    width: int
    access: str
    reset: int
    doc: str


@dataclass(frozen=True)
class Register:
    """A 32-bit word at byte address ``offset``."""

    name: str
    offset: int
    fields: tuple[Field, ...]
    doc: str

    @property
    def writable(self):
        """Whether a write does anything; a write to another register is refused."""
        return any(f.access != "ro" for f in self.fields)


STICKY = (
    Field("input_clipped", 8, 1, "w1c", 0, "An input exceeded its width and was clipped."),
    Field("long_vector", 9, 1, "w1c", 0, "An input vector had surplus beats; they were dropped."),
    Field("count_full", 10, 1, "w1c", 0, "A captured counter stood at full scale."),
    Field("measured", 11, 1, "w1c", 0, "A measurement has ended; its sums are complete."),
    Field("calibrated", 12, 1, "w1c", 0, "Calibration vectors have been read, or given up."),
    Field("drift_updated", 13, 1, "w1c", 0, "Corrected coefficients were written; the exchange of "
                                            "banks is under way."),
    Field("drift_refused", 14, 1, "w1c", 0, "A correction was refused; see DRIFT_STATUS."),
    Field("batch_done", 15, 1, "w1c", 0, "The statistics of a batch of results are complete."),
)
"""The events that STATUS remembers and IRQ_ENABLE may turn into an interrupt."""

REGISTERS = {r.name: r for r in (
    Register("ID", 0x00, (
        Field("version", 0, 8, "ro", 2, "Version of this map."),
        Field("magic", 8, 24, "ro", 0x42455A, "`BEZ` in ASCII."),
    ), "What this is."),
    Register("SHAPE", 0x04, (
        Field("rows", 0, 16, "ro", 0, "Rows of the array."),
        Field("columns", 16, 16, "ro", 0, "Columns of the array."),
    ), "Size of the array; reset values are those of the configuration."),
    Register("UNIT", 0x08, (
        Field("lanes", 0, 16, "ro", 0, "Lanes of the NMPU."),
        Field("max_reads", 16, 16, "ro", 0, "Most reads that one result may accumulate, each "
                                            "counted with its weight."),
    ), "Size of the NMPU; reset values are those of the configuration."),
    Register("CONTROL", 0x0C, (
        Field("run", 0, 1, "rw", 0, "Take vectors from the input stream."),
        Field("swap", 1, 1, "w1s", 0, "Exchange the coefficient banks before the next result; "
                                      "reads 1 until no vector uses the old bank."),
    ), "Start, stop and bank exchange."),
    Register("SETTINGS", 0x10, (
        Field("shift", 0, 6, "rw", 0, "Bits rounded off the normalised number."),
        Field("relu", 6, 1, "rw", 0, "Negative numbers become 0."),
        Field("output_bits", 8, 4, "rw", 8, "Width of results: 8, 6 or 4."),
        Field("input_bits", 12, 4, "rw", 8, "Width of inputs: 8, 6 or 4."),
        Field("read_mode", 16, 2, "rw", 0, "How a vector is read: " + ", ".join(
            f"{k} {name}" for k, name in enumerate(READ_MODES)) + "."),
        Field("reads", 20, 12, "rw", 1, "Vectors accumulated before a result is emitted; their "
                                        "weights together are within UNIT.max_reads."),
    ), "Taken over when the first read of a result starts; illegal values are refused whole. After "
       "reset `output_bits` and `input_bits` are the widest of the configuration."),
    Register("STATUS", 0x14, (
        Field("busy", 0, 1, "ro", 0, "A vector is between the input and the output stream; "
                                     "a result that waits for more reads does not count."),
        Field("bank", 1, 1, "ro", 0, "Coefficient bank of the next result; the bus reaches the "
                                     "other one."),
        *STICKY,
    ), "Present state and sticky events."),
    Register("IRQ_ENABLE", 0x18, tuple(
        Field(f.name, f.low, 1, "rw", 0, f"Interrupt while STATUS.{f.name} is set.")
        for f in STICKY), "Which sticky events raise the interrupt."),
    Register("READS", 0x1C, (
        Field("count", 0, 32, "ro", 0, "Windows captured since reset; stays at its maximum."),
    ), "Progress of the array."),
    Register("RESULTS", 0x20, (
        Field("count", 0, 32, "ro", 0, "Result vectors sent since reset; stays at its maximum."),
    ), "Progress of the output."),
    Register("READOUT", 0x24, (
        Field("counter_bits", 0, 8, "ro", 0, "Width of a counter."),
        Field("counter_banks", 8, 4, "ro", 0, "Banks of counters."),
        Field("columns_per_counter", 12, 4, "ro", 0, "Columns that share a pair of counters."),
        Field("settle_clocks", 16, 4, "ro", 0, "Clocks from the end of a window to the capture; 0 "
                                               "if the macro counts."),
        Field("reference_bits", 24, 8, "ro", 0, "Width of the code of the known current."),
    ), "The readout that was built; reset values are those of the configuration."),
    Register("WINDOW", 0x28, (
        Field("clocks", 0, 16, "ro", 0, "Clocks that the gate of the last window was open."),
    ), "Length of the last window, measured at the gate."),
    Register("SATURATIONS", 0x2C, (
        Field("count", 0, 32, "ro", 0, "Captures in which a counter stood at full scale; stays at "
                                       "its maximum."),
    ), "How often counters filled since reset."),
    Register("PROBE", 0x30, (
        Field("column", 0, 16, "rw", 0, "Column whose counts PROBE_COUNTS shows."),
    ), "Chooses a column; a column that does not exist is refused."),
    Register("PROBE_COUNTS", 0x34, (
        Field("p", 0, 16, "ro", 0, "Count of polarity P."),
        Field("n", 16, 16, "ro", 0, "Count of polarity N."),
    ), "Raw counts of the last read of the probed column since PROBE was written; 0 before."),
    Register("REFERENCE", 0x38, (
        Field("code", 0, 16, "rw", 0, "Code of the known current in the first window."),
        Field("step", 16, 16, "rw", 0, "Added to the code from window to window."),
    ), "Current of a measurement; refused during one."),
    Register("MEASURE", 0x3C, (
        Field("repeats", 0, 13, "rw", 1, f"Windows for each column, 1 to {MOST_REPEATS}."),
        Field("negative", 16, 1, "rw", 0, "The current flows into polarity N, otherwise P."),
        Field("start", 31, 1, "w1s", 0, "Measure between two results; reads 1 until the sums are "
                                        "complete."),
    ), "Counts a known current with all rows at rest and adds the counts of each column. The "
       "window is that of one phase of SETTINGS.input_bits. A code that would exceed its width "
       "in the last window is refused, and so is every write during a measurement."),
    Register("CALIBRATION", 0x1000, (
        Field("kind", 0, 2, "rw", 0, "Calibration vectors: 0 constant, 1 one row after the other, "
                                     "2 stored ones in turn."),
        Field("slot", 4, 1, "rw", 0, "Which of two sums; `fit` compares both."),
        Field("now", 5, 1, "rw", 0, "0: the reference. 1: what is compared with it."),
        Field("absolute", 6, 1, "rw", 1, "Add magnitudes of readouts; `fit` wants 0."),
        Field("value", 8, 8, "rw", 0, "Input of the driven rows, two's complement."),
        Field("repeats", 16, 13, "rw", 1, "Vectors, 1 to the configuration's most."),
    ), "The next measurement; refused during one. It reads in the mode and width of SETTINGS."),
    Register("DRIFT", 0x1004, (
        Field("method", 0, 2, "rw", 0, "Gains: 0 of the tile, 1 of each column, 2 slope and offset "
                                       "of each column."),
        Field("stored", 8, 5, "rw", 1, "Stored vectors in use."),
        Field("measure", 29, 1, "w1s", 0, "Read calibration vectors between two results; reads 1 "
                                          "until their sums are complete."),
        Field("update", 30, 1, "w1s", 0, "Compare the sums and correct the coefficients; reads 1 "
                                         "until that is done or refused."),
        Field("abort", 31, 1, "w1s", 0, "End a measurement; its sums are invalid. Reads 0."),
    ), "Commands of the drift engine; while it is busy only `abort` is accepted."),
    Register("DRIFT_MINIMUM", 0x1008, (
        Field("sum", 0, 32, "rw", 0, "Sums below are not trusted; columns below count as unused."),
    ), "What the smallest sum must be."),
    Register("DRIFT_EVERY", 0x100C, (
        Field("results", 0, 32, "rw", 0, "Results after which the engine measures and updates by "
                                         "itself; 0 is never."),
    ), "Corrections without the host: CALIBRATION and DRIFT.method say how."),
    Register("DRIFT_STATUS", 0x1010, (
        Field("refusal", 0, 3, "ro", 0, "Of the last update: 0 none, 1 no reference, 2 a sum of 0, "
                                        "3 a negative gain, 4 a sum below the minimum, 5 a full "
                                        "counter, 6 out of range, 7 no coefficient fits."),
        Field("exponents", 4, 2, "ro", 0, "Of coefficient banks 0 and 1."),
        Field("gain", 16, 16, "ro", 0, "Of the tile, in the last estimate; the highest bits of "
                                       "drift.gain."),
    ), "What the last update came to."),
    Register("DRIFT_COUNTS", 0x1014, (
        Field("updates", 0, 16, "ro", 0, "Updates done since reset; stays at its maximum."),
        Field("refusals", 16, 16, "ro", 0, "Updates refused since reset; stays at its maximum."),
    ), "How often."),
    Register("STATISTICS", 0x1018, (
        Field("results", 0, 17, "rw", 1, "Results of the batch, 1 to 65536."),
        Field("shift", 20, 5, "rw", 0, "Bits cut off each accumulated readout; what is left is "
                                       "clipped to 16 bits."),
        Field("clipped", 25, 1, "ro", 0, "A sample of the batch was clipped."),
        Field("start", 31, 1, "w1s", 0, "Add up the next results; reads 1 until all are added."),
    ), "Sums and sums of squares of each channel, before its normalisation; refused while they are "
       "being added."),
)}

PROGRAM_REGISTERS = {r.name: r for r in (
    Register("PROGRAM_KEY", PROGRAM_BASE, (
        Field("key", 0, 32, "key", 0, f"Writing `{PROGRAM_KEY:#x}` unlocks the write heads, any "
                                      "other number locks them. Reads 1 if unlocked, else 0."),
    ), "No pulse without it. Accepted at any time; locking stops a pulse, which is a fault."),
    Register("PROGRAM_LIMITS", PROGRAM_BASE + 0x04, (
        Field("max_rounds", 0, 8, "rw", 30, "Most pulses of the loop for each cell; at most "
                                            "`program.max_rounds`."),
        Field("windows", 8, 5, "rw", 4, "Windows added in a verify read, 1 to 16."),
        Field("margin", 16, 12, "rw", 5, "A cell whose error is smaller, in counts, is good; at "
                                         "least 1."),
    ), "The loop of read, compare and pulse. These and the next six are refused during a job."),
    Register("PROGRAM_CURRENTS", PROGRAM_BASE + 0x08, (
        Field("low", 0, 12, "rw", 125, "Smallest current of the loop, in µA."),
        Field("high", 16, 12, "rw", 700, "Largest; at most `program.max_current_ua`."),
    ), "Bounds of the current; PROGRAM_STEP.start must be within them."),
    Register("PROGRAM_STEP", PROGRAM_BASE + 0x0C, (
        Field("start", 0, 12, "rw", 125, "Current before the first change, in µA."),
        Field("gain", 16, 8, "rw", 32, "Change of current per count of error, in 1/16 µA. An error "
                                       "of `margin` must move the current."),
    ), "How the current of a cell changes."),
    Register("PROGRAM_RESET", PROGRAM_BASE + 0x10, (
        Field("clocks", 0, 12, "rw", 125, "Length; 1 to `program.max_pulse_clocks`."),
        Field("current", 16, 12, "rw", 700, "In µA; at most `program.max_current_ua`."),
    ), "The square pulse that resets a device."),
    Register("PROGRAM_SET", PROGRAM_BASE + 0x14, (
        Field("clocks", 0, 12, "rw", 250, "Length before the trailing edge; at least 1."),
        Field("current", 16, 12, "rw", 125, "In µA; at most `program.max_current_ua`."),
    ), "The pulse that sets a device."),
    Register("PROGRAM_PULSE", PROGRAM_BASE + 0x18, (
        Field("clocks", 0, 12, "rw", 125, "Length of a square pulse of the loop; 1 to "
                                          "`program.max_pulse_clocks`."),
        Field("trailing", 16, 12, "rw", 50, "Length of the trailing edge of SET; with "
                                            "PROGRAM_SET.clocks at most "
                                            "`program.max_pulse_clocks`."),
    ), "The other lengths."),
    Register("PROGRAM_PRECHARGE", PROGRAM_BASE + 0x1C, (
        Field("clocks", 0, 16, "rw", 256, "Clocks before a verify read; at least 1."),
    ), "Rest before a read."),
    Register("PROGRAM_RESULT", PROGRAM_BASE + 0x20, (
        Field("rows", 0, 11, "ro", 0, "Rows done."),
        Field("rounds", 16, 8, "ro", 0, "Most rounds that a row needed."),
        Field("clipped", 24, 1, "ro", 0, "A target exceeded what a counter can hold, and was "
                                         "clipped."),
        Field("surplus", 25, 1, "ro", 0, "A row of targets had surplus beats; they were dropped."),
    ), "Of the last job, or the one under way; so are the next four."),
    Register("PROGRAM_CELLS", PROGRAM_BASE + 0x24, (
        Field("count", 0, 32, "ro", 0, "Cells with a last verdict: the next two together."),
    ), "How many cells."),
    Register("PROGRAM_CONVERGED", PROGRAM_BASE + 0x28, (
        Field("count", 0, 32, "ro", 0, "Cells within the margin."),
    ), "How many are good."),
    Register("PROGRAM_FAILED", PROGRAM_BASE + 0x2C, (
        Field("count", 0, 32, "ro", 0, "Cells that are not, after `max_rounds` pulses."),
    ), "How many are not."),
    Register("PROGRAM_PULSES", PROGRAM_BASE + 0x30, (
        Field("count", 0, 32, "ro", 0, "Pulses of the loop, of all cells together."),
    ), "What it took."),
)}
"""Apart from `REGISTERS`: they are on a page of their own, behind the coefficients."""


def pack(register, **values):
    """A register's word; fields not given have their reset value."""
    word = 0
    fields = {**REGISTERS, **PROGRAM_REGISTERS}[register].fields
    unknown = set(values) - {f.name for f in fields}
    if unknown:
        raise ValueError(f"{register} has no field {', '.join(sorted(unknown))}")
    for f in fields:
        value = int(values.get(f.name, f.reset))
        if not 0 <= value < 1 << f.width:
            raise ValueError(f"{register}.{f.name} must be from 0 to {(1 << f.width) - 1}, "
                             f"not {value}")
        word |= value << f.low
    return word


def unpack(register, word):
    """The fields of a register's word, as a dict."""
    fields = {**REGISTERS, **PROGRAM_REGISTERS}[register].fields
    return {f.name: (word >> f.low) & ((1 << f.width) - 1) for f in fields}


def coefficient_address(column, name):
    """Byte address of a coefficient of ``column``."""
    return COEFFICIENT_BASE + 32 * column + 4 * COEFFICIENTS.index(name)


def sum_address(column):
    """Byte address of the sum of ``column``."""
    return SUM_BASE + 4 * column


def vector_words(rows):
    """Words from one stored vector to the next: four rows each, and a power of two of them."""
    return 1 << (-(-rows // 4) - 1).bit_length()


def vector_address(vector, row, *, rows):
    """Byte address of the word of a stored vector that holds ``row`` and the next three."""
    return VECTOR_BASE + 4 * (vector * vector_words(rows) + row // 4)


def saturated_address(column):
    """Byte address of the word that holds the flag of ``column``."""
    return SATURATED_BASE + 4 * (column // 32)


def markdown():
    """The map as a page."""
    lines = ["# Registers", "",
             "Generated by `python -m golden.registers`; do not edit.", "",
             "Words of 32 bits on AXI4-Lite. An unmapped address, a write to a read-only register,",
             "a write with part of the byte strobes, and a value that is not allowed are answered",
             "with SLVERR and change nothing. Bits of no field read 0 and ignore writes.", ""]
    for register in (*REGISTERS.values(), *PROGRAM_REGISTERS.values()):
        lines += [f"## `{register.offset:#06x}` {register.name}", "", register.doc, "",
                  "| bits | field | access | reset | meaning |", "|---|---|---|---|---|"]
        for f in register.fields:
            bits = f"{f.low + f.width - 1}:{f.low}" if f.width > 1 else f"{f.low}"
            lines.append(f"| {bits} | {f.name} | {f.access} | {f.reset:#x} | {f.doc} |")
        lines.append("")
    lines += [f"## `{SATURATED_BASE:#06x}` Saturated columns", "",
              f"Bit `c % 32` of the word at `{SATURATED_BASE:#x} + 4 (c // 32)` is set when a",
              "counter of column `c` stands at full scale as it is captured. Writing 1 clears it;",
              "hardware wins on the same clock.", "",
              f"## `{SUM_BASE:#06x}` Sums of a measurement", "",
              f"The word at `{SUM_BASE:#x} + 4 c` is the sum of the counts of column `c` in the",
              "last measurement; it changes while MEASURE.start reads 1. Read only.", "",
              "## " + ", ".join(f"`{base:#06x}`" for base in CHANNEL_BASES.values())
              + " Statistics of a batch", "",
              "Word c of the first is the sum of the samples of column c, sign-extended; the other",
              "two are the low and the high half of the sum of their squares. Read only, with a",
              "drift engine; they change while STATISTICS.start reads 1.", "",
              f"## `{VECTOR_BASE:#06x}` Stored calibration vectors", "",
              "Rows 4 w to 4 w + 3 of a vector in word w, the first in the lowest byte; the next",
              "vector starts at the next multiple of that many words, rounded up to a power of",
              "two. Write only, with a drift engine.", "",
              f"## `{COEFFICIENT_BASE:#06x}` Coefficients", "",
              f"Column `c` has eight words from `{COEFFICIENT_BASE:#x} + 32 c`. They belong to the",
              "bank that is not in use. A write is refused if the value does not fit the format,",
              "any access is refused while CONTROL.swap reads 1. Signed values are two's",
              "complement, sign-extended to 32 bits in both directions.", "",
              "| word | coefficient |", "|---|---|"]
    lines += [f"| {k} | {name} |" for k, name in enumerate(COEFFICIENTS)]
    return "\n".join([*lines, "| 6, 7 | none: SLVERR |", ""])


if __name__ == "__main__":
    print(markdown(), end="")
