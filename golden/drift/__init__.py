"""Drift of the array followed with the coefficients: the engine and the statistics, bit-true."""
