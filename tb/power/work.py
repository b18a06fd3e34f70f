"""The kinds of work that power is measured at."""

from dataclasses import dataclass

import numpy as np

from golden.network.mapping import WINDOW_NS
from golden.presets import hermes
from hw.nmpu.lane import Lane
from tb.power.streams import WORD
from tb.power.vectors import fp16_columns, lane_columns, published_columns
from tb.synth.published_lane import PublishedLane

__all__ = ["BUSY", "WINDOWS", "WINDOW_CLOCKS", "WORK", "Work", "work"]

BUSY = "busy"
"""A column in every clock."""
WINDOWS = "windows"
"""A read in every window of the array: its columns, then the pipeline empties and stands still."""
WINDOW_CLOCKS = int(WINDOW_NS)
WORK = {"lane": (BUSY, WINDOWS), "published_lane": (BUSY, WINDOWS), "fp16_datapath": (BUSY,)}
"""By block; the FP16 unit is never idle, as its 256 columns take longer than a window."""

_IMAGES = 13
"""Test images, of five reads each: more reads than the streams of the FP16 unit."""
_WINDOW_IMAGES = 5
"""Fewer, as a window has few columns."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """Inputs of every clock, and the results that must follow.

    Members
    -------
    inputs : dict of int array, (clocks, streams)
        By port.
    counted : slice
        Clocks whose activity counts: the pipeline is full, or there are whole windows.
    wanted : dict of int array, (streams,)
        Byte at ``o`` by clock.
    """

    inputs: dict
    counted: slice
    wanted: dict


def work(block, kind):
    """The `Work` of a block of `WORK`, on the default tile."""
    if block == "fp16_datapath":
        return schedule(fp16_columns(hermes, _IMAGES, streams=WORD))
    make, latency = {"lane": (lane_columns, Lane.latency),
                     "published_lane": (published_columns, PublishedLane.latency)}[block]
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
    counted = (slice(WINDOW_CLOCKS, items // busy * WINDOW_CLOCKS) if busy
               else slice(columns.latency, items))
    return Work(inputs=inputs, counted=counted, wanted=wanted)
