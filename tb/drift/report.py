"""From what was measured to figures and tables."""

import numpy as np
from rich.table import Table

from tb.drift import accuracy, mvm
from tb.drift.recipes import MVM
from tb.figures import Figure

__all__ = ["COMMAND", "accuracy_figures", "accuracy_table", "error_table", "fixed_point_loss",
           "over_floor", "product_figures", "rtl_figures"]

COMMAND = "make drift"

REPORTED = ("none", "tile", "adabs")
"""Methods whose accuracy is a figure."""


def over_floor(errors, floors, column):
    """A column of `golden` errors, mean over seeds, relative to the floor of each age.

    Parameters
    ----------
    errors : float64 array, (seeds, ages, len(mvm.ERRORS))
    floors : sequence of float, (ages,)
        In %.
    column : str
        Of `tb.drift.mvm.ERRORS`.

    Returns
    -------
    float64 array, (ages,)
    """
    return 100 * errors[..., mvm.ERRORS.index(column)].mean(axis=0) / np.asarray(floors)


def _common(unit):
    return {"unit": unit, "command": COMMAND}


def rtl_figures(found):
    """Figures of `tb.drift.runs.run_rtl`."""
    differ = sum(sum(run["differ"].values()) for run in found.values())
    compared = sum(sum(run["compared"].values()) for run in found.values())
    refusals = sum(run["compared"]["refusals"] for run in found.values())
    clocks = next(run for (_, test), run in found.items() if test == "clocks")
    return [
        Figure.equal("drift.mismatches", differ, 0, **_common("values")),
        Figure.reported("drift.compared", compared, **_common("values")),
        Figure.reported("drift.updates", refusals, **_common("updates")),
        Figure.at_most("drift.calibration_clocks", clocks["calibration"], 2000,
                       **_common("clocks")),
        Figure.at_most("drift.rewrite_clocks", clocks["rewrite"], 1024, **_common("clocks")),
    ]


def product_figures(found, floors):
    """Figures of the sweeps of products.

    Parameters
    ----------
    found : dict of device to dict
        Stacked results of `tb.drift.mvm.sweep`.
    floors : dict of device to sequence of float
        In %, one per age.
    """
    worst = {column: max(over_floor(run["error"], floors[device], column).max()
                         for device, run in found.items()) for column in ("array", "float", "tile")}
    gains = [list(MVM).index(name) for name in ("tile", "column")]
    refused = sum(int((run["refused"][..., gains] != 0).sum()) for run in found.values())
    return [
        Figure.at_most("drift.gain_error", 100 * max(run["gain_error"].max()
                                                     for run in found.values()), 0.05,
                       **_common("%")),
        Figure.at_most("drift.error_over_floor", worst["array"], 1.02, **_common("")),
        Figure.reported("drift.error_over_floor_converters", worst["float"], **_common("")),
        Figure.reported("drift.error_over_floor_tile", worst["tile"], **_common("")),
        Figure.reported("drift.arrays", sum(len(run["error"]) for run in found.values()),
                        **_common("arrays")),
        Figure.equal("drift.saturations", refused, 0, **_common("updates")),
    ]


def fixed_point_loss(pairs):
    """Accuracy lost to fixed point, mean over seeds, and its standard error, in points.

    Parameters
    ----------
    pairs : float64 array, (seeds, ages, 2)
        Of fixed point and of float64.

    Returns
    -------
    loss, error : float64 array, (ages,)
    """
    loss = 100 * (pairs[..., 1] - pairs[..., 0])
    return loss.mean(axis=0), loss.std(axis=0, ddof=min(1, len(loss) - 1)) / np.sqrt(len(loss))


def accuracy_figures(found, pairs, names):
    """Figures of the digits network.

    Parameters
    ----------
    found : dict of device to float64 array, (seeds, ages, len(accuracy.METHODS))
    pairs : dict of device to float64 array, (seeds, ages, 2)
    names : sequence of str
        Of the ages.
    """
    figures = []
    for device, runs in found.items():
        mean = 100 * runs.mean(axis=0)
        for a, name in enumerate(names):
            figures += [Figure.reported(
                f"drift.accuracy_{device}_{method}_{name.replace(' ', '')}",
                mean[a, accuracy.METHODS.index(method)], **_common("%")) for method in REPORTED]
    losses = {device: fixed_point_loss(pair) for device, pair in pairs.items()}
    device, age = max(((d, a) for d in losses for a in range(len(names))),
                      key=lambda k: losses[k[0]][0][k[1]])
    loss, error = losses[device]
    return [
        Figure.at_most("drift.fixed_point_loss", loss[age], 0.12, **_common("points")),
        Figure.reported("drift.fixed_point_loss_error", error[age], **_common("points")),
        Figure.reported("drift.fixed_point_loss_mean",
                        np.mean([loss.mean() for loss, _ in losses.values()]),
                        **_common("points")),
        Figure.reported("drift.networks", sum(map(len, pairs.values())), **_common("networks")),
        *figures]


def _table(title, first, names, rows):
    table = Table(first, title=title, title_justify="left")
    for name in names:
        table.add_column(name, justify="right")
    for label, cells in rows:
        table.add_row(label, *cells)
    return table


def error_table(device, run, floors, names):
    """Errors of products, mean over seeds, with how many updates were refused."""
    mean = 100 * run["error"].mean(axis=0)
    rows = [("floor", [f"{floor:.1f} %" for floor in floors])]
    for k, method in enumerate(mvm.ERRORS):
        refused = ((run["refused"][..., list(MVM).index(method)] != 0).mean(axis=0)
                   if method in MVM else np.zeros(len(names)))
        rows.append((method, [f"{value:.2f} %" + (f", {100 * share:.0f} % refused" if share else "")
                              for value, share in zip(mean[:, k], refused, strict=True)]))
    return _table(f"Error of products, {device}, {len(run['error'])} arrays", "method", names, rows)


def accuracy_table(device, runs, names):
    """Accuracy, mean and standard deviation over seeds."""
    mean, spread = 100 * runs.mean(axis=0), 100 * runs.std(axis=0)
    return _table(
        f"Accuracy of the digits, {device}, {len(runs)} networks", "method", names,
        [(method, [f"{mean[a, k]:.2f} ± {spread[a, k]:.2f}" for a in range(len(names))])
         for k, method in enumerate(accuracy.METHODS)])
