"""What puts a tile into its safe state."""

__all__ = ["FAULTS"]

FAULTS = ("none", "conversion", "pulse", "coefficient_parity", "descriptor_parity", "pulse_limit")
"""By the code of register FAULT: a conversion or a pulse that hangs, a stored word that changed, a
pulse beyond its limits or without the key."""
