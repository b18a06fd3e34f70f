"""Synthesis: every block onto standard cells, with area, timing and gate counts."""
