"""One block on one library: area, cells, memories and timing, as one record."""

import json
import math
from dataclasses import asdict

from tb.designs import BUILD
from tb.power.record import MOST_CELLS, power_record
from tb.power.work import WORK
from tb.synth.blocks import BLOCKS, COEFFICIENTS, KEPT
from tb.synth.libraries import MEMORY_UM2_PER_BIT
from tb.synth.mapping import map_to_cells
from tb.synth.rtlil import AMARANTH, prepare
from tb.synth.timing import has_sta, run_sta, sta_version
from tb.whole_file import write_whole

__all__ = ["FOLDER", "PERIOD_NS", "coefficient_logic", "measure", "memory_record", "record_path",
           "timing_record"]

FOLDER = BUILD / "synth"
PERIOD_NS = 1.0
"""The target clock, and that of the budgets."""


def record_path(library, preset, block):
    """Where `measure` leaves its record."""
    return FOLDER / library.label / preset / f"{block}.json"


def _folder(library, preset, block):
    return FOLDER / "work" / library.label / preset / block


def coefficient_logic(block, preset, config, library, *, period_ns, shared=None):
    """Area of a block's coefficient memory without its memories: bits, ports, read registers."""
    with AMARANTH:
        text, kept = prepare(COEFFICIENTS[block](config), top="coefficients", kept=KEPT)
    return map_to_cells(text, top="coefficients", library=library, kept=kept, period_ns=period_ns,
                        folder=_folder(library, preset, f"{block}-macro"), macro=True,
                        shared=shared).area


def measure(block, preset, config, library, *, period_ns, logic=None, power=False, shared=None):
    """Synthesise a block, time it, and write its record.

    Parameters
    ----------
    block : str
        A name in `BLOCKS`.
    preset : str
        Name of the configuration.
    config : TileConfig
    library : Library
    period_ns : float
        Target clock.
    logic : float or None
        Of `coefficient_logic`, for a block with coefficients inside.
    power : bool
        With energy and power, if there is OpenSTA and the block is not too large for it.
    shared : Shared or None
        Parts that are mapped already, and those of this block from now on.

    Returns
    -------
    dict
        What `record_path` holds; ``latency`` in clocks, None for a block that names none.

    Raises
    ------
    RuntimeError
        If Yosys or OpenSTA fails.
    """
    folder = _folder(library, preset, block)
    with AMARANTH:
        component = BLOCKS[block](config)
        text, kept = prepare(component, top=block, kept=KEPT)
    mapped = map_to_cells(text, top=block, library=library, kept=kept, period_ns=period_ns,
                          folder=folder, shared=shared)
    timing = None
    if has_sta():
        timing = run_sta(top=block, library=library, period_ns=period_ns, folder=folder)
    record = {
        "preset": preset, "block": block, "library": library.label,
        "area_um2": mapped.area,
        "gate_equivalents": mapped.area / library.nand2_area,
        "latency": getattr(component, "latency", None),
        "flops": sum(n for kind, n in mapped.cells.items() if kind in library.flops),
        "cells": mapped.cells,
        "parts": mapped.parts,
        "depth": mapped.depth,
        "memory": memory_record(block, mapped, library, logic),
        "timing": timing_record(timing, mapped.estimate_ns, period_ns),
    }
    small = sum(mapped.cells.values()) <= MOST_CELLS or (preset, block) in WORK
    if power and timing is not None and small:
        record["power"] = power_record(block, preset, library, period_ns=period_ns, folder=folder,
                                       clock_mhz=record["timing"]["max_clock_mhz"])
    write_whole(record_path(library, preset, block), json.dumps(record, indent=2) + "\n")
    return record


def memory_record(block, mapped, library, logic):
    """Memory bits, and areas with the coefficient memory taken out.

    `area_um2` of a record holds every memory as flip-flops. Here ``without_coefficients_um2`` is
    that area without the coefficients' bits, ports and read registers, and ``with_macro_um2`` adds
    the bits at the assumed `MEMORY_UM2_PER_BIT`, where there is an assumption for the library.
    """
    own = {name for name in mapped.memory_bits if _holds_coefficients(name)}
    coefficients = sum(mapped.memory_bits[name] for name in own)
    record = {"coefficient_bits": coefficients,
              "other_bits": sum(mapped.memory_bits.values()) - coefficients}
    if coefficients and logic is not None:
        as_flops = mapped.area if block == "coefficients" else math.prod(
            next(part for name, part in mapped.parts.items() if _holds_coefficients(name)))
        record["coefficients_as_flops_um2"] = as_flops
        record["without_coefficients_um2"] = mapped.area - as_flops + logic
        per_bit = MEMORY_UM2_PER_BIT.get(library.label)
        if per_bit is not None:
            record["assumed_um2_per_bit"] = per_bit
            record["with_macro_um2"] = (record["without_coefficients_um2"]
                                        + coefficients * per_bit)
    return record


def _holds_coefficients(module):
    return module == "coefficients" or module.endswith("_coefficients")


def timing_record(timing, estimate_ns, target_ns):
    """Paths and clocks of OpenSTA; without it ABC's estimate, which has neither flip-flops nor
    ports in it and is named as such."""
    if timing is None:
        record = {"by": "ABC estimate", "worst": None, "inner": None, "period_ns": estimate_ns}
    else:
        record = {"by": f"OpenSTA {sta_version()}",
                  "worst": timing.worst and asdict(timing.worst),
                  "inner": timing.inner and asdict(timing.inner),
                  "period_ns": timing.period_ns(target_ns)}
    period = record["period_ns"]
    record["target_ns"] = target_ns
    record["max_clock_mhz"] = 1000 / period if period else None
    return record
