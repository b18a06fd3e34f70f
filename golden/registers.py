"""The register map of a tile: the one description that hardware, test benches and docs share.

``python -m golden.registers`` prints it as the Markdown page ``docs/registers.md``.
"""

from dataclasses import dataclass

__all__ = ["ADDRESS_BITS", "COEFFICIENTS", "COEFFICIENT_BASE", "REGISTERS", "STICKY", "Field",
           "Register", "coefficient_address", "markdown", "pack", "unpack"]

ADDRESS_BITS = 16
"""Byte address; registers are 32-bit words."""

COEFFICIENT_BASE = 0x8000
"""Column ``c`` has eight words from ``COEFFICIENT_BASE + 32 * c``."""

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
)
"""The events that STATUS remembers and IRQ_ENABLE may turn into an interrupt."""

REGISTERS = {r.name: r for r in (
    Register("ID", 0x00, (
        Field("version", 0, 8, "ro", 1, "Version of this map."),
        Field("magic", 8, 24, "ro", 0x42455A, "`BEZ` in ASCII."),
    ), "What this is."),
    Register("SHAPE", 0x04, (
        Field("rows", 0, 16, "ro", 0, "Rows of the array."),
        Field("columns", 16, 16, "ro", 0, "Columns of the array."),
    ), "Size of the array; reset values are those of the configuration."),
    Register("UNIT", 0x08, (
        Field("lanes", 0, 16, "ro", 0, "Lanes of the NMPU."),
        Field("max_reads", 16, 16, "ro", 0, "Most reads that one result may accumulate."),
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
        Field("reads", 16, 16, "rw", 1, "Reads accumulated before a result is emitted."),
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
        Field("count", 0, 32, "ro", 0, "Reads captured since reset; stays at its maximum."),
    ), "Progress of the array."),
    Register("RESULTS", 0x20, (
        Field("count", 0, 32, "ro", 0, "Result vectors sent since reset; stays at its maximum."),
    ), "Progress of the output."),
)}


def pack(register, **values):
    """A register's word; fields not given have their reset value."""
    word = 0
    unknown = set(values) - {f.name for f in REGISTERS[register].fields}
    if unknown:
        raise ValueError(f"{register} has no field {', '.join(sorted(unknown))}")
    for f in REGISTERS[register].fields:
        value = int(values.get(f.name, f.reset))
        if not 0 <= value < 1 << f.width:
            raise ValueError(f"{register}.{f.name} must be from 0 to {(1 << f.width) - 1}, "
                             f"not {value}")
        word |= value << f.low
    return word


def unpack(register, word):
    """The fields of a register's word, as a dict."""
    return {f.name: (word >> f.low) & ((1 << f.width) - 1) for f in REGISTERS[register].fields}


def coefficient_address(column, name):
    """Byte address of a coefficient of ``column``."""
    return COEFFICIENT_BASE + 32 * column + 4 * COEFFICIENTS.index(name)


def markdown():
    """The map as a page."""
    lines = ["# Registers", "",
             "Generated by `python -m golden.registers`; do not edit.", "",
             "Words of 32 bits on AXI4-Lite. An unmapped address, a write to a read-only register,",
             "a write with part of the byte strobes, and a value that is not allowed are answered",
             "with SLVERR and change nothing. Bits of no field read 0 and ignore writes.", ""]
    for register in REGISTERS.values():
        lines += [f"## `{register.offset:#06x}` {register.name}", "", register.doc, "",
                  "| bits | field | access | reset | meaning |", "|---|---|---|---|---|"]
        for f in register.fields:
            bits = f"{f.low + f.width - 1}:{f.low}" if f.width > 1 else f"{f.low}"
            lines.append(f"| {bits} | {f.name} | {f.access} | {f.reset:#x} | {f.doc} |")
        lines.append("")
    lines += [f"## `{COEFFICIENT_BASE:#06x}` Coefficients", "",
              f"Column `c` has eight words from `{COEFFICIENT_BASE:#x} + 32 c`. They belong to the",
              "bank that is not in use. A write is refused if the value does not fit the format,",
              "any access is refused while CONTROL.swap reads 1. Signed values are two's",
              "complement, sign-extended to 32 bits in both directions.", "",
              "| word | coefficient |", "|---|---|"]
    lines += [f"| {k} | {name} |" for k, name in enumerate(COEFFICIENTS)]
    return "\n".join([*lines, "| 6, 7 | none: SLVERR |", ""])


if __name__ == "__main__":
    print(markdown(), end="")
