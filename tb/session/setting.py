"""What the session is about: a tile, a small classifier, and when things happen."""

import numpy as np

from golden.array.verify import VerifySettings
from golden.config import ArrayConfig, NmpuConfig, ProgramConfig, StreamConfig, TileConfig
from golden.network.train_digits import freeze, train
from golden.program.settings import ProgramSettings

__all__ = ["AGE_S", "BATCH", "CALIBRATION", "CONFIG", "G_MAX_US", "LSB_UA", "PROGRAMMING", "SEED",
           "SIZES", "trained"]

CONFIG = TileConfig(
    array=ArrayConfig(rows=64, columns=80), nmpu=NmpuConfig(lanes=16),
    program=ProgramConfig(heads=16), stream=StreamConfig(x_bits=512, y_bits=128))
"""Just large enough for both layers side by side: 64 columns, and 10 of 16. The classifier of
docs/network.md would take 512 x 832 cells, which the RTL programs for an hour."""

SIZES = (64, 64, 10)
SEED = 1
BATCH = 10
"""Images whose hidden layer waits in the activation buffer."""

G_MAX_US = 40.0
"""Conductance of the largest weight: two devices of 25 µS, less what a weak pair may lack."""
LSB_UA = 0.1
"""Of the known current that calibrates converters."""
AGE_S = 86_400.0
"""A day after the first read."""

PROGRAMMING = ProgramSettings(loop=VerifySettings(max_rounds=30))
"""The published pulses, reads and margin."""

CALIBRATION = {"value": 40, "repeats": 16}
"""Of the drift engine: every row at 40, sixteen times."""


def trained(digits):
    """A classifier of the digits with one hidden layer of 64: a tuple of Layer."""
    parameters = train(digits.train_x, digits.train_y, np.random.default_rng(SEED), SIZES)
    return freeze(parameters, digits.train_x, ("hidden", "logits"))
