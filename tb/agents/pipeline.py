"""Pipelines: an input per enabled clock, its output a fixed number of enabled clocks later."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Pipeline", "PipelineAgent", "skew"]


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """What goes in and what must come out.

    Parameters
    ----------
    inputs : list of dict
        Inputs of each enabled clock.
    outputs : list of dict
        What follows from them; `None` or a name left out is not looked at.
    latency : int
        Enabled clocks from an input to its output; 0 if it is seen in the same clock.
    enable : str, tuple of str or None
        Port that lets the pipeline advance, or several that do so together; `None` if every clock
        does.
    """

    inputs: list
    outputs: list
    latency: int
    enable: str | tuple | None = "en"


def skew(length, **columns):
    """Rows out of columns that start at different clocks.

    Parameters
    ----------
    length : int
        Items of every column.
    **columns : (int, list)
        Clock of the first item, and the items.
    """
    rows = length + max(start for start, _ in columns.values())
    return [{name: items[(row - start) % length] for name, (start, items) in columns.items()}
            for row in range(rows)]


class PipelineAgent:
    """Presents the inputs, with random pauses of the enable if ``max_stall`` is not 0.

    Every other clock, on average, is one of a pause; its inputs are those of another clock, and the
    outputs must hold.
    """

    def __init__(self, work, rng, *, max_stall):
        self._work = work
        self._rng = rng
        self._max_stall = max_stall if work.enable else 0
        self._enabled = 0
        self._clocks = len(work.outputs) + work.latency
        self.outputs = tuple({name: None for row in work.outputs for name in row})
        self.deadline = 4 * self._clocks * (1 + self._max_stall) + 1000

    @property
    def done(self):
        return self._enabled == self._clocks

    def drive(self):
        work = self._work
        self._running = not self._max_stall or bool(self._rng.integers(2))
        index = self._enabled
        if not self._running or index >= len(work.inputs):
            index = int(self._rng.integers(len(work.inputs)))
        names = (work.enable,) if isinstance(work.enable, str) else work.enable or ()
        return {**work.inputs[index], **dict.fromkeys(names, int(self._running))}

    def check(self, seen):
        item = self._enabled - self._work.latency
        if item >= 0:
            for name, wanted in self._work.outputs[item].items():
                if wanted is not None and seen[name] != wanted:
                    raise AssertionError(f"{name} of item {item} must be {wanted:#x}, not "
                                         f"{seen[name]:#x}, for {self._given(item)}")
        self._enabled += self._running

    def _given(self, item):
        row = self._work.inputs[item] if item < len(self._work.inputs) else {}
        return {name: int(value) if isinstance(value, np.integer) else value
                for name, value in row.items()}
