"""From a component to the Verilog of its cells, in a form that simulators build quickly."""

from hw.yosys import run_yosys
from tb.synth.blocks import KEPT
from tb.synth.mapped import cells_of, count_cells, read_stat
from tb.synth.mapping import CELLS, map_to_cells
from tb.synth.measure import PERIOD_NS
from tb.synth.rtlil import prepare
from tb.whole_file import write_whole

__all__ = ["write_netlist"]


def _script(top, part):
    return [
        f"read_liberty -lib -ignore_miss_func {CELLS}",
        f"read_verilog {top}.v",
        f"hierarchy -check -top {top}",
        # Verilator shows cocotb the wires of the top module, and optimises none that it shows.
        f"submod -name {top}_cells {top}/t:*",
        "opt_clean -purge",
        # A vector of which one bit follows from another would be a loop.
        "splitnets",
        "tee -q -o simulated.json stat -json",
        f"write_verilog -noattr -noexpr -simple-lhs {part}",
    ]


def write_netlist(component, *, top, library, folder):
    """Map a component as `make synth` does and write `<folder>/<top>.v`.

    The file has the cells of the netlist, one module down, under a module with the ports of the
    exported Verilog. An unchanged file is left alone.

    Parameters
    ----------
    component : Component
        Not elaborated before.
    top : str
        Name of the top module.
    library : Library
    folder : Path
        The netlist as it was mapped is `<folder>/mapped/<top>.v`.

    Returns
    -------
    Path, int
        The file, and the number of cells in the design.

    Raises
    ------
    RuntimeError
        If Yosys cannot map the design, or other cells than those that were mapped would be
        simulated.
    """
    mapped_folder, verilog = folder / "mapped", folder / f"{top}.v"
    text, kept = prepare(component, top=top, kept=KEPT)
    mapped = map_to_cells(text, top=top, library=library, kept=kept, period_ns=PERIOD_NS,
                          folder=mapped_folder)
    part = mapped_folder / "simulated.v"
    run_yosys(_script(top, part.name), cwd=mapped_folder)
    simulated = count_cells(cells_of(read_stat(mapped_folder / "simulated.json")), top=top)
    if simulated != mapped.cells:
        raise RuntimeError(f"{top} must be simulated with the cells {mapped.cells}, "
                           f"not {simulated}")
    text = part.read_text()
    if not verilog.is_file() or verilog.read_text() != text:
        write_whole(verilog, text)
    return verilog, sum(mapped.cells.values())
