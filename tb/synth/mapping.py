"""Mapping to standard cells by Yosys, and what the mapped netlist is made of."""

import json
import re
from dataclasses import dataclass

from hw.yosys import run_yosys
from tb.synth.register_leaves import add_register_leaves
from tb.synth.rtlil import LEAF

__all__ = ["CELLS", "Mapped", "abc_delay", "map_to_cells", "read_stat"]

LOGIC_SHARE = 0.85
"""Share of the clock period that ABC is given. It knows neither the clock-to-output delay nor the
set-up time of the flip-flops: 0.13 ns together in Nangate 45 nm."""
MACRO = "memory_macro"
CELLS = "cells.lib"
"""The library's name in the folder of a block, whatever its own path has in it."""
REGISTERS = "registers.il"
"""The design between flip-flops that are mapped and logic that is not."""


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
    estimate_ns : float or None
        ABC's own estimate of the slowest logic of a module, without flip-flops, loads of other
        modules and I/O; None where there is no logic.
    """

    area: float
    cells: dict
    parts: dict
    memory_bits: dict
    estimate_ns: float | None


GATED = 4
"""Flip-flops that share an enable, from which on their clock is gated instead: fewer cost more."""


def _to_registers(top, kept, *, macro, gates_clocks):
    """Up to the flip-flops of the library."""
    lib = f"-liberty {CELLS}"
    memories = [
        # Inside a macro: the bits, the ports and their read registers.
        "synth -noabc -run begin:fine",
        f"chtype -set {MACRO} t:$mem_v2",
        "synth -noabc -run fine:check",
    ] if macro else ["synth -noabc -run begin:check"]
    return [
        f"read_rtlil {top}.il",
        f"hierarchy -check -top {top}",
        "proc",
        "tee -q -o before.json stat -json",
        # Flip-flops of a library have no initial value, and what is not reset must not need one.
        "delete */t:$meminit_v2",
        "setattr -unset init w:*",
        *(f"setattr -mod -set keep_hierarchy 1 {name}" for name in kept),
        "flatten -noscopeinfo",
        *memories,
        # Flip-flops take the names of their registers, so that a path can be told.
        "rename -wire -suffix _reg t:$_*DFF*",
        # A library has no flip-flop with an enable: without gates each would take a multiplexer.
        *([f"clockgate {lib} -min_net_size {GATED}"] if gates_clocks else []),
        f"dfflibmap {lib}",
        "opt_clean",
        f"write_rtlil {REGISTERS}",
    ]


def _to_gates(top, *, picoseconds, macro):
    """From there on."""
    lib = f"-liberty {CELLS}"
    return [
        f"read_rtlil {REGISTERS}",
        f"chtype -map {LEAF} $_BUF_",
        f"abc {lib} -constr abc.constr -D {picoseconds}",
        "opt_clean -purge",
        f"read_liberty -lib -ignore_miss_func {CELLS}",
        # What a macro drives would count as driven by nothing.
        "check -mapped" if macro else "check -assert -mapped",
        f"tee -q -o after.json stat -json {lib}",
        f"write_verilog -noattr -noexpr -simple-lhs {top}.v",
    ]


def map_to_cells(text, *, top, library, kept, period_ns, folder, macro=False):
    """Map RTLIL to a library; the netlist is left as `<folder>/<top>.v`.

    Parameters
    ----------
    text : str
        As of `tb.synth.rtlil.prepare`.
    top : str
    library : Library
    kept : list of str
        Modules that stay hierarchy.
    period_ns : float
        Target clock.
    folder : Path
        Made if it is missing.
    macro : bool
        Leave memories out of the netlist: their bits, ports and read registers.

    Returns
    -------
    Mapped

    Raises
    ------
    RuntimeError
        If Yosys cannot map the design, or something stays unmapped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{top}.il").write_text(text)
    (folder / "abc.constr").write_text(
        f"set_driving_cell {library.driver}\nset_load {library.load_ff:.4g}\n")
    link_library(library, folder)
    log = run_yosys(_to_registers(top, kept, macro=macro, gates_clocks=library.gates_clocks),
                    cwd=folder)
    registers = folder / REGISTERS
    registers.write_text(add_register_leaves(registers.read_text(), library.data_pins))
    log += run_yosys(_to_gates(top, picoseconds=round(1000 * LOGIC_SHARE * period_ns),
                               macro=macro), cwd=folder)
    (folder / "yosys.log").write_text(log)
    return read_stat(json.loads((folder / "before.json").read_text()),
                     json.loads((folder / "after.json").read_text()),
                     top=top, estimate_ns=abc_delay(log))


def link_library(library, folder):
    """Link the library into a folder as `CELLS`."""
    link = folder / CELLS
    link.unlink(missing_ok=True)
    link.symlink_to(library.path)


def read_stat(before, after, *, top, estimate_ns=None):
    """Sum what Yosys' `stat -json` says of a hierarchy before and after mapping."""
    modules = {name.lstrip("\\"): module for name, module in after["modules"].items()}
    times = _instances(modules, top)
    cells = {}
    for name, number in times.items():
        for kind, count in modules[name].get("num_cells_by_type", {}).items():
            if kind not in modules:
                cells[kind] = cells.get(kind, 0) + number * count
    unmapped = {name.lstrip("\\"): module for name, module in before["modules"].items()}
    memory_bits = {
        name: number * unmapped[name]["num_memory_bits"]
        for name, number in _instances(unmapped, top).items() if unmapped[name]["num_memory_bits"]}
    return Mapped(
        area=modules[top].get("area", 0.0),
        cells=dict(sorted(cells.items(), key=lambda item: (-item[1], item[0]))),
        parts={name: [number, modules[name].get("area", 0.0)]
               for name, number in times.items() if name != top and modules[name].get("area")},
        memory_bits=memory_bits, estimate_ns=estimate_ns)


def _instances(modules, top):
    """How often each module is in the design below `top`, itself once."""
    times = {}

    def visit(name, number):
        times[name] = times.get(name, 0) + number
        for kind, count in modules[name].get("num_cells_by_type", {}).items():
            if kind in modules or f"\\{kind}" in modules:
                visit(kind.lstrip("\\"), number * count)

    visit(top, 1)
    return times


def abc_delay(log):
    """The largest delay that ABC's `stime` printed, in ns; None if it printed none."""
    found = re.findall(r"Delay = +([\d.]+) ps", log)
    return max(map(float, found)) / 1000 if found else None
