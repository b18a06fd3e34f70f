"""Unit tests: one part at a time, in pure Python."""
