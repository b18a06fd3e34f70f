"""Heads of modules as people write them: one port a line, with direction and width."""

import re

__all__ = ["rewrite_heads"]

_HEAD = re.compile(r"^module (\w+)\([^)]*\);\n((?:  .*;\n)*)", re.MULTILINE)
_PORT = re.compile(r"  (input|output) (?:.* )?\\?(\w+) ?;\n  ((?:wire|reg) .*);\n")


def rewrite_heads(text, *, top, order):
    """Return Verilog of Yosys with its lists of ports, which name every port three times, as ANSI.

    Parameters
    ----------
    text : str
        As `write_verilog` of Yosys leaves it. Names must be plain, but for keywords as ports.
    top : str
        The module whose ports are put in an order.
    order : list of str
        Names of ports; those of ``top`` that are not among them come last.
    """
    place = {name: at for at, name in enumerate(order)}

    def rewrite(head):
        name, body = head.groups()
        ports = _PORT.findall(body)
        if name == top:
            ports.sort(key=lambda port: place.get(port[1], len(place)))
        lines = ",\n".join(f"  {direction} {declaration}" for direction, _, declaration in ports)
        return f"module {name}(\n{lines}\n);\n{_PORT.sub('', body)}"

    return _HEAD.sub(rewrite, text)
