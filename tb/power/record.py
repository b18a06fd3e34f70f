"""Power of a mapped block, as a part of its record."""

from dataclasses import asdict
from functools import cache

import numpy as np

from tb.power.cells import CellLibrary
from tb.power.energy import DEFAULT_CHANGES, Activity, energy_per_clock
from tb.power.netlist import read_netlist
from tb.power.slews import read_slews
from tb.power.streams import Streams
from tb.power.work import WORK, work

__all__ = ["DEFAULT", "MEASURED", "MOST_CELLS", "power_record", "simulate"]

MEASURED = "measured: digit classifier"
DEFAULT = f"default activity {DEFAULT_CHANGES}"
MOST_CELLS = 20000
"""Of a block whose power is estimated; larger ones are mostly memory, for which flip-flops say
little."""


def power_record(block, preset, library, *, period_ns, clock_mhz, folder):
    """Energy and power of a netlist that `tb.synth.mapping.map_to_cells` left.

    Parameters
    ----------
    block, preset : str
        Those of `tb.power.work.WORK` are simulated.
    library : Library
    period_ns : float
        Target clock.
    clock_mhz : float
        Clock at which power is told.
    folder : Path

    Returns
    -------
    dict
        ``activity``, `MEASURED` or `DEFAULT`; ``clock_mhz``; ``works``, by kind of work the members
        of `Energy`, ``dynamic_pj`` per clock and ``dynamic_mw`` at that clock.

    Raises
    ------
    RuntimeError
        If Yosys or OpenSTA fails, or the netlist gives a result that is not golden's.
    """
    netlist, cells = read_netlist(block, folder), _cells(library.path)
    slews = read_slews(top=block, library=library, period_ns=period_ns, folder=folder)
    kinds = WORK.get((preset, block))
    if kinds:
        activity = {kind: simulate(netlist, cells, block, kind) for kind in kinds}
    else:
        activity = {"": Activity.default(netlist, cells)}

    works = {}
    for kind, found in activity.items():
        energy = energy_per_clock(netlist, found, cells, slews, load_ff=library.load_ff)
        works[kind] = {**asdict(energy), "dynamic_pj": energy.dynamic,
                       "dynamic_mw": energy.dynamic * clock_mhz / 1000}
    return {"activity": DEFAULT if "" in activity else MEASURED, "clock_mhz": clock_mhz,
            "works": works}


_cells = cache(CellLibrary)


def simulate(netlist, cells, block, kind):
    """The `Activity` of a block at a kind of work; `RuntimeError` if a result is not golden's."""
    given = work(block, kind)
    inputs = {name: _bits(values, len(netlist.inputs[name]))
              for name, values in given.inputs.items()}
    activity, seen = Streams(netlist, cells).run(inputs, counted=given.counted,
                                                 rng=np.random.default_rng(1))
    wrong = given.wrong(seen)
    if wrong:
        raise RuntimeError(f"the netlist of {block} gives {wrong} results that are not golden's")
    return activity


def _bits(values, width):
    """Integers (clocks, streams) as bool (clocks, width, streams)."""
    return (values[:, None] >> np.arange(width)[:, None] & 1).astype(bool)
