"""From a component to the files that leave the project: RTLIL and Verilog."""

from importlib.metadata import version
from pathlib import Path

from amaranth.back import rtlil

from .merge_modules import merge_modules
from .module_heads import rewrite_heads
from .ports import ports_of
from .yosys import run_yosys

__all__ = ["comment", "write_verilog"]


def write_verilog(component, *, name, out_dir, header=""):
    """Write a component as `<name>.il` and `<name>.v`, with equal modules merged.

    The same component gives the same bytes. Files whose content would not change are left
    alone, so that whatever was built from them stays up to date.

    Parameters
    ----------
    component : Component
        What to write, not elaborated before.
    name : str
        Name of the top module and stem of the files.
    out_dir : Path
        Folder for the files; made if it is missing.
    header : str
        Text for the head of the Verilog, put there as a comment.

    Returns
    -------
    Path
        The Verilog file.

    Raises
    ------
    RuntimeError
        If Yosys cannot convert the design.
    """
    out_dir = Path(out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    il, verilog, part = (out_dir / f"{name}{end}" for end in (".il", ".v", ".v.part"))

    design = merge_modules(rtlil.convert(component, name=name, emit_src=False), top=name)
    head = comment(f"{header}\nWritten by Amaranth {version('amaranth')} "
                    f"and Yosys {version('pyosys')}.")
    if _holds(il, design, exactly=True) and _holds(verilog, head):
        return verilog

    # The RTLIL appears last: an interrupted run leaves none that vouches for old Verilog.
    il.unlink(missing_ok=True)
    source = il.with_suffix(".il.part")
    source.write_text(design)
    # `proc` makes assignments of the processes: the always blocks that Amaranth's own Verilog has
    # need not run at time 0 in Icarus, and leave X.
    run_yosys(
        [
            f"read_rtlil {source.name}",
            "proc",
            "opt_clean -purge",
            f"write_verilog -noattr {part.name}",
        ],
        cwd=out_dir,
    )
    text = head + rewrite_heads(part.read_text().partition("\n")[2], top=name,
                                order=[port.name for port in ports_of(component)])
    part.unlink()
    if not _holds(verilog, text, exactly=True):
        verilog.write_text(text)
    source.rename(il)
    return verilog


def comment(text, *, mark="//"):
    """Return lines as comments."""
    return "".join(f"{mark} {line}".rstrip() + "\n" for line in text.strip().splitlines())


def _holds(path, text, *, exactly=False):
    """Return if the file exists and starts with the text, or is exactly the text."""
    if not path.is_file():
        return False
    content = path.read_text()
    return content == text if exactly else content.startswith(text)
