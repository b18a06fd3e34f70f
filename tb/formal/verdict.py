"""A property is proven, what it names is reached, and its twin with the mistake fails."""

import time
from dataclasses import dataclass
from pathlib import Path

from tb.formal.engine import Unanswered, prove, search, trace, write_graph
from tb.formal.plant import planted

__all__ = ["FOLDER", "Verdict", "decide"]

FOLDER = Path(__file__).resolve().parents[2] / "build" / "formal"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of a property.

    Members
    -------
    name : str
    problems : tuple of str
        Why it does not count as proven; empty if it does.
    twin_clock : int or None
        The clock in which the twin fails.
    seconds : float
    """

    name: str
    problems: tuple
    twin_clock: int | None
    seconds: float

    @property
    def holds(self):
        """Whether the property counts as proven."""
        return not self.problems


_PROBLEMS = (Unanswered, RuntimeError, SyntaxError, ValueError)
"""No answer, a tool that failed, a mistake that could not be planted: of one property alone."""


def decide(claim, *, folder=FOLDER):
    """Ask the three questions about a property, of which none may stay open.

    Parameters
    ----------
    claim : Property
    folder : Path
        For graphs and waves.

    Returns
    -------
    Verdict
    """
    start = time.perf_counter()
    problems, twin_clock = [], None
    try:
        problems += _proof(claim, folder / claim.name)
    except _PROBLEMS as error:
        problems.append(_said(error))
    try:
        problems += _reach(claim, folder / claim.name)
    except _PROBLEMS as error:
        problems.append(f"reach: {_said(error)}")
    try:
        twin_clock = _twin(claim, folder / claim.name)
        if twin_clock is None:
            problems.append(f"the twin does not fail in {claim.depth} clocks")
    except _PROBLEMS as error:
        problems.append(f"the twin: {_said(error)}")
    return Verdict(name=claim.name, problems=tuple(problems), twin_clock=twin_clock,
                   seconds=time.perf_counter() - start)


def _said(error):
    return (str(error).splitlines() or [type(error).__name__])[0]


def _proof(claim, folder):
    stem = folder / "proof"
    write_graph(claim, stem)
    clock = search(stem, depth=claim.depth) if claim.bounded else prove(stem)
    return [] if clock is None else [f"fails in clock {clock}, see {trace(claim, stem)}"]


def _reach(claim, folder):
    stem = folder / "reach"
    write_graph(claim, stem, of="reached")
    clock = search(stem, depth=claim.depth)
    return [] if clock is not None else [f"says nothing: not reached in {claim.depth} clocks"]


def _twin(claim, folder):
    stem = folder / "twin"
    with planted(claim.plant):
        write_graph(claim, stem)
    return search(stem, depth=claim.depth)
