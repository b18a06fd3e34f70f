"""Inputs become pulses: the vector buffer and the row drivers."""
