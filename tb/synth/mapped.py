"""What a mapped netlist is made of."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Mapped", "MappedPart", "assemble", "cells_of", "count_cells", "count_memory_bits",
           "read_depth", "read_stat"]


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """A mapped design.

    Members
    -------
    area : float
        Of all cells; um2, or the unit of the library.
    cells : dict
        Number of cells by kind, most first.
    parts : dict
        Modules that stayed hierarchy: how often, and the area of one with all inside.
    memory_bits : dict
        Bits of memories by module, all its instances together, counted before mapping.
    depth : int
        Cells in the longest chain of logic within a module.
    estimate_ns : float or None
        ABC's own estimate of the slowest logic of a module, without flip-flops, loads of other
        modules and I/O; None where there is no logic.
    """

    area: float
    cells: dict
    parts: dict
    memory_bits: dict
    depth: int
    estimate_ns: float | None


@dataclass(frozen=True, kw_only=True)
class MappedPart:
    """A mapped `tb.synth.parts.Part`; members as of `Mapped`, of it alone.

    ``cells`` has the parts inside by their names; ``verilog`` is the path of the netlist.
    """

    area: float
    cells: dict
    memory_bits: dict
    depth: int
    estimate_ns: float | None
    verilog: Path


def count_cells(modules, *, top):
    """Cells by kind in a design, most first, of those in each module, other modules included."""
    total = {}
    for name, number in _instances(modules, top).items():
        for kind, count in modules[name].items():
            if kind not in modules:
                total[kind] = total.get(kind, 0) + number * count
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def count_memory_bits(modules, *, top):
    """Bits of memories by module, of modules as `read_stat` gives them before mapping."""
    times = _instances(cells_of(modules), top)
    bits = {name: number * modules[name]["num_memory_bits"] for name, number in times.items()}
    return {name: number for name, number in bits.items() if number}


def cells_of(modules):
    """What is in each of modules as `read_stat` gives them: numbers by kind."""
    return {name: module["num_cells_by_type"] for name, module in modules.items()}


def read_stat(path):
    """What Yosys' `stat -json` wrote of each module, with names as they are in Verilog."""
    stat = json.loads(path.read_text())
    return {name.lstrip("\\"): {**module, "num_cells_by_type": {
        kind.lstrip("\\"): number for kind, number in module["num_cells_by_type"].items()}}
        for name, module in stat["modules"].items()}


def read_depth(text):
    """The length of the longest path that Yosys' `ltp` printed; 0 if there was none."""
    return max([0, *map(int, re.findall(r"\(length=(-?\d+)\)", text))])


def assemble(parts, *, top):
    """The design of `MappedPart` by name, every one after those that it has inside."""
    cells = {name: part.cells for name, part in parts.items()}
    areas, memory_bits = {}, {}
    times = _instances(cells, top)
    for name, part in parts.items():
        areas[name] = part.area + sum(number * areas[kind] for kind, number in part.cells.items()
                                      if kind in parts)
        for module, bits in part.memory_bits.items():
            memory_bits[module] = memory_bits.get(module, 0) + times[name] * bits
    return Mapped(
        area=areas[top], cells=count_cells(cells, top=top),
        parts={name: [number, areas[name]] for name, number in times.items()
               if name != top and areas[name]},
        memory_bits=memory_bits, depth=max(part.depth for part in parts.values()),
        estimate_ns=max((part.estimate_ns for part in parts.values()
                         if part.estimate_ns is not None), default=None))


def _instances(modules, top):
    """How often each module is in the design below `top`, itself once."""
    times = {}

    def visit(name, number):
        times[name] = times.get(name, 0) + number
        for kind, count in modules[name].items():
            if kind in modules:
                visit(kind, number * count)

    visit(top, 1)
    return times
