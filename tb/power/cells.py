"""What a library says of the energy of its cells: capacitances, tables, leakage."""

import re
from dataclasses import dataclass

import numpy as np

from tb.power.condition import Condition
from tb.power.expression import Expression
from tb.power.table import Table, read_table
from tb.synth.clock_gate import ClockGate, read_clock_gate
from tb.synth.liberty import capacitance_unit, parse

__all__ = ["Arc", "Cell", "CellLibrary", "State"]

_MOST_PINS = 10000
_NANO = {"pw": 1e-3, "nw": 1.0, "uw": 1e3, "mw": 1e6}


@dataclass(frozen=True, kw_only=True, eq=False)
class Arc:
    """An ``internal_power`` group.

    Members
    -------
    related : str or None
        Input that causes the change of an output; None for a change of the pin itself.
    when : Condition or None
    rise, fall : Table
    """

    related: str | None
    when: Condition | None
    rise: Table
    fall: Table

    def energy(self, slew, load):
        """Of a change, rising and falling ones being equally many; fJ."""
        return (self.rise(slew, load) + self.fall(slew, load)) / 2


@dataclass(frozen=True)
class State:
    """A flip-flop: what it takes at the rising edge of its ``clock``, and which output is the
    state, which its inverse; None where it has none."""

    next: Expression
    clock: str
    output: str | None
    inverse: str | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Cell:
    """One kind of cell.

    Members
    -------
    capacitance : dict
        Of its inputs by pin; fF.
    outputs : tuple of str
    clocks : frozenset of str
        Inputs that are clocks.
    functions : dict of Expression
        Of outputs of gates.
    state : State or None
        Of a flip-flop.
    gate : ClockGate or None
    arcs : dict of list of Arc
        By the pin that changes.
    leakage : list of (Condition or None, float)
        nW; without a condition, in any state.
    """

    capacitance: dict
    outputs: tuple
    clocks: frozenset
    functions: dict
    state: State | None
    gate: ClockGate | None
    arcs: dict
    leakage: list


class CellLibrary:
    """The cells of a Liberty file by name, each read when it is first asked for.

    Parameters
    ----------
    path : Path

    Members
    -------
    voltage : float
        V.
    """

    def __init__(self, path):
        text = path.read_text()
        library = parse(text, tables=True)
        self._groups = {cell.name: cell for cell in library.all("cell")}
        self._templates = {group.name: group for group in library.groups
                           if group.kind == "power_lut_template"}
        self._femto = capacitance_unit(library)
        self._nanowatts = _nanowatts(library.attributes.get("leakage_power_unit", "1nW"))
        self.voltage = float(library.attributes["nom_voltage"])
        self._wire = self._femto * _wire_load(text, library)
        self._cells = {}

    def __getitem__(self, name):
        if name not in self._cells:
            self._cells[name] = self._cell(self._groups[name])
        return self._cells[name]

    def wire(self, pins):
        """Capacitance in fF of wires to so many pins (nets,): the default wire load model, which
        OpenSTA takes too; 0 in a library without one."""
        return np.interp(pins, np.arange(len(self._wire)), self._wire)

    def _cell(self, group):
        state, inverse = _outputs_of_state(group)
        complements = {inverse: state} if state and inverse else {}
        sequential = group.all("ff") or group.all("latch")
        pins = {pin.name: pin for pin in group.all("pin")}
        outputs = tuple(name for name, pin in pins.items()
                        if pin.attributes.get("direction") == "output")
        inputs = [name for name, pin in pins.items()
                  if pin.attributes.get("direction") == "input"]
        return Cell(
            capacitance={name: self._femto * float(pins[name].attributes.get("capacitance", 0))
                         for name in inputs},
            outputs=outputs,
            clocks=frozenset(name for name in inputs
                             if {"clock", "clock_gate_clock_pin"} & pins[name].attributes.keys()),
            functions={name: Expression(pins[name].attributes["function"]) for name in outputs
                       if "function" in pins[name].attributes and not sequential},
            state=_state(group), gate=read_clock_gate(group),
            arcs={name: [self._arc(arc, complements) for arc in pin.all("internal_power")]
                  for name, pin in pins.items()},
            leakage=_leakage(group, complements, self._nanowatts))

    def _arc(self, group, complements):
        tables = {child.kind: read_table(child, self._templates, unit=self._femto)
                  for child in group.groups}
        both = tables.get("power")
        return Arc(related=group.attributes.get("related_pin"),
                   when=_condition(group, complements),
                   rise=tables.get("rise_power", both), fall=tables.get("fall_power", both))


def _wire_load(text, library):
    """Capacitance of a wire to 0, 1, 2, ... pins in the library's unit."""
    name = library.attributes.get("default_wire_load")
    models = {group.name: group for group in library.all("wire_load")}
    if name not in models:
        return np.zeros(1)
    body = re.search(rf'wire_load\s*\(\s*"?{re.escape(name)}"?\s*\)(.*?)}}', text, re.DOTALL)[1]
    points = re.findall(r"fanout_length\s*\(\s*(\d+)\s*,\s*([\d.]+)\s*\)", body)
    fan_out, length = np.array([(0, 0), *points], np.float64).T
    pins = np.arange(_MOST_PINS)
    beyond = np.maximum(pins - fan_out[-1], 0) * float(models[name].attributes["slope"])
    return ((np.interp(pins, fan_out, length) + beyond)
            * float(models[name].attributes["capacitance"]))


def _nanowatts(unit):
    number, name = re.fullmatch(r"([\d.]+)\s*(\w+)", unit).groups()
    return float(number) * _NANO[name.lower()]


def _outputs_of_state(group):
    """The pins that are the state and its inverse, of a cell with one flip-flop or latch."""
    functions = {pin.attributes.get("function", "").strip("() "): pin.name
                 for pin in group.all("pin")}
    states = [*group.all("ff"), *group.all("latch")]
    return [functions.get(name) for name in states[0].arguments] if len(states) == 1 else [None] * 2


def _state(group):
    """The flip-flop of a cell, if it has one of a rising edge and nothing that sets or clears."""
    flops = group.all("ff")
    if (len(flops) != 1 or {"clear", "preset"} & flops[0].attributes.keys()
            or not re.fullmatch(r"\w+", flops[0].attributes["clocked_on"])):
        return None
    return State(Expression(flops[0].attributes["next_state"]), flops[0].attributes["clocked_on"],
                 *_outputs_of_state(group))


def _condition(group, complements):
    when = group.attributes.get("when")
    return Condition(when, complements) if when else None


def _leakage(group, complements, nanowatts):
    states = [(_condition(state, complements), nanowatts * float(state.attributes["value"]))
              for state in group.all("leakage_power")]
    in_states = [state for state in states if state[0] is not None]
    total = float(group.attributes.get("cell_leakage_power", 0)) * nanowatts
    return in_states or states[:1] or [(None, total)]
