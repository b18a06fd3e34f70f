"""Verilog models of the cells of a library, without delays.

Yosys reads the function of gates, flip-flops and latches from the Liberty file. Of a clock gate
that file has a state table, which Yosys does not read, so its model is written here.
"""

from hw.yosys import run_yosys
from tb.synth.clock_gate import read_clock_gate
from tb.synth.liberty import parse
from tb.synth.mapping import CELLS, link_library
from tb.whole_file import write_whole

__all__ = ["cell_models", "clock_gates"]

_CLOCK_GATE = """
module {name}({clock}, {inputs}, {out});
  input {clock}, {inputs};
  output {out};
  reg opened;
  always_latch if (!{clock}) opened = {condition};
  assign {out} = {clock} & opened;
endmodule
"""


def cell_models(library, folder):
    """Write the models of a library as `<folder>/cells.v`; an unchanged file is left alone.

    Parameters
    ----------
    library : Library
    folder : Path
        Made if it is missing. Not in the repository: libraries may not be passed on.

    Returns
    -------
    Path

    Raises
    ------
    RuntimeError
        If Yosys cannot read the library.
    """
    folder.mkdir(parents=True, exist_ok=True)
    link_library(library, folder)
    part, models = folder / "gates.v", folder / "cells.v"
    run_yosys([f"read_liberty -ignore_miss_func {CELLS}", "proc", "opt_clean",
               f"write_verilog -noattr {part.name}"], cwd=folder)
    text = part.read_text() + clock_gates(library.path.read_text())
    part.unlink()
    if not models.is_file() or models.read_text() != text:
        write_whole(models, text)
    return models


def clock_gates(text):
    """The models of all clock gates with a latch, of the text of a Liberty file."""
    gates = {cell.name: read_clock_gate(cell) for cell in parse(text).all("cell")}
    return "".join(
        _CLOCK_GATE.format(name=name, clock=gate.clock, inputs=", ".join(gate.enables),
                           condition=" | ".join(gate.enables), out=gate.output)
        for name, gate in gates.items() if gate)
