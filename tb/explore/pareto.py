"""The points that no other point beats."""

__all__ = ["front"]


def front(costs):
    """Which of some points are not dominated.

    A point is dominated if another one is nowhere worse and somewhere better. Equal points do not
    dominate each other.

    Parameters
    ----------
    costs : sequence of tuple of float
        One tuple per point, less is better in each place.

    Returns
    -------
    list of bool
        In the order of the points.
    """
    return [not any(_dominates(other, cost) for other in costs) for cost in costs]


def _dominates(a, b):
    return all(x <= y for x, y in zip(a, b, strict=True)) and a != b
