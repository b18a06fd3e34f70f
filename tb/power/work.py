"""The kinds of work that power is measured at."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from golden.network.mapping import WINDOW_NS
from golden.presets import hermes, tiny
from hw.nmpu.nmpu import Nmpu
from hw.nmpu.stages import LaneClocks
from tb.power.nmpu_vectors import nmpu_windows
from tb.power.streams import WORD
from tb.power.vectors import fp16_columns, lane_columns, published_columns
from tb.synth.published_lane import PublishedLane, published

__all__ = ["BUSY", "WINDOWS", "WINDOW_CLOCKS", "WORK", "Work", "integers", "schedule", "work"]

BUSY = "busy"
"""A column in every clock."""
WINDOWS = "windows"
"""A read in every window of the array: its columns, then the pipeline empties and stands still."""
WINDOW_CLOCKS = int(WINDOW_NS)
WORK = {("hermes", "lane"): (BUSY, WINDOWS), ("hermes", "published_lane"): (BUSY, WINDOWS),
        ("hermes", "fp16_datapath"): (BUSY,), ("tiny", "nmpu"): (BUSY, WINDOWS)}
"""By preset and block. The FP16 unit is never idle, as its 256 columns take longer than a window;
the whole NMPU is that of the smallest tile, as those of others are mostly memory."""

_IMAGES = 13
"""Test images, of five reads each: more reads than the streams of the FP16 unit."""
_WINDOW_IMAGES = 5
"""Fewer, as a window has few columns."""
_TAIL = 64
"""Clocks at the end, in which the last results leave."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """Inputs of every clock, and the results that must follow.

    Members
    -------
    inputs : dict of int array, (clocks, streams)
        By port.
    counted : slice
        Clocks whose activity counts: the pipeline is full, or there are whole windows.
    wrong : callable
        How many results are not golden's, of bool (clocks, bits, streams) by output.
    """

    inputs: dict
    counted: slice
    wrong: Callable


def integers(bits):
    """Unsigned integers (clocks, streams) of bool (clocks, bits, streams)."""
    return (bits << np.arange(bits.shape[1])[:, None]).sum(axis=1)


def work(block, kind):
    """The `Work` of a block of `WORK`."""
    if block == "nmpu":
        return _nmpu_work(nmpu_windows(tiny, _IMAGES if kind == BUSY else _WINDOW_IMAGES),
                          every=tiny.groups if kind == BUSY else WINDOW_CLOCKS)
    if block == "fp16_datapath":
        return schedule(fp16_columns(hermes, _IMAGES, streams=WORD))
    make, latency = {"lane": (lane_columns, LaneClocks.of(hermes).latency),
                     "published_lane": (published_columns,
                                        PublishedLane.latency_of(published(hermes)))}[block]
    if kind == BUSY:
        return schedule(make(hermes, _IMAGES))
    return schedule(make(hermes, _WINDOW_IMAGES, bubbles=latency), busy=hermes.groups + latency)


def schedule(columns, *, busy=None):
    """The `Work` that `Columns` make with an item in every clock, or ``busy`` of them in the first
    clocks of each of `WINDOW_CLOCKS`."""
    rows, items = len(columns.inputs), len(columns.wanted)
    at = np.arange(rows)
    if busy:
        at = at // busy * WINDOW_CLOCKS + at % busy
    clocks = int(at[-1]) + 1
    # While it stands, the next inputs are there.
    row = np.searchsorted(at, np.arange(clocks))
    inputs = {name: np.stack([columns.inputs[k][name] for k in row])
              for name in columns.inputs[0]}
    enabled = np.isin(np.arange(clocks), at)
    inputs |= {name: np.broadcast_to(enabled[:, None], (clocks, WORD)) for name in columns.enable}
    wanted = {int(at[k + columns.latency]): byte & 0xFF for k, byte in enumerate(columns.wanted)
              if byte is not None and k + columns.latency < rows}

    def wrong(seen):
        found = integers(seen["o"])
        return sum(int((found[clock] != byte).sum()) for clock, byte in wanted.items())

    counted = (slice(WINDOW_CLOCKS, items // busy * WINDOW_CLOCKS) if busy
               else slice(columns.latency, items))
    return Work(inputs=inputs, counted=counted, wrong=wrong)


def _nmpu_work(windows, *, every):
    """Coefficients are written first, then comes the start of a window in each so many clocks."""
    start, groups = len(windows.setup), len(windows.given[0])
    end = start + every * len(windows.given)
    clocks = end + _TAIL
    names = {name for row in windows.setup for name in row}
    inputs = {name: np.zeros((clocks, WORD), object) for name in names}
    for clock, row in enumerate(windows.setup):
        for name, values in row.items():
            inputs[name][clock] = values
    inputs["o__ready"] = np.ones((clocks, WORD), object)
    inputs["i__valid"], inputs["i__payload"] = np.zeros((2, clocks, WORD), object)
    for number, window in enumerate(windows.given):
        first = start + every * number
        inputs["i__valid"][first:first + groups] = 1
        inputs["i__payload"][first:first + groups] = window
        # The last group stays there.
        inputs["i__payload"][first + groups:first + every] = window[-1]

    def wrong(seen):
        sent = seen["o__valid"][:, 0].all(axis=1)
        found = integers(seen["o__payload"][sent, :8 * tiny.nmpu.lanes])
        if found.shape != windows.wanted.shape:
            return windows.wanted.size
        return int((found != windows.wanted).sum())

    full = start + max(every, Nmpu.latency_of(tiny))
    return Work(inputs=inputs, counted=slice(full, end), wrong=wrong)
