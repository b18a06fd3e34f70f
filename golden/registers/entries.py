"""What the register map is written with: fields, registers, pages and windows."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["ACCESS", "Field", "Page", "Register", "Window"]

ACCESS = {
    "ro": "Read only.",
    "rw": "Read and write.",
    "wo": "Write only: a read is refused.",
    "key": "A write of the key unlocks, of any other number locks; reads 1 if unlocked, else 0.",
    "w1s": "Writing 1 starts something and sets the bit, writing 0 does nothing; hardware clears "
           "the bit when it is done.",
    "w1c": "Sticky: hardware sets, writing 1 clears; hardware wins on the same clock.",
}
"""How a field may be accessed."""


def always(_config):
    """Whether every tile has it: yes."""
    return True


@dataclass(frozen=True)
class Field:
    """Bits of a register.

    Parameters
    ----------
    access : str
        One of `ACCESS`.
    reset : int or None
        None: undefined until it is written.
    """

    name: str
    low: int
    width: int
    access: str
    reset: int | None
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


@dataclass(frozen=True)
class Page:
    """Registers that a tile has all or none of.

    Parameters
    ----------
    registers : tuple of Register
        Each at its address in the tile, from ``base`` on.
    present : callable
        Configuration to whether a tile has them.
    """

    base: int
    registers: tuple[Register, ...]
    present: Callable = always


@dataclass(frozen=True, kw_only=True)
class Window:
    """The same words again for each of many items; item ``k`` starts at ``base + stride * k``.

    Parameters
    ----------
    words : tuple of Register
        Each at its address in the item.
    items : callable
        Configuration to the number of items.
    present : callable
        Configuration to whether a tile has the window.
    """

    name: str
    base: int
    stride: int
    words: tuple[Register, ...]
    items: Callable
    doc: str
    present: Callable = always
