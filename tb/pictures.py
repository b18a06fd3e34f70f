"""Pictures of what was measured: one PNG each, the same bytes for the same numbers."""

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402 the backend is chosen first

__all__ = ["draw"]


def draw(path, plot, *data):
    """Write one PNG file that ``plot(axes, *data)`` draws; its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    plot(axes, *data)
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    pyplot.close(figure)
    return path
