"""Gates and depth without a library: Yosys' generic CMOS gates and four-input lookup tables.

The flow is one that open post-processing units were counted with, so that numbers compare: flatten,
`synth`, then `abc -g cmos4` or `abc -lut 4`. Gates are the combinational ones; depth is the longest
chain of them between flip-flops or ports (`ltp -noff`). Memories become flip-flops and gates.
"""

import json
import re
from dataclasses import dataclass

from hw.yosys import run_yosys
from tb.synth.mapped import read_depth
from tb.synth.rtlil import to_rtlil

__all__ = ["GateCount", "count_gates", "read_count"]

_FLOP = re.compile(r"\$_(?:S?DFFE?|ALDFFE?|SDFFCE|DFFSR)_")


@dataclass(frozen=True, kw_only=True)
class GateCount:
    """Members: CMOS ``gates`` and their ``depth``, lookup tables ``luts`` and ``lut_depth``, and
    ``flops``."""

    gates: int
    depth: int
    luts: int
    lut_depth: int
    flops: int


def count_gates(component, *, top, folder):
    """Count the generic gates of a component.

    Parameters
    ----------
    component : Component
        Not elaborated before.
    top : str
    folder : Path
        For the files; made if it is missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{top}.il").write_text(to_rtlil(component, top=top))
    run_yosys([
        f"read_rtlil {top}.il", f"hierarchy -check -top {top}", "proc", "flatten",
        f"synth -flatten -top {top}", "design -save mapped",
        "abc -g cmos4", "opt_clean", "tee -q -o cmos.json stat -json",
        "tee -q -o cmos.ltp ltp -noff", "design -load mapped",
        "abc -lut 4", "opt_clean", "tee -q -o lut.json stat -json", "tee -q -o lut.ltp ltp -noff",
    ], cwd=folder)
    found = {}
    for kind in ("cmos", "lut"):
        stat = json.loads((folder / f"{kind}.json").read_text())
        found[kind] = (*read_count(stat["design"]["num_cells_by_type"]),
                       read_depth((folder / f"{kind}.ltp").read_text()))
    (gates, flops, depth), (luts, _, lut_depth) = found["cmos"], found["lut"]
    return GateCount(gates=gates, depth=depth, luts=luts, lut_depth=lut_depth, flops=flops)


def read_count(cells):
    """Combinational cells and flip-flops, of cells by type."""
    flops = sum(count for kind, count in cells.items() if _FLOP.match(kind))
    logic = sum(count for kind, count in cells.items()
                if not _FLOP.match(kind) and kind != "$scopeinfo")
    return logic, flops
