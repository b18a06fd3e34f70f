"""The register map of a tile: the one description that hardware, test benches and docs share.

`tile`, `drift` and `windows` hold the description, written with `entries`. `markdown_page` and
`rdl` make documents of it; ``make registers`` writes them, see ``tb/registers.py``. This package is
also what a host in Python uses.
"""

from golden.registers.chain import CHAIN_BASE, WATCHDOG_BITS
from golden.registers.descriptors import DESCRIPTOR_BASE
from golden.registers.drift import DRIFT_BASE
from golden.registers.entries import Field, Page, Register, Window
from golden.registers.program import PROGRAM_BASE, PROGRAM_KEY
from golden.registers.tile import MOST_REPEATS, STICKY
from golden.registers.windows import (
    ADDRESS_BITS,
    CHANNEL_BASES,
    COEFFICIENT_BASE,
    COEFFICIENTS,
    SATURATED_BASE,
    SUM_BASE,
    VECTOR_BASE,
    WINDOW_BITS,
    WINDOWS,
    coefficient_address,
    saturated_address,
    sum_address,
    vector_address,
    vector_words,
)
from golden.registers.words import PAGES, REGISTERS, pack, unpack

__all__ = ["ADDRESS_BITS", "CHAIN_BASE", "CHANNEL_BASES", "COEFFICIENTS", "COEFFICIENT_BASE",
           "DESCRIPTOR_BASE", "DRIFT_BASE", "MOST_REPEATS", "PAGES", "PROGRAM_BASE", "PROGRAM_KEY",
           "REGISTERS", "SATURATED_BASE", "STICKY", "SUM_BASE", "VECTOR_BASE", "WATCHDOG_BITS",
           "WINDOWS", "WINDOW_BITS", "Field", "Page", "Register", "Window", "coefficient_address",
           "pack", "saturated_address", "sum_address", "unpack", "vector_address", "vector_words"]
