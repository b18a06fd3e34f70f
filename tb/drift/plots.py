"""The pictures of ``make drift``."""

from tb import pictures
from tb.drift import accuracy, mvm

__all__ = ["ACCURACY", "draw", "draw_svg"]

LABELS = {"none": "uncorrected", "tile": "gain of the tile", "column": "gains of columns",
          "fit": "slope and offset", "adabs": "AdaBS", "array": "gain of the tile, no converters",
          "float": "gain of the tile, float64"}

ACCURACY = "drift-accuracy.svg"


def _lines(axes, seconds, mean, spread, methods):
    for k, method in enumerate(methods):
        axes.errorbar(list(seconds.values()), 100 * mean[:, k],
                      None if spread is None else 100 * spread[:, k], marker="o", markersize=4,
                      capsize=3, label=LABELS[method],
                      linestyle="--" if method in ("array", "float") else "-")
    axes.set(xscale="log", xlabel="time since the first read after programming")
    axes.set_xticks(list(seconds.values()), list(seconds))
    axes.minorticks_off()
    axes.legend()


def _errors(axes, seconds, run, device):
    error = run["error"]
    _lines(axes, seconds, error.mean(axis=0), None, mvm.ERRORS)
    axes.set(ylabel="error of products in %", title=f"{device}, mean of {len(error)} arrays")


def _accuracy(axes, seconds, runs, device):
    _lines(axes, seconds, runs.mean(axis=0), runs.std(axis=0), accuracy.METHODS)
    axes.set(ylabel="accuracy in %",
             title=f"Digits on {device} arrays, mean and spread of {len(runs)} seeds")


def draw(folder, *, products, accuracies, product_ages, network_ages):
    """Write a PNG file per device and measurement; their paths."""
    return [*(pictures.draw(folder / f"errors-{device}.png", _errors, product_ages, run, device)
              for device, run in products.items()),
            *(pictures.draw(folder / f"accuracy-{device}.png", _accuracy, network_ages, run, device)
              for device, run in accuracies.items())]


def draw_svg(path, accuracies, network_ages):
    """Write the accuracy of all devices, side by side, as an SVG with the same bytes for the same
    numbers; its path."""
    pyplot = pictures.pyplot
    with pyplot.rc_context({"svg.hashsalt": "drift", "svg.fonttype": "none"}):
        figure, axes = pyplot.subplots(1, len(accuracies), figsize=(6 * len(accuracies), 4.2),
                                       layout="constrained", sharey=True, squeeze=False)
        for part, (device, runs) in zip(axes[0], accuracies.items(), strict=True):
            _accuracy(part, network_ages, runs, device)
            part.grid(alpha=0.3)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Date": None, "Creator": None})
        pyplot.close(figure)
    return path
