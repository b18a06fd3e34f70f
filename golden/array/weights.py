"""Weights to the two sides of a pair."""

import numpy as np

from golden.array.checks import check_number, check_reals

__all__ = ["pair_shares"]


def pair_shares(weights, w_max=None):
    """Share of the full conductance on each side: ``|w|/w_max`` on one, 0 on the other.

    Source of the mapping: Joshi et al., Nature Communications 11:2473, 2020.

    Parameters
    ----------
    weights : array of float, (rows, columns)
    w_max : float, optional
        Weight that is given the full conductance. Default: the largest magnitude present.

    Returns
    -------
    array of float64, (2, rows, columns)
        Plus side, then minus side, 0..1.

    Raises
    ------
    TypeError, ValueError
        If ``weights`` is not of finite numbers, of another shape, or beyond ``w_max``.
    """
    weights = check_reals("weights", weights)
    if weights.ndim != 2 or weights.size == 0:
        raise ValueError(f"weights must have shape (rows, columns), not {weights.shape}")
    largest = np.abs(weights).max().item()
    if w_max is None:
        # Any positive scale maps a layer of zeros to zeros.
        w_max = largest or 1.0
    w_max = check_number("w_max", w_max, above=0)
    if largest > w_max:
        raise ValueError(f"weights must be in -w_max..w_max with w_max {w_max}, not {largest}")
    return np.stack([np.maximum(weights, 0), np.maximum(-weights, 0)]) / w_max
