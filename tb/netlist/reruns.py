"""What runs again on its netlist, and what does not."""

from tb.cases import BLOCKS, case
from tb.netlist.rerun import FRONT_END, REGISTER_FILE, TILE, Rerun

__all__ = ["FOUR_STATE", "LEFT_OUT", "RERUNS"]

FOUR_STATE = ("input_buffer", "row_driver", "decode", "supervisor", "chain_registers",
              "coefficient_window", "bank_exchange", "sequencer", "chain_checker", "dispatcher")
"""Blocks that run on Icarus too, where what no reset has reached is X."""


def _rerun(block, variant):
    return Rerun(block, variant, ("verilator", *["icarus"] * (block in FOUR_STATE)))


RERUNS = (
    *(_rerun(block, next(iter(case(block).VARIANTS))) for block in BLOCKS),
    _rerun(REGISTER_FILE, "tiny"),
    _rerun(FRONT_END, "four_pairs"),
    _rerun(TILE, "tiny"),
)
"""Every block in the first of its variants, which is `tiny` or no larger."""

LEFT_OUT = {
    "oscillator_front_end with delays": "cells have none here, and the stages of its counters have "
                                        "in these tests",
}
"""Which cocotb tests do not run again, and why."""
