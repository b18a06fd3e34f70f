"""The pictures of the bench, each one question."""

import numpy as np

__all__ = ["bars", "deviations", "table"]


def deviations(axes, errors, bound, title):
    """How far comparisons are off in standard errors, beside the normal density."""
    edges = np.linspace(-6, 6, 49)
    axes.hist(errors, edges, label=f"{len(errors)} comparisons")
    z = np.linspace(-6, 6, 241)
    density = np.exp(-z**2 / 2) / np.sqrt(2 * np.pi) * len(errors) * (edges[1] - edges[0])
    axes.plot(z, density, color="black", linewidth=0.8, label="normal number")
    for sign in (-1, 1):
        axes.axvline(sign * bound, color="red", linewidth=0.8)
    axes.set(xlabel="deviation in standard errors (red: bound)", ylabel="comparisons", title=title)
    axes.legend()


def table(axes, entries, seconds):
    """Errors over age: the table as marks, ours as lines."""
    for device in dict.fromkeys(entry.device for entry in entries):
        for quantity, style in (("error", "-"), ("error GDC", "--")):
            rows = [e for e in entries if e.device == device and e.quantity == quantity]
            line, = axes.plot(seconds, [e.measured for e in rows], style,
                              label=f"{device}, {quantity}")
            axes.plot(seconds, [e.table for e in rows], "o", color=line.get_color(),
                      fillstyle="none", markersize=5)
    axes.set(xscale="log", xlabel="seconds since the first read", ylabel="error of products in %",
             title="Drift: lines golden, circles the table")
    axes.legend(fontsize=8)


def bars(axes, values, title, unit):
    """Named numbers."""
    names = list(values)[::-1]
    found = axes.barh(names, [values[name] for name in names])
    axes.bar_label(found, fmt="%.2f", padding=3, fontsize=8)
    axes.set(xlabel=unit, title=title)
    axes.margins(x=0.12)
