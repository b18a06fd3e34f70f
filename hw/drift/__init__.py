"""Drift of the array followed with the coefficients: sums, divider, rewriting."""
