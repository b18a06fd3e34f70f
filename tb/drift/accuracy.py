"""Accuracy of the digits network in golden, as its arrays age."""

from functools import cache

import numpy as np

from golden.network.digits import accuracy, load_images
from tb.drift.network import DriftNetwork
from tb.drift.recipes import NETWORK

__all__ = ["METHODS", "PAIR", "sweep"]

METHODS = ("none", "tile", "column", "fit", "adabs", "float")
"""The last is the tile's gain with a float64 periphery, on the same arrays and draws."""

PAIR = ("tile", "float")

_images = cache(load_images)


def sweep(device, seed, ages_s, methods=METHODS):
    """One network through all ages.

    Returns
    -------
    dict
        ``accuracy``: float64 (ages, methods), of all test images; ``refused``: updates of the
        tile and of columns, and of fits, (2,).
    """
    digits = _images()
    engines = [name for name in NETWORK if name in methods or name == "tile"]
    network = DriftNetwork(digits, device, seed, engines)
    rows = []
    for age_s in ages_s:
        network.advance(age_s - network.age_s)
        network.update()
        logits = [network.real_logits(digits.test_x) if name == "float" else
                  network.logits(digits.test_x, network.adabs() if name == "adabs" else
                                 network.corrected(name)) for name in methods]
        rows.append([accuracy(part, digits.test_y) for part in logits])
    refused = [sum(engine.refusals for (name, _), engine in network.engines.items()
                   if (name == "fit") is fits) for fits in (False, True)]
    return {"accuracy": np.array(rows), "refused": np.array(refused)}
