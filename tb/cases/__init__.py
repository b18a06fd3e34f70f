"""One file per block: what goes in and, by the golden model, what must come out.

A case has ``VARIANTS``, the names of its configurations, ``build(variant)``, a new component, and
``agent(variant, rng, max_idle=, max_stall=)``, which drives and judges it in either simulator. It
may have ``check_timing(variant, agent)``, for a run that never idled and never stalled.
"""

import importlib

__all__ = ["BLOCKS", "case", "variants"]

BLOCKS = ("combine", "gather", "normalise", "requantise", "lane", "coefficients", "nmpu",
          "count_readout", "input_buffer", "row_driver", "row_drivers", "downsize", "sequencer")


def case(block):
    """The case module of a block."""
    return importlib.import_module(f"tb.cases.{block}")


def variants():
    """Every (block, variant)."""
    return [(block, variant) for block in BLOCKS for variant in case(block).VARIANTS]
