"""Tables of the drift ablation: ``python -m golden.drift.ablation [--seeds N]``.

The first compares representations of the gain, all given the same gains of columns; the second
compares estimates and calibration inputs in the chosen representation.
"""

import argparse

import numpy as np

from golden.array.device import PcmLike
from golden.drift.ablation_tile import REPRESENTATIONS, AblationTile
from golden.drift.engine import METHODS
from golden.drift.measure import INPUTS

__all__ = ["CHOSEN", "estimates", "representations"]

DAY_S = 86400.0

AGES_S = {"25 s": 25.0, "1 h": 3600.0, "1 d": DAY_S, "30 d": 30 * DAY_S, "1 y": 365 * DAY_S,
          "10 y": 3650 * DAY_S}
"""Since programming, by name."""

CHOSEN = "U(1,7) and exponent"


def representations(ages_s, seeds, device=None):
    """Errors and saturated coefficients of every representation.

    Gains are those of the columns, from one row after the other: of all estimates it asks most of
    the coefficients without being noise.

    Returns
    -------
    dict of name to float64 array, (ages, 3)
        Means over the seeds of error and of saturated coefficients, and the largest exponent.
    """
    found = {name: np.zeros((len(seeds), len(ages_s), 3)) for name in REPRESENTATIONS}
    for k, seed in enumerate(seeds):
        tile = AblationTile(device or PcmLike(), seed=seed, inputs="one_hot")
        for a, age_s in enumerate(ages_s):
            gains, betas, refusal = tile.at(age_s)
            if gains is None:
                raise ValueError(f"the engine refused at {age_s} s: {refusal.name}")
            for name, row in tile.rows(gains, betas).items():
                found[name][k, a] = row.error, row.saturated, row.exponent
    return {name: np.column_stack([rows[..., :2].mean(axis=0), rows[..., 2].max(axis=0)])
            for name, rows in found.items()}


def estimates(ages_s, seeds, device=None):
    """Errors of every estimate, with no gain first.

    Returns
    -------
    dict of (method, inputs) to list over ages of (error, lowest gain, highest gain) or, if a seed
    was refused, the name of the first refusal
    """
    found = {("none", "none"): []}
    tiles = {(method, inputs): [AblationTile(device or PcmLike(), seed=seed, inputs=inputs,
                                             method=method) for seed in seeds]
             for method in METHODS for inputs in INPUTS}
    for age_s in ages_s:
        for key, group in tiles.items():
            cells = []
            for tile in group:
                gains, betas, refusal = tile.at(age_s)
                cells.append(refusal.name.lower() if gains is None else (
                    tile.rows(gains, betas, [CHOSEN])[CHOSEN].error, gains.min(), gains.max()))
            refused = [cell for cell in cells if isinstance(cell, str)]
            found.setdefault(key, []).append(refused[0] if refused else _together(cells))
        zero = np.zeros(group[0].base["scale"].shape[1])
        found["none", "none"].append((np.mean([
            tile.rows(zero + 1, zero, [CHOSEN])[CHOSEN].error for tile in group]), 1.0, 1.0))
    return found


def _together(cells):
    error, low, high = np.array(cells).T
    return error.mean(), low.min(), high.max()


def main(arguments=None):
    """Print both tables as Markdown."""
    parser = argparse.ArgumentParser(prog="python -m golden.drift.ablation",
                                     description=main.__doc__)
    parser.add_argument("--seeds", type=int, default=5, choices=range(1, 101), metavar="1..100",
                        help="arrays of which the mean is taken")
    seeds = parser.parse_args(arguments).seeds
    ages_s = list(AGES_S.values())
    head = f"| {' | '.join(AGES_S)} |\n|{'---|' * (len(AGES_S) + 1)}"
    print(f"| representation {head}")
    for name, rows in representations(ages_s, range(1, seeds + 1)).items():
        print(f"| {name} | " + " | ".join(
            f"{100 * error:.2f} %, {saturated:g}" + (f", e {exponent:g}" if exponent else "")
            for error, saturated, exponent in rows) + " |")
    print(f"\n| estimate {head}")
    for (method, inputs), cells in estimates(ages_s, range(1, seeds + 1)).items():
        print(f"| {method}, {inputs} | " + " | ".join(
            cell if isinstance(cell, str) else
            f"{100 * cell[0]:.2f} %, {cell[1]:.2f} to {cell[2]:.2f}" for cell in cells) + " |")


if __name__ == "__main__":
    main()
