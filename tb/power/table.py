"""A table of energies of a Liberty file."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Table", "read_table"]

_LOAD = "total_output_net_capacitance"


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Energy of one change in fJ, by the slew of its cause in ns and its load in fF.

    Between points it is linear, outside of them that of the nearest edge.
    """

    slews: np.ndarray
    loads: np.ndarray
    energies: np.ndarray

    def __call__(self, slew, load):
        """Energies of changes (instances,)."""
        (i, s), (k, c) = _place(self.slews, slew), _place(self.loads, load)
        e = self.energies
        return ((1 - s) * ((1 - c) * e[i, k] + c * e[i, k + 1])
                + s * ((1 - c) * e[i + 1, k] + c * e[i + 1, k + 1]))


def _place(axis, value):
    """Index of the point below each value, and how far it is to the next one."""
    value = np.clip(value, axis[0], axis[-1])
    below = np.clip(np.searchsorted(axis, value, side="right") - 1, 0, len(axis) - 2)
    return below, (value - axis[below]) / (axis[below + 1] - axis[below])


def read_table(group, templates, *, unit):
    """Read a group such as ``rise_power``.

    Parameters
    ----------
    group : tb.synth.liberty.Group
    templates : dict of Group
        Of the library, by name.
    unit : float
        The library's unit of capacitance in fF, which makes that of energy one in fJ.

    Returns
    -------
    Table
    """
    template = templates.get(group.arguments[0] if group.arguments else None)
    given = {**(template.attributes if template else {}), **group.attributes}
    values = np.array(given["values"], np.float64) * unit
    axes = [(given.get(f"variable_{n}") == _LOAD, np.array(given[f"index_{n}"], np.float64))
            for n in (1, 2) if f"index_{n}" in given and values.size > 1]
    values = values.reshape([len(points) for _, points in axes])
    if axes and axes[0][0]:
        axes, values = axes[::-1], values.T
    points = dict(axes)
    # What it does not depend on has one value over any two points.
    values = values.reshape([len(points.get(is_load, [0])) for is_load in (False, True)])
    slews, loads = (points.get(is_load, np.arange(2.0)) for is_load in (False, True))
    return Table(slews=slews, loads=loads * unit,
                 energies=np.broadcast_to(values, (len(slews), len(loads))))
