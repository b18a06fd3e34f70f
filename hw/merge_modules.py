"""Merge the modules that Amaranth writes once per instance.

Amaranth emits one RTLIL module for every submodule of a design, named by its path: 64 equal
lanes are 64 modules. `merge_modules` keeps one of each, so that the Verilog reads like the
source, and a simulator or synthesiser does its work once. It also replaces the names that
Verilog would have to escape (`tile.lane_0`, `i$3`, `repeat`) by plain ones.

Two modules merge when they are equal up to names that depend on where the instance sits. An
instance with an input tied to a constant, or with an output nobody reads, stays a module of its
own: Amaranth has simplified it, so its ports differ.
"""

import re
from dataclasses import replace

from .rtlil_text import split_modules
from .verilog_keywords import KEYWORDS

__all__ = ["merge_modules"]

# A port that is no whole signal: named by the net that drives it, so by its place in the design.
_PLACED = re.compile(r"\\port\$\d+\$\d+")
_PORT_NUMBER = re.compile(r" (input|output|inout) \d+ ")


def merge_modules(text, *, top):
    """Return RTLIL with equal modules merged and names made plain.

    Modules are named `<top>_<instance>`, where a trailing number of the instance's name is
    dropped; different modules of one name are told apart by `_2`, `_3`. The result depends on
    `text` and `top` alone.

    Parameters
    ----------
    text : str
        RTLIL as written by `amaranth.back.rtlil`.
    top : str
        Name of the top module, which keeps its name and its ports.

    Raises
    ------
    ValueError
        If there is no module `top`.
    """
    modules = split_modules(text)
    if top not in modules:
        raise ValueError(f"the RTLIL must have a module {top!r}, and has {list(modules)!r}")

    types = {item.cell_type for items in modules.values() for item in items} - {None}
    taken = {top} | {name[1:] for name in types} - modules.keys()
    merged = {}  # type of a cell: (type of its merged module, new names of its ports)
    bodies = {}  # body: name of the merged module
    for path in sorted(modules, key=lambda path: path.count("."), reverse=True):
        body, names = _canonical(modules[path], merged, is_top=path == top)
        if body not in bodies:
            bodies[body] = top if path == top else _free(f"{top}_{_stem(path)}", taken, first=2)
        merged[f"\\{path}"] = f"\\{bodies[body]}", names

    return "\n".join(
        _module_text(name, body, is_top=name == top) for body, name in reversed(bodies.items())
    )


def _module_text(name, body, *, is_top):
    mark = "attribute \\top 1\n" if is_top else ""
    return f'attribute \\generator "Amaranth"\n{mark}module \\{name}\n{body}\nend\n'


def _stem(path):
    """Return the last part of a path without its number: `tile.lane_3` is `lane`."""
    return re.sub(r"[_$]\d+$", "", path.rpartition(".")[2]).replace("$", "_")


def _free(base, taken, *, first):
    """Take and return `base`, or if it is taken `base_<number>` from the number `first` on."""
    name, number = base, first
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    taken.add(name)
    return name


def _canonical(items, merged, *, is_top):
    """Return a module's body free of its place in the design, and the new names in it."""
    names = _plain_names(items, is_top=is_top)
    items = [_use_merged(item.renamed(names), merged) for item in items]
    items = _count_ports(items, by_name=not is_top)
    return "\n".join(line for item in items for line in item.lines), names


def _plain_names(items, *, is_top):
    """Return a new name for each public name of a module that has to change.

    Ports have the first choice of the name before the `$`, then names that are plain already.
    Keywords are taken, but for a port of the top module.
    """
    declared = [item for item in items if item.name and item.name.startswith("\\")]
    used = _PLACED.findall("\n".join(x for item in items if not item.is_port for x in item.lines))
    placed = {name: f"\\port_{k}" for k, name in enumerate(dict.fromkeys(used))}
    declared.sort(key=lambda item: (not item.is_port, "$" in item.name))
    taken = {f"\\{word}" for word in KEYWORDS}
    if is_top:
        taken -= {item.name for item in declared if item.is_port}
    names = {}
    for item in declared:
        name = placed.get(item.name, item.name).partition("$")[0]
        base = re.sub(r"\W+", "_", name[1:].rstrip("]")) or "signal"  # fields: `x.last`, `x[3]`
        names[item.name] = _free(f"\\{base}", taken, first=1)
    return {old: new for old, new in names.items() if old != new}


def _use_merged(item, merged):
    """Return a cell with the merged module's type and port names; other items as they are."""
    if item.cell_type not in merged:
        return item
    cell_type, names = merged[item.cell_type]
    connects = []
    for line in item.rest[:-1]:
        connect, port, value = line.split(maxsplit=2)
        connects.append(f"    {connect} {names.get(port, port)} {value}")
    head = f"  cell {cell_type} {item.name}"
    return replace(item, head=head, rest=(*sorted(connects), item.rest[-1]))


def _count_ports(items, *, by_name):
    """Return the items with the ports first and counted from 1, sorted by name if asked.

    Amaranth sorts the ports of a submodule by the nets that drive them, which depends on the
    place of the instance. It counts from 0, and Yosys moves port 0 to the end.
    """
    ports = [item for item in items if item.is_port]
    if by_name:
        ports.sort(key=lambda item: item.name)
    counted = [
        replace(item, head=_PORT_NUMBER.sub(rf" \1 {number} ", item.head))
        for number, item in enumerate(ports, start=1)
    ]
    return [*counted, *(item for item in items if not item.is_port)]
