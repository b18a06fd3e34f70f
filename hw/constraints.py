"""Timing constraints of one tile, every port by name."""

import textwrap
from pathlib import Path

from .ports import ports_of

__all__ = ["port_groups", "tile_constraints"]

TEMPLATE = Path(__file__).resolve().parents[1] / "constraints" / "tile.sdc"
RULES = "# ---- Rules\n"


def port_groups(tile):
    """The ports of a tile by what the rules say of them, without the clock.

    Returns
    -------
    dict
        ``inputs``, ``outputs`` and ``oscillators``: names in the order of the ports, those of
        vectors with all their bits, as `x__tdata[*]`.
    """
    groups = {"inputs": [], "outputs": [], "oscillators": []}
    for port in ports_of(tile):
        if port.name == "clk":
            continue
        kind = ("outputs" if not port.is_input else
                "oscillators" if port.name.startswith("oscillators__") else "inputs")
        groups[kind].append(port.name if port.width == 1 else f"{port.name}[*]")
    return groups


def tile_constraints(tile, *, counter_bits):
    """Return the rules of `constraints/tile.sdc` for a tile, in place of its search for names.

    Parameters
    ----------
    tile : Tile
    counter_bits : int
        Flip-flops of a counter, for oscillators.
    """
    lists = [f"set {name} {{\n{_wrapped(ports)}}}\n" for name, ports in port_groups(tile).items()]
    rules = TEMPLATE.read_text().partition(RULES)[2]
    return "".join([*lists, f"set counter_bits {counter_bits}\n", rules])


def _wrapped(names):
    lines = textwrap.wrap(" ".join(names), width=96, break_long_words=False,
                          break_on_hyphens=False)
    return "".join(f"    {line}\n" for line in lines)
