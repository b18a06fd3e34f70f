"""What is there once for each column, or for each word of a memory."""

from golden.registers.descriptors import DESCRIPTORS
from golden.registers.entries import Field, Register, Window

__all__ = ["ADDRESS_BITS", "CHANNEL_BASES", "COEFFICIENTS", "COEFFICIENT_BASE", "SATURATED_BASE",
           "SUM_BASE", "VECTOR_BASE", "WINDOWS", "WINDOW_BITS", "coefficient_address",
           "saturated_address", "sum_address", "vector_address", "vector_words"]

ADDRESS_BITS = 17
"""Byte address; registers are 32-bit words."""

WINDOW_BITS = 12
"""Address bits below those that choose SATURATED, SUM and VECTOR."""

SATURATED_BASE = 0x2000
"""A word for 32 columns: bit ``c % 32`` of the word at ``SATURATED_BASE + 4 * (c // 32)``."""

SUM_BASE = 0x4000
"""Column ``c`` has the word at ``SUM_BASE + 4 * c``."""

CHANNEL_BASES = {"sums": 0x3000, "squares_low": 0x5000, "squares_high": 0x7000}
"""Column ``c`` has the word at ``base + 4 * c``: the statistics of a batch of results."""

VECTOR_BASE = 0x6000
"""Four rows of a stored calibration vector in a word; a vector takes a power of two of words."""

COEFFICIENT_BASE = 0x8000
"""Column ``c`` has eight words from ``COEFFICIENT_BASE + 32 * c``."""

COEFFICIENT_STRIDE = 32

COEFFICIENT_DOCS = {
    "scale_p": "Multiplies a count of polarity P; unsigned.",
    "offset_p": "Added to the scaled count of polarity P; signed.",
    "scale_n": "Multiplies a count of polarity N; unsigned.",
    "offset_n": "Added to the scaled count of polarity N; signed.",
    "norm_scale": "Multiplies the accumulated readout; signed.",
    "norm_bias": "Added to that product; signed.",
}

COEFFICIENTS = tuple(COEFFICIENT_DOCS)
"""The first words of a column, in this order; the rest are illegal."""

CHANNEL_DOCS = {
    "sums": "Sum of the samples of the column, sign-extended.",
    "squares_low": "Low half of the sum of their squares.",
    "squares_high": "High half of that sum.",
}


def vector_words(rows):
    """Words from one stored vector to the next: four rows each, and a power of two of them."""
    return 1 << (-(-rows // 4) - 1).bit_length()


def coefficient_address(column, name):
    """Byte address of a coefficient of ``column``."""
    return COEFFICIENT_BASE + COEFFICIENT_STRIDE * column + 4 * COEFFICIENTS.index(name)


def sum_address(column):
    """Byte address of the sum of ``column``."""
    return SUM_BASE + 4 * column


def vector_address(vector, row, *, rows):
    """Byte address of the word of a stored vector that holds ``row`` and the next three."""
    return VECTOR_BASE + 4 * (vector * vector_words(rows) + row // 4)


def saturated_address(column):
    """Byte address of the word that holds the flag of ``column``."""
    return SATURATED_BASE + 4 * (column // 32)


def _columns(config):
    return config.array.columns


def _engine(config):
    return config.drift.engine


def _word(*fields):
    """The only word of an item: the window says what it is."""
    return (Register("WORD", 0, fields, ""),)


WINDOWS = tuple(sorted((
    Window(
        name="SATURATED", base=SATURATED_BASE, stride=4, items=lambda c: -(-_columns(c) // 32),
        words=_word(Field("columns", 0, 32, "w1c", 0, "A counter of the column stood at full scale "
                                                      "as it was captured.")),
        doc="Flags of full counters: bit `c % 32` of word `c // 32` is that of column `c`."),
    *(Window(
        name=f"CHANNEL_{name.upper()}", base=base, stride=4, items=_columns, present=_engine,
        words=_word(Field("value", 0, 32, "ro", None, CHANNEL_DOCS[name])),
        doc="Statistics of a batch, a word per column; they change while STATISTICS.start reads 1.")
      for name, base in CHANNEL_BASES.items()),
    Window(
        name="SUMS", base=SUM_BASE, stride=4, items=_columns,
        words=_word(Field("value", 0, 32, "ro", None, "Sum of the counts of the column.")),
        doc="Sums of the last measurement, a word per column; they change while MEASURE.start "
            "reads 1."),
    Window(
        name="VECTORS", base=VECTOR_BASE, stride=4, present=_engine,
        items=lambda c: c.drift.vectors * vector_words(c.array.rows),
        words=_word(*(Field(f"row_{k}", 8 * k, 8, "wo", None, f"Input of row `4 w + {k}`, two's "
                                                              "complement.") for k in range(4))),
        doc="Stored calibration vectors: rows `4 w` to `4 w + 3` of a vector in its word `w`; the "
            "next vector starts at the next multiple of that many words, rounded up to a power of "
            "two."),
    Window(
        name="COEFFICIENTS", base=COEFFICIENT_BASE, stride=COEFFICIENT_STRIDE, items=_columns,
        words=tuple(Register(name, 4 * k, (Field("value", 0, 32, "rw", None, doc),), doc)
                    for k, (name, doc) in enumerate(COEFFICIENT_DOCS.items())),
        doc="Raw coefficients of each column, signed ones sign-extended, in the bank that is not "
            "in use. A write is refused if the value does not fit the format, any access while "
            "CONTROL.swap reads 1, reads of that bank drain, or the drift engine writes "
            "coefficients. Words 6 and 7 do not exist."),
    DESCRIPTORS,
), key=lambda window: window.base))
"""In the order of their addresses."""
