"""Reads of single cells while they are programmed: whole periods, as integers."""

import numpy as np

from golden.array.checks import check_number

__all__ = ["COUNTER_BITS", "forming_yield", "periods", "signed_counts"]

COUNTER_BITS = 12
"""Width of the counters that read a cell (Khaddam-Aljameh et al., JSSC 57, 1027, 2022)."""


def periods(g_us, counts_per_us, counter_bits=COUNTER_BITS):
    """Whole periods; a full counter holds."""
    return np.clip(g_us * counts_per_us, 0, (1 << counter_bits) - 1).astype(np.int64)


def signed_counts(g_us, counts_per_us):
    """Counts of plus minus counts of minus of (devices, 2, *cells): one counter per polarity."""
    plus, minus = periods(g_us.sum(axis=0), counts_per_us)
    return plus - minus


def forming_yield(devices, *, counts_per_us, rng, set_above=50, reset_below=5):
    """Share of devices that read more than ``set_above`` counts SET, less than ``reset_below``
    RESET. Published for cells of 63 of 64 cores: more than 99 %. Leaves the devices SET.
    """
    counts_per_us = check_number("counts_per_us", counts_per_us, above=0)
    everything = np.ones(devices.shape, bool)
    devices.reset(everything)
    low = periods(devices.read_us(rng.standard_normal(devices.shape)), counts_per_us)
    devices.set(everything)
    high = periods(devices.read_us(rng.standard_normal(devices.shape)), counts_per_us)
    return float(((high > set_above) & (low < reset_below)).mean())
