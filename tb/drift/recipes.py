"""What every method of the engine drives, and how often: one recipe per method, for all runs.

Tile: constant inputs, the shortest there is. Column: one row after the other, which alone gives a
column with weights of both signs a sum far from 0. Fit: no input, and a stored vector that keeps
every column far from 0. In a network, stored activations of training images take their place.
"""

from dataclasses import dataclass

import numpy as np

from golden.drift.measure import calibration_vectors
from golden.formats import NmpuFormats

__all__ = ["MVM", "NETWORK", "Recipe", "Slot", "separating_vector"]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A measurement: ``kind`` of `golden.drift.measure.INPUTS`, its ``value``, ``repeats``."""

    kind: str
    value: int = 0
    repeats: int


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A method's measurements.

    Parameters
    ----------
    slots : tuple of Slot
        One, or two for ``fit``.
    absolute : bool
    floor : float
        Counts per vector below which a column's sum, or rise, is noise: where columns hold no
        weights.
    """

    slots: tuple
    absolute: bool
    floor: float

    def minimum(self, config, used):
        """DRIFT_MINIMUM: the floor in the units of the sums; 0 if all columns are ``used``.

        A sum is compared with it at every age, so it must stay below what ten years leave of the
        weakest column in use.
        """
        if used == config.array.columns:
            return 0
        frac = NmpuFormats.of(config).accumulated.fmt.frac_bits
        return int(self.floor * self.slots[0].repeats * 2**frac)

    def vectors(self, slot, config, stored):
        """What the measurement of ``slot`` drives, (repeats, rows)."""
        wanted = self.slots[slot]
        given = {"stored": stored} if wanted.kind == "stored" else {"value": wanted.value}
        return calibration_vectors(config, wanted.kind, repeats=wanted.repeats, **given)


MVM = {
    "tile": Recipe(slots=(Slot(kind="constant", value=40, repeats=15),), absolute=True, floor=2.5),
    "column": Recipe(slots=(Slot(kind="one_hot", value=127, repeats=256),), absolute=True,
                     floor=1.5),
    "fit": Recipe(slots=(Slot(kind="constant", value=0, repeats=16),
                         Slot(kind="stored", repeats=16)), absolute=False, floor=4.0),
}
"""Of dense Gaussian weights. Larger constants drive the oscillators beyond their linear range."""

NETWORK = MVM | {
    "tile": Recipe(slots=(Slot(kind="stored", repeats=16),), absolute=True, floor=2.5)}
"""Of the layers of a network: the tile is given activations of training images."""


def separating_vector(weights, largest, rng, *, margin=0.6, steps=3000, rate=0.01):
    """An input (rows,) whose product with every column of ``weights`` is far from 0.

    A slope from one signed sum is only as good as that sum is large. Columns whose product is
    within ``margin`` times what random inputs give are pushed outwards by gradient steps.

    Returns
    -------
    int64 array, (rows,)
        Within ``-largest..largest``.
    """
    x = rng.uniform(-largest, largest, len(weights))
    wanted = margin * largest * np.linalg.norm(weights, axis=0).mean()
    rate *= 0.2 / weights.var()
    for _ in range(steps):
        product = x @ weights
        short = np.where(product < 0, -1.0, 1.0) * np.maximum(wanted - np.abs(product), 0)
        x = np.clip(x + rate * (weights @ short), -largest, largest)
    return np.round(x).astype(np.int64)
