"""The pictures of a run."""

import numpy as np

from tb import pictures
from tb.sim.precision import TIMES

__all__ = ["draw"]


def draw(folder, *, counts, logits, plain, corrected):
    """Write three PNG files.

    Parameters
    ----------
    folder : Path
    counts : list of int
        How often each count was captured.
    logits : tuple of arrays
        Fixed-point and float64 logits of the same images.
    plain, corrected : float64 array, (times, seeds)
        Accuracy over drift time.

    Returns
    -------
    list of Path
    """
    return [pictures.draw(folder / name, *parts) for name, *parts in (
        ("count_histogram.png", _histogram, counts),
        ("golden_against_float.png", _scatter, *logits),
        ("accuracy_over_drift.png", _drift, plain, corrected))]


def _histogram(axes, counts):
    axes.bar(np.arange(len(counts)), counts, width=1.0)
    axes.set(xlabel="count of one oscillator in a window", ylabel="occurrences", yscale="log",
             title="Counts captured in the RTL run")


def _scatter(axes, fixed, real):
    axes.plot(real.ravel(), fixed.ravel(), ".", markersize=3)
    ends = [real.min(), real.max()]
    axes.plot(ends, ends, color="black", linewidth=0.8)
    axes.set(xlabel="float64 periphery", ylabel="bit-true tile",
             title="Logits of the test images, in steps of the result")


def _drift(axes, plain, corrected):
    seconds = list(TIMES.values())
    for values, label in ((plain, "uncorrected"),
                          (corrected, "one gain per layer, folded in by the host")):
        mean = 100 * values.mean(axis=1)
        spread = 100 * values.std(axis=1)
        axes.errorbar(seconds, mean, spread, marker="o", capsize=3, label=label)
    axes.set(xscale="log", xlabel="time since the first read after programming",
             ylabel="accuracy in %",
             title=f"Digits on PCMLike arrays, mean and spread of {plain.shape[1]} seeds")
    axes.set_xticks(seconds, TIMES.keys())
    axes.minorticks_off()
    axes.legend()
