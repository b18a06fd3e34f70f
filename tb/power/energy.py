"""Energy per clock of a netlist: its nets, what is inside its cells, and leakage."""

from dataclasses import dataclass

import numpy as np

__all__ = ["DEFAULT_CHANGES", "Activity", "Energy", "energy_per_clock"]

DEFAULT_CHANGES = 0.1
"""Changes of a net per clock where nothing was simulated."""


@dataclass(frozen=True)
class Activity:
    """What every net of a `Netlist` does: float arrays, (nets,).

    Members
    -------
    changes : float array
        Per clock.
    ones : float array
        Share of the time at one.
    """

    changes: np.ndarray
    ones: np.ndarray

    @classmethod
    def default(cls, netlist, cells):
        """`DEFAULT_CHANGES` on every net, and two on clocks, as if no gate ever closed."""
        changes, ones = np.full((2, netlist.nets), ((DEFAULT_CHANGES,), (0.5,)))
        changes[:2], ones[:2] = 0, (0, 1)
        for kind, instances in netlist.kinds.items():
            for pin in _clock_pins(cells[kind]) & instances.nets.keys():
                changes[instances.nets[pin]] = 2
        return cls(changes, ones)


@dataclass(frozen=True, kw_only=True)
class Energy:
    """Members: pJ per clock of ``switching`` nets and ``internal`` to cells; of the ``clock``,
    which is in both; ``leakage_mw``; ``changes``, the mean of a net that is no clock, per clock."""

    switching: float
    internal: float
    clock: float
    leakage_mw: float
    changes: float

    @property
    def dynamic(self):
        return self.switching + self.internal


def energy_per_clock(netlist, activity, cells, slews, *, load_ff):
    """The energy of a netlist whose nets do what is given.

    A change of a net takes ``C V^2 / 2``, C being its pins and, but for clocks, its wires; a net
    that a port drives takes nothing here unless it is the clock. A change inside a cell takes what
    the tables of its library say for the slew of its cause and its load, the mean of rising and
    falling. Where several inputs can cause the change of an output, each has the share in which it
    changes; conditions are weighed by their probability, were pins independent.

    Parameters
    ----------
    netlist : Netlist
    activity : Activity
    cells : CellLibrary
    slews : dict
        ns by ``instance/pin``; clocks are ideal and need none.
    load_ff : float
        Of outputs.

    Returns
    -------
    Energy
    """
    load, loads = np.zeros((2, netlist.nets))
    driven = np.zeros(netlist.nets, bool)
    clocks = np.zeros(netlist.nets, bool)
    for kind, instances in netlist.kinds.items():
        cell = cells[kind]
        for pin, on in instances.nets.items():
            if pin in cell.capacitance:
                np.add.at(load, on, cell.capacitance[pin])
                np.add.at(loads, on, 1)
            driven[on] |= pin in cell.outputs
            clocks[on] |= pin in cell.clocks
    ports = [net for nets in netlist.outputs.values() for net in nets]
    np.add.at(load, ports, load_ff)
    np.add.at(loads, ports, 1)
    # Clocks are ideal: what a tree would add is not known.
    load += np.where(clocks, 0, cells.wire(loads))
    taken = np.where(driven | clocks, load * activity.changes * cells.voltage**2 / 2, 0)
    taken[:2] = 0

    internal = clock = leakage = 0.0
    for kind, instances in netlist.kinds.items():
        cell = cells[kind]
        ones = {pin: activity.ones[on] for pin, on in instances.nets.items()}
        for pin, on in instances.nets.items():
            found = float(_internal(cell, pin, instances, activity, load[on], ones, slews).sum())
            internal += found
            clock += found if pin in _clock_pins(cell) else 0
        leakage += float(sum(_share(when, ones, len(instances.names)).sum() * nanowatts
                             for when, nanowatts in cell.leakage))
    return Energy(switching=float(taken.sum()) / 1000, internal=internal / 1000,
                  clock=(clock + float(taken[clocks].sum())) / 1000, leakage_mw=leakage * 1e-6,
                  changes=float(activity.changes[driven & ~clocks].mean()))


def _clock_pins(cell):
    return cell.clocks | ({cell.gate.output} if cell.gate else set())


def _share(when, ones, count):
    """How likely a condition is for each instance."""
    return np.ones(count) if when is None else when.probability(ones)


def _internal(cell, pin, instances, activity, load, ones, slews):
    """fJ per clock of every instance for changes of a pin."""
    arcs = [arc for arc in cell.arcs.get(pin, ())
            if arc.related is None or arc.related in instances.nets]
    if not arcs:
        return np.zeros(1)
    count = len(instances.names)
    weights, energies = np.zeros((2, len(arcs), count))
    for k, arc in enumerate(arcs):
        cause = arc.related or pin
        slew = (np.zeros(count) if cause in cell.clocks else
                np.array([slews[f"{name}/{cause}"] for name in instances.names]))
        energies[k] = arc.energy(slew, load)
        weights[k] = _share(arc.when, ones, count)
        if arc.related is not None:
            weights[k] *= activity.changes[instances.nets[cause]]
    total = weights.sum(axis=0)
    # A gate's clock pin takes what its output does not: its conditions leave out an open gate.
    scale = np.where(total > 0, total, 1)
    if not (cell.gate and pin in cell.clocks):
        weights = np.where(total > 0, weights / scale, 1 / len(arcs))
    return activity.changes[instances.nets[pin]] * (weights * energies).sum(axis=0)
