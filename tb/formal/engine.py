"""Decides questions: Amaranth writes RTLIL, Yosys an and-inverter graph, and ABC answers.

A proof for all clocks is by property directed reachability (`pdr`): induction, with an invariant
that ABC finds by itself and checks once more in the end. Source: Bradley, SAT-based model checking
without unrolling, VMCAI 2011; Een, Mishchenko, Brayton, Efficient implementation of property
directed reachability, FMCAD 2011. A proof for some clocks unrolls them (`bmc3`), and so does the
search for a mistake.
"""

import re
import resource
import subprocess
from pathlib import Path

import pyosys
from amaranth.back import rtlil

from hw.yosys import run_yosys
from tb.formal.wrapper import Wrapper

__all__ = ["ABC", "SECONDS", "Unanswered", "prove", "search", "trace", "write_graph"]

ABC = Path(pyosys.__file__).parent / "yosys-abc"
SECONDS = 300
"""Of processor time, for one question; after that it counts as not answered."""
_PROOFS = (("pdr -nc", 100), ("pdr", SECONDS))
"""The first generalises harder, and may give up with an error; then the second has its turn."""

_FLATTEN = {
    "reset": ("prep -flatten -top proof",),
    "anywhere": ("setattr -unset init proof.*/w:*", "delete proof.*/t:$meminit_v2",
                 "prep -flatten -top proof", "memory_map", "formalff -clk2ff -ff2anyinit"),
    "own_clocks": ("proc", "formalff -clk2ff proof", "prep -flatten -top proof", "clk2fflogic"),
}
_TO_GRAPH = ("chformal -lower", "memory_map", "opt -full", "formalff -anyinit2ff", "techmap",
             "opt -fast", "dffunmap", "aigmap", "opt_clean", "setundef -anyseq")
_STATUS = re.compile(r"^Status = (-?\d+) +Frames = (-?\d+)(?: +CEX:.* Frame = +(\d+))?", re.M)


class Unanswered(Exception):
    """A question that the tools did not answer, in one line."""


def write_graph(claim, stem, *, of="required"):
    """Build the wrapper of a property and write `<stem>.aig`.

    Parameters
    ----------
    claim : Property
    stem : Path
        The files without their ends; the folder is made if it is missing.
    of : str
        ``required``: it fails if something required is 0. ``reached``: it fails if all that was
        named is reached.

    Raises
    ------
    ValueError
        If nothing is required, or there is nothing to reach.
    """
    wrapper = Wrapper()
    claim.build(wrapper)
    text = rtlil.convert(wrapper.finish(of), name="proof", ports=wrapper.ports, emit_src=False)
    if not wrapper.complete:
        raise ValueError("a property must require something and reach something")
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_suffix(".il").write_text(text)
    run_yosys([f"read_rtlil {stem.name}.il", *_FLATTEN[claim.mode], *_TO_GRAPH,
               f"write_aiger -zinit -B -map {stem.name}.aim {stem.name}.aig"], cwd=stem.parent)


def prove(stem):
    """The clock in which a graph fails, or None if it never does.

    Raises
    ------
    Unanswered
        If there is no proof in time.
    """
    for command, seconds in _PROOFS:
        status, frame = _ask(stem, command, seconds)
        if status >= 0:
            return frame if status == 0 else None
    raise Unanswered(f"no proof within {SECONDS} s")


def search(stem, *, depth):
    """The first clock in which a graph fails, or None if it does not in ``depth`` clocks.

    Raises
    ------
    Unanswered
        If not so many clocks can be searched in time.
    """
    status, frame = _ask(stem, f"bmc3 -F {depth}", SECONDS)
    if status < 0 and frame < depth - 1:
        raise Unanswered(f"{depth} clocks not searched within {SECONDS} s")
    return frame if status == 0 else None


def trace(claim, stem):
    """Write the waves of the failure that was found last and return their path.

    Without a start from reset there is only what ABC says of the inputs.
    """
    if claim.mode != "reset":
        return stem.with_suffix(".aiw")
    run_yosys([f"read_rtlil {stem.name}.il", *_FLATTEN[claim.mode], "chformal -lower",
               f"sim -clock clk -r {stem.name}.aiw -map {stem.name}.aim -vcd {stem.name}.vcd"],
              cwd=stem.parent)
    return stem.with_suffix(".vcd")


def _ask(stem, command, seconds):
    """ABC's answer, 1 if it never fails, 0 if it does and -1 if that is not known; and a clock."""
    steps = ("read_aiger {0}.aig", "fold", "strash", "orpos", command, "print_status",
             "write_cex -a {0}.aiw")
    result = subprocess.run(
        [ABC, "-q", "; ".join(steps).format(stem.name)], cwd=stem.parent, text=True,
        capture_output=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds)))
    stem.with_suffix(".log").write_text(result.stdout + result.stderr)
    found = _STATUS.search(result.stdout)
    return (int(found[1]), int(found[3] or found[2])) if found else (-1, -1)
