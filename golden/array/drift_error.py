"""How much gain an ageing array needs, and the error of its products with and without it.

The measurement behind a table of gain and error over time: one tile of Gaussian weights,
programmed once; at each age its gain is measured through noisy one-hot reads and the error of
random products through noisy reads of random inputs. The converters are left out.

Sources: the readout of one row after the other and ``gain = reference/present`` are those of
AIHWKIT (``inference/compensation/drift.py``, commit 4545f11b), whose reference is taken right
after programming, with programming noise and without drift and read noise. AIHWKIT joins both
devices of a pair when it drifts a weight; here they stay separate, as in the array.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_integer, check_number
from golden.array.crossbar import Crossbar
from golden.convert.pulse import READ_VOLTAGE_V, WINDOW_CLOCKS

__all__ = ["WEIGHT_LIMIT_SIGMA", "DriftError", "drift_error", "gaussian_weights"]

WEIGHT_LIMIT_SIGMA = 2.0
"""Weights are clipped here, as in the training of Joshi et al., Nature Communications 11:2473."""


@dataclass(frozen=True, kw_only=True, eq=False)
class DriftError:
    """Gain and error at each age.

    Attributes
    ----------
    ages_s : float64 array, (ages,)
        Seconds since the first read.
    gain : float64 array, (ages,)
        What restores the mean readout of the whole tile.
    column_gain : float64 array, (ages, columns)
        The same of each column.
    error_without, error_with, error_with_columns : float64 array, (ages,)
        ``norm(y - x W)/norm(x W)`` without a gain, with that of the tile, with those of the
        columns; programming and read noise included.
    """

    ages_s: np.ndarray
    gain: np.ndarray
    column_gain: np.ndarray
    error_without: np.ndarray
    error_with: np.ndarray
    error_with_columns: np.ndarray


def gaussian_weights(rows, columns, rng):
    """Normal weights (rows, columns), clipped at ``WEIGHT_LIMIT_SIGMA`` and scaled to +-1."""
    limit = WEIGHT_LIMIT_SIGMA
    return np.clip(rng.standard_normal((rows, columns)), -limit, limit) / limit


def drift_error(device, *, ages_s, seed, rows=256, columns=256, vectors=256):
    """Measure one tile.

    Parameters
    ----------
    device : Device
    ages_s : sequence of float
        In seconds, at least 0 and rising.
    seed : int
        Of every draw: weights, programming, inputs, read noise.
    rows, columns : int
        Size of the tile.
    vectors : int
        Random inputs per age, uniform in -127..127.

    Returns
    -------
    DriftError

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or range.
    """
    seed = check_integer("seed", seed, low=0, high=(1 << 63) - 1)
    rows = check_integer("rows", rows, low=1, high=1 << 12)
    columns = check_integer("columns", columns, low=1, high=1 << 12)
    vectors = check_integer("vectors", vectors, low=1, high=1 << 16)
    ages_s = [check_number("ages_s", age, minimum=0) for age in ages_s]
    if not ages_s or any(b <= a for a, b in zip(ages_s, ages_s[1:], strict=False)):
        raise ValueError(f"ages_s must hold rising ages in seconds, not {ages_s}")

    weight_rng, array_rng, input_rng = np.random.default_rng(seed).spawn(3)
    weights = gaussian_weights(rows, columns, weight_rng)
    array = Crossbar.from_weights(weights, device=device, rng=array_rng, w_max=1.0,
                                  precision="float64")
    x = input_rng.integers(-127, 127, (vectors, rows), endpoint=True)
    exact = x @ weights
    one_hot = 127 * np.eye(rows, dtype=np.int64)
    plus_us, minus_us = array.conductances_us()
    reference = np.abs(plus_us - minus_us).mean(axis=0) * 127 / device.g_max_us

    ages, previous = [], 0.0
    for k, age in enumerate(ages_s):
        array.advance(age - previous)
        previous = age
        present = np.abs(_products(array, one_hot, device, (seed, k, 0))).mean(axis=0)
        gain, column_gain = reference.mean() / present.mean(), reference / present
        y = _products(array, x, device, (seed, k, 1))
        ages.append((gain, column_gain, *(np.linalg.norm(factor * y - exact)
                                          / np.linalg.norm(exact)
                                          for factor in (1.0, gain, column_gain))))
    gain, column_gain, without, tile, per_column = (np.array(v) for v in zip(*ages, strict=True))
    return DriftError(ages_s=np.array(ages_s), gain=gain, column_gain=column_gain,
                      error_without=without, error_with=tile, error_with_columns=per_column)


def _products(array, x, device, seed):
    """Noisy reads as ``x @ w`` with ``w`` in -1..1: (vectors, columns)."""
    current_ua = array.currents_ua(x, window_clocks=WINDOW_CLOCKS,
                                   read_voltage_v=READ_VOLTAGE_V, seed=seed)
    unit_ua = READ_VOLTAGE_V * device.g_max_us / WINDOW_CLOCKS
    return (current_ua[:, 0] - current_ua[:, 1]) / unit_ua
