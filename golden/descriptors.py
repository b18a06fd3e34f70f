"""Jobs of a chain."""

__all__ = ["DESTINATIONS", "SOURCES"]

SOURCES = ("x", "activations", "rows")
"""Where vectors come from."""

DESTINATIONS = ("none", "y", "activations", "sums")
"""What becomes of results."""
