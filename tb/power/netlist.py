"""A mapped netlist as arrays: which pins are on which net."""

import json
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from hw.yosys import run_yosys
from tb.synth.mapping import CELLS

__all__ = ["Kind", "Netlist", "parse_netlist", "read_netlist"]


@dataclass(frozen=True)
class Kind:
    """The instances of one kind of cell: their names, and the net of each pin, an int array."""

    names: list
    nets: dict


@dataclass(frozen=True, kw_only=True)
class Netlist:
    """A flat netlist.

    Members
    -------
    nets : int
        How many there are; nets 0 and 1 are the constants.
    kinds : dict of Kind
        By name of the cell.
    inputs, outputs : dict of list of int
        Nets of each port, the lowest bit first.
    """

    nets: int
    kinds: dict
    inputs: dict
    outputs: dict


def read_netlist(top, folder):
    """Flatten the netlist ``<folder>/<top>.v`` that `tb.synth.mapping.map_to_cells` left."""
    run_yosys([f"read_liberty -lib -ignore_miss_func {CELLS}", f"read_verilog {top}.v",
               f"hierarchy -check -top {top}", "flatten -noscopeinfo",
               "write_json flat.json"], cwd=folder)
    return parse_netlist(json.loads((folder / "flat.json").read_text())["modules"][top])


def parse_netlist(module):
    """A module of Yosys' JSON, which has nothing but cells of a library in it."""
    number = defaultdict(lambda: len(number))
    for constant in ("0", "1"):
        number[constant]
    inputs, outputs = ({name: [number[bit] for bit in port["bits"]]
                        for name, port in module["ports"].items()
                        if port["direction"] == direction} for direction in ("input", "output"))
    kinds = defaultdict(lambda: ([], defaultdict(list)))
    for name, cell in module["cells"].items():
        instances, pins = kinds[cell["type"]]
        instances.append(name)
        for pin, bits in cell["connections"].items():
            # A pin that nothing is connected to has a net of its own.
            pins[pin].append(number[bits[0] if bits else (name, pin)])
    return Netlist(
        nets=len(number), inputs=inputs, outputs=outputs,
        kinds={kind: Kind(instances, {pin: np.array(nets) for pin, nets in pins.items()})
               for kind, (instances, pins) in kinds.items()})
