"""From a component to the RTLIL that Yosys maps.

Three things differ from the RTLIL of `hw.export`, which is their source:

- ports are unsigned, because OpenSTA reads no `input signed`; the signs of operations are their
  own in RTLIL, so nothing changes its meaning;
- an input that several kept instances share reaches each through a `fanout_leaf`. ABC sees one
  module at a time, and would take 64 lanes at the end of a net for one load. The leaves become 64
  loads that it buffers;
- modules that stay hierarchy are marked.
"""

import re
import threading
from collections import Counter

from amaranth.back import rtlil

from hw.merge_modules import merge_modules
from hw.rtlil_text import split_modules

__all__ = ["AMARANTH", "LEAF", "kept_modules", "prepare", "to_rtlil"]

AMARANTH = threading.Lock()
"""For threads that make components or RTLIL: Amaranth counts its signals for the whole process."""

LEAF = "fanout_leaf"
_LEAF_MODULE = f"""attribute \\blackbox 1
module \\{LEAF}
  wire input 1 \\A
  wire output 2 \\Y
end
"""
_SIGNED_WIRE = re.compile(r"^(  wire .*) signed (?=\\)", re.MULTILINE)
_WIDTH = re.compile(r" width (\d+) ")


def to_rtlil(component, *, top, modules=None):
    """Return the RTLIL of a component, equal modules merged.

    Parameters
    ----------
    component : Component
        Not elaborated before.
    top : str
        Name of the top module.
    modules : dict of str to Component or None
        What has to be put beside it, by the name of its module: see `tb.synth.one_lane_made`.
    """
    def merged(part, name):
        return merge_modules(rtlil.convert(part, name=name, emit_src=False), top=name)

    return merged(component, top) + "".join(
        merged(part, name).replace("attribute \\top 1\n", "")
        for name, part in (modules or {}).items())


def prepare(component, *, top, kept):
    """Return the RTLIL of a component and the names of the modules that stay hierarchy.

    Parameters
    ----------
    component : Component
        As of `to_rtlil`; its ``modules``, if it has any, are put beside it.
    top : str
        Name of the top module.
    kept : sequence of str
        Names of instances, without their numbers.
    """
    text = to_rtlil(component, top=top, modules=getattr(component, "modules", None))
    text = _SIGNED_WIRE.sub(r"\1 ", text)
    modules = split_modules(text)
    names = kept_modules(modules, top=top, kept=kept)
    return add_leaves(text, modules, names) + _LEAF_MODULE, names


def kept_modules(modules, *, top, kept):
    """The modules that are instances of kept names: `tile_lane` or `tile_lane_2` for `lane`."""
    pattern = re.compile(rf"{re.escape(top)}_(?:{'|'.join(map(re.escape, kept))})(?:_\d+)?")
    return [name for name in modules if name != top and pattern.fullmatch(name)]


def add_leaves(text, modules, names):
    """Return the text with a leaf per bit where several kept instances share an input."""
    inputs = {f"\\{name}": _inputs(modules[name]) for name in names}
    lines = text.splitlines()
    shared, cells, module = Counter(), [], ""
    for at, line in enumerate(lines):
        if line.startswith("module "):
            module = line
        elif line.startswith("  cell ") and line.split()[1] in inputs:
            connects = list(_connects(lines, at, inputs[line.split()[1]]))
            cells.append((at, module, connects))
            shared.update((module, value) for _, _, value, _ in connects)

    for number, (head, module, connects) in enumerate(cells):
        leaves = []
        for at, port, value, width in connects:
            if shared[module, value] > 1:
                net = f"${LEAF}${number}${port[1:]}"
                lines[at] = f"    connect {port} {net}"
                leaves += _leaves(net, value, width)
        while lines[head - 1].startswith("  attribute "):
            head -= 1
        lines[head] = "\n".join([*leaves, lines[head]])
    return "\n".join(lines) + "\n"


def _inputs(items):
    """Widths of a module's inputs by name, without the clock, which stays ideal."""
    return {item.name: int((_WIDTH.search(item.head) or ("", 1))[1]) for item in items
            if item.is_port and " input " in item.head and item.name != "\\clk"}


def _connects(lines, head, widths):
    """Yield line number, port, value and width of the inputs of the cell at a line."""
    for at in range(head + 1, lines.index("  end", head)):
        _, port, value = lines[at].split(maxsplit=2)
        if port in widths and not value[0].isdigit():
            yield at, port, value, widths[port]


def _leaves(net, value, width):
    yield f"  wire width {width} {net}"
    for bit in range(width):
        yield f"  cell \\{LEAF} {net}${bit}"
        yield f"    connect \\A {value} [{bit}]"
        yield f"    connect \\Y {net} [{bit}]"
        yield "  end"
