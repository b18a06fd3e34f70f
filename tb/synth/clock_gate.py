"""The clock gates of a library: Liberty tells what their pins are for, and no function of them."""

from dataclasses import dataclass

__all__ = ["ClockGate", "read_clock_gate"]

_KINDS = ("latch_posedge", "latch_posedge_precontrol")
"""Those with a latch in front of an AND."""


@dataclass(frozen=True)
class ClockGate:
    """A cell that passes a rising edge of its ``clock`` if one of its ``enables`` is one."""

    clock: str
    enables: tuple
    output: str


def read_clock_gate(cell):
    """The clock gate that a cell of a Liberty file is; None if it is none, or one of another kind.

    Parameters
    ----------
    cell : tb.synth.liberty.Group
    """
    if cell.attributes.get("clock_gating_integrated_cell") not in _KINDS:
        return None
    roles = {role: pin.name for pin in cell.all("pin") for role in pin.attributes}
    if not {"clock_gate_clock_pin", "clock_gate_out_pin"} <= roles.keys():
        return None
    return ClockGate(
        roles["clock_gate_clock_pin"],
        tuple(roles[f"clock_gate_{what}_pin"] for what in ("enable", "test")
              if f"clock_gate_{what}_pin" in roles), roles["clock_gate_out_pin"])
