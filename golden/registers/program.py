"""The registers of the programming engine."""

__all__ = ["PROGRAM_BASE"]

PROGRAM_BASE = 0x12000
"""Registers from here on are those of the programming engine; a tile without one refuses them."""
