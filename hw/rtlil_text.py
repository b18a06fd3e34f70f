"""The text form of RTLIL, as far as Amaranth writes it: modules made of items."""

import itertools
import re
from dataclasses import dataclass, replace

__all__ = ["Item", "split_items", "split_modules"]

_MODULE = re.compile(r"module \\(\S+)$")
_HEAD = re.compile(r"(wire|memory|cell|process|connect) ")
_PORT = re.compile(r" (?:input|output|inout) \d+ ")
_NAME = re.compile(r"\\\S+")


@dataclass(frozen=True)
class Item:
    """A wire, memory, cell, process or connection in a module.

    Members
    -------
    attributes : tuple of str
        The attribute lines before it.
    head : str
        Its first line.
    rest : tuple of str
        The lines of a cell or process up to and with its `end`.
    """

    attributes: tuple
    head: str
    rest: tuple = ()

    @property
    def kind(self):
        """The first word: `wire`, `memory`, `cell`, `process` or `connect`."""
        return self.head.split(maxsplit=1)[0]

    @property
    def name(self):
        r"""What is declared, with its `\\` or `$`; None for a connection."""
        return None if self.kind == "connect" else self.head.rsplit(maxsplit=1)[1]

    @property
    def cell_type(self):
        """The type of a cell; None for anything else."""
        return self.head.split()[1] if self.kind == "cell" else None

    @property
    def is_port(self):
        """Whether this is a wire that is a port of the module."""
        return self.kind == "wire" and bool(_PORT.search(self.head))

    @property
    def lines(self):
        """All lines, in order."""
        return (*self.attributes, self.head, *self.rest)

    def renamed(self, names):
        """Return the item with names of its own module replaced.

        Attributes, parameters, types of cells and their ports are names of other places, and
        stay; the parameter `MEMID` names a memory of this module.
        """
        if self.kind == "cell":
            *start, name = self.head.rsplit(" ", 1)
            head = " ".join([*start, names.get(name, name)])
            return replace(self, head=head, rest=tuple(_in_cell(x, names) for x in self.rest))
        return replace(
            self,
            head=_everywhere(self.head, names),
            rest=tuple(_everywhere(line, names) for line in self.rest),
        )


def _everywhere(line, names):
    if line.lstrip().startswith("attribute "):
        return line
    return _NAME.sub(lambda name: names.get(name[0], name[0]), line)


def _in_cell(line, names):
    words = line.split(maxsplit=2)
    if words[0] == "connect":
        return f"    connect {words[1]} {_everywhere(words[2], names)}"
    if words[:2] == ["parameter", "\\MEMID"]:
        name = words[2].strip('"')[1:]  # the string escapes the backslash with another
        return f'    parameter \\MEMID "\\{names.get(name, name)}"'
    return line


def split_modules(text):
    """Return the items of each module by the module's name, in the order of the text."""
    modules, lines = {}, iter(text.splitlines())
    for line in lines:
        if match := _MODULE.match(line):
            body = itertools.takewhile(lambda line: line != "end", lines)
            modules[match[1]] = split_items(line for line in body if line)
    return modules


def split_items(lines):
    """Return the items of the lines of one module's body."""
    items, lines = [], iter(lines)
    attributes = []
    for line in lines:
        if not _HEAD.match(line.lstrip()):
            attributes.append(line)
            continue
        rest = []
        if line.startswith(("  cell ", "  process ")):
            rest.extend(_until_end(lines))
        items.append(Item(tuple(attributes), line, tuple(rest)))
        attributes = []
    return items


def _until_end(lines):
    for line in lines:
        yield line
        if line == "  end":
            return
