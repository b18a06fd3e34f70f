"""Makes the registers at the end of a net known to ABC, which would take them all for one load.

ABC sees the logic of a module: a net that leaves it ends there, however many flip-flops and clock
gates it feeds. A `LEAF` in front of `GROUP` of these is an end of its own, so that ABC buffers what
drives many.
"""

import re
from collections import defaultdict

from tb.synth.rtlil import LEAF

__all__ = ["GROUP", "add_register_leaves"]

GROUP = 4
"""Data pins of one end: a flip-flop's is about one inverter, and an end counts for four."""
_CELL = re.compile(r"  cell \\(\S+) ")
_CONNECT = re.compile(r"    connect \\(\S+) (.+)")


def add_register_leaves(text, pins):
    """Return RTLIL with leaves in front of the registers of nets that feed more than `GROUP`.

    Parameters
    ----------
    text : str
        As Yosys writes it, every net by one name.
    pins : frozenset of (str, str)
        Cells and their pins that are such ends.
    """
    lines, found = text.splitlines(), []
    for module in _modules(lines):
        sinks, cell = defaultdict(list), ""
        for at in module:
            if match := _CELL.match(lines[at]):
                cell = match[1]
            elif lines[at] == "  end":
                cell = ""
            elif cell and (match := _CONNECT.match(lines[at])) and (cell, match[1]) in pins:
                sinks[match[2]].append(at)
        found.append((module, {net: ends for net, ends in sinks.items()
                               if len(ends) > GROUP and "'" not in net}))

    for module, nets in found:
        wires, cells = [], []
        for number, (net, ends) in enumerate(nets.items()):
            for group in range(0, len(ends), GROUP):
                leaf = f"${LEAF}$register${number}${group}"
                wires.append(f"  wire {leaf}")
                cells += [f"  cell \\{LEAF} {leaf}$cell", f"    connect \\A {net}",
                          f"    connect \\Y {leaf}", "  end"]
                for at in ends[group:group + GROUP]:
                    lines[at] = f"{lines[at].partition(' ' + net)[0]} {leaf}"
        lines[module[0]] = "\n".join([lines[module[0]], *wires])
        lines[module[-1]] = "\n".join([*cells, lines[module[-1]]])
    return "\n".join(lines) + "\n"


def _modules(lines):
    """The line numbers of each module, the last one that of its end."""
    start = None
    for at, line in enumerate(lines):
        if line.startswith("module "):
            start = at
        elif line == "end" and start is not None:
            yield range(start, at + 1)
            start = None
