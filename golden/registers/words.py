"""Registers by name, and fields to words and back."""

from golden.registers.chain import CHAIN
from golden.registers.drift import DRIFT
from golden.registers.program import PROGRAM
from golden.registers.tile import TILE

__all__ = ["PAGES", "REGISTERS", "pack", "unpack"]

PAGES = (TILE, DRIFT, PROGRAM, CHAIN)

REGISTERS = {r.name: r for page in PAGES for r in page.registers}


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
