"""Mapping to standard cells by Yosys."""

import re
from functools import partial

from hw.yosys import run_yosys
from tb.synth.mapped import MappedPart, assemble, count_memory_bits, read_depth, read_stat
from tb.synth.parts import Shared, split_parts
from tb.synth.register_leaves import add_register_leaves
from tb.synth.rtlil import LEAF

__all__ = ["CELLS", "abc_delay", "link_library", "map_to_cells"]

LOGIC_SHARE = 0.85
"""Share of the clock period that ABC is given. It knows neither the clock-to-output delay nor the
set-up time of the flip-flops: 0.13 ns together in Nangate 45 nm."""
MACRO = "memory_macro"
CELLS = "cells.lib"
"""The library's name in the folder of a block, whatever its own path has in it."""
REGISTERS = "registers.il"
"""The design between flip-flops that are mapped and logic that is not."""
GATED = 4
"""Flip-flops that share an enable, from which on their clock is gated instead: fewer cost more."""


def _to_registers(top, *, macro, gates_clocks):
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


def _to_gates(top, *, picoseconds, macro, ends):
    """From there on; ``ends`` are the cells that a chain of logic starts and ends at."""
    lib = f"-liberty {CELLS}"
    logic = " ".join([f"{top}/t:*", *(f"{top}/t:{kind} %d" for kind in ends), f"{top}/w:* %u"])
    return [
        f"read_rtlil {REGISTERS}",
        f"chtype -map {LEAF} $_BUF_",
        f"abc {lib} -constr abc.constr -D {picoseconds}",
        "opt_clean -purge",
        f"read_liberty -lib -ignore_miss_func {CELLS}",
        # What a macro drives would count as driven by nothing.
        "check -mapped" if macro else "check -assert -mapped",
        f"tee -q -o after.json stat -json {lib}",
        f"tee -q -o depth.txt ltp {logic}",
        f"write_verilog -noattr -noexpr -simple-lhs {top}.v",
    ]


def map_to_cells(text, *, top, library, kept, period_ns, folder, macro=False, shared=None):
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
    shared : Shared or None
        Parts that are mapped already, and those of this design from now on.

    Returns
    -------
    Mapped

    Raises
    ------
    RuntimeError
        If Yosys cannot map the design, or something stays unmapped.
    """
    parts = split_parts(text, top=top, kept=kept)
    made = (shared or Shared()).all({
        (part.text, library.path, period_ns, macro): partial(
            _map_part, part, library=library, period_ns=period_ns, macro=macro,
            folder=folder / part.name)
        for part in parts})
    folder.mkdir(parents=True, exist_ok=True)
    link_library(library, folder)
    (folder / f"{top}.v").write_text("".join(part.verilog.read_text() for part in made))
    return assemble({part.name: mapped for part, mapped in zip(parts, made, strict=True)}, top=top)


def _map_part(part, *, library, period_ns, macro, folder):
    """Map one part, in a folder of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{part.name}.il").write_text(part.text)
    (folder / "abc.constr").write_text(
        f"set_driving_cell {library.driver}\nset_load {library.load_ff:.4g}\n")
    link_library(library, folder)
    log = run_yosys(_to_registers(part.name, macro=macro, gates_clocks=library.gates_clocks),
                    cwd=folder)
    registers = folder / REGISTERS
    registers.write_text(add_register_leaves(registers.read_text(), library.data_pins))
    ends = sorted({*part.inside, *library.flops, *(kind for kind, _ in library.data_pins)})
    log += run_yosys(_to_gates(part.name, picoseconds=round(1000 * LOGIC_SHARE * period_ns),
                               macro=macro, ends=ends), cwd=folder)
    (folder / "yosys.log").write_text(log)
    before, after = (read_stat(folder / f"{name}.json") for name in ("before", "after"))
    return MappedPart(
        area=after[part.name].get("area", 0.0), cells=after[part.name]["num_cells_by_type"],
        memory_bits=count_memory_bits(before, top=part.name),
        depth=read_depth((folder / "depth.txt").read_text()), estimate_ns=abc_delay(log),
        verilog=folder / f"{part.name}.v")


def link_library(library, folder):
    """Link the library into a folder as `CELLS`."""
    link = folder / CELLS
    link.unlink(missing_ok=True)
    link.symlink_to(library.path)


def abc_delay(log):
    """The largest delay that ABC's `stime` printed, in ns; None if it printed none."""
    found = re.findall(r"Delay = +([\d.]+) ps", log)
    return max(map(float, found)) / 1000 if found else None
