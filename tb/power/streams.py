"""A netlist at work, 64 streams of it at once: one in each bit of a word.

Cells have no delay, so a net changes at most once per clock, and spikes are not seen.
"""

from collections import defaultdict

import numpy as np

from tb.power.energy import Activity

__all__ = ["WORD", "Streams", "pack", "unpack"]

WORD = 64
_ONES = ~np.uint64(0)


def _count(words):
    """Ones in the last axis."""
    return np.bitwise_count(words).sum(axis=-1, dtype=np.int64)


def pack(bits):
    """Words of bits of bool (..., streams), which must be whole words."""
    return np.packbits(bits, axis=-1, bitorder="little").view(np.uint64)


def unpack(words):
    """The bool (..., streams) of words of bits."""
    return np.unpackbits(words.view(np.uint8), axis=-1, bitorder="little").astype(bool)


class Streams:
    """Simulates copies of a netlist, each with inputs of its own.

    Parameters
    ----------
    netlist : Netlist
        With one clock ``clk``.
    cells : CellLibrary

    Raises
    ------
    ValueError
        If there is a cell that cannot be simulated: a latch, a flip-flop that is set or cleared
        beside its clock; or a clock that is made of logic.
    """

    def __init__(self, netlist, cells):
        self._netlist = netlist
        (self._clock,) = netlist.inputs["clk"]
        self._flops, gates = [], {}
        for kind, instances in netlist.kinds.items():
            cell = cells[kind]
            if not (cell.functions or cell.state or cell.gate) and cell.outputs:
                raise ValueError(f"a cell must be a gate, a flip-flop or a clock gate, not {kind}")
            if cell.gate:
                for k in range(len(instances.names)):
                    nets = {pin: int(on[k]) for pin, on in instances.nets.items()}
                    gates[nets[cell.gate.output]] = (
                        nets[cell.gate.clock], [nets[pin] for pin in cell.gate.enables])
        self._gates = _in_order(gates, self._clock)
        for kind, instances in netlist.kinds.items():
            state = cells[kind].state
            if state:
                for clock in np.unique(instances.nets[state.clock]):
                    if clock != self._clock and clock not in gates:
                        raise ValueError("a clock must be clk or come from a clock gate")
                    chosen = instances.nets[state.clock] == clock
                    nets = {pin: on[chosen] for pin, on in instances.nets.items()}
                    self._flops.append((state, int(clock), nets))
        self._levels = _levels(netlist, cells)

    def run(self, inputs, *, counted, rng):
        """Run from a random state, with a reset of two clocks in front.

        Parameters
        ----------
        inputs : dict of bool array, (clocks, bits, streams)
            By port; one that is not there stays 0.
        counted : slice
            Clocks whose activity is wanted.
        rng : numpy.random.Generator

        Returns
        -------
        Activity
        dict of bool array, (clocks, bits, streams)
            What was at every output at the end of each clock.
        """
        clocks, _, streams = next(iter(inputs.values())).shape
        given = {name: pack(bits) for name, bits in inputs.items()}
        values = self._start(streams // WORD, rng)
        changes, ones = np.zeros((2, self._netlist.nets), np.int64)
        seen = {name: np.empty((clocks, len(nets), streams // WORD), np.uint64)
                for name, nets in self._netlist.outputs.items()}
        counting = range(*counted.indices(clocks))
        changed, before = True, values.copy()
        for clock in range(clocks):
            for name, words in given.items():
                if clock == 0 or (words[clock] != words[clock - 1]).any():
                    values[self._netlist.inputs[name]] = words[clock]
                    changed = True
            if changed:
                self._settle(values)
                high = _count(values)
                if clock in counting:
                    changes += _count(values ^ before)
                before = values.copy()
            if clock in counting:
                ones += high
            for name, nets in self._netlist.outputs.items():
                seen[name][clock] = values[nets]
            changed = self._edge(values, changes if clock in counting else None)

        total = len(counting) * streams
        activity = Activity(changes / total, ones / total)
        activity.changes[self._clock] = 2
        for net in (self._clock, *(gate for gate, _, _ in self._gates)):
            # Two changes are one clock, and it is at one for half of that.
            activity.ones[net] = activity.changes[net] / 4
        return activity, {name: unpack(words) for name, words in seen.items()}

    def _start(self, words, rng):
        """Nets after a reset."""
        values = np.zeros((self._netlist.nets, words), np.uint64)
        values[1] = _ONES
        for state, _, nets in self._flops:
            shape = len(nets[state.clock]), words
            _set_state(values, state, nets, rng.integers(0, 2**64, shape, np.uint64))
        values[self._netlist.inputs["rst"]] = _ONES
        for _ in range(2):
            self._settle(values)
            self._edge(values)
        values[self._netlist.inputs["rst"]] = 0
        return values

    def _settle(self, values):
        for level in self._levels:
            for function, output, nets in level:
                values[output] = function({pin: values[on] for pin, on in nets.items()})

    def _edge(self, values, changes=None):
        """A rising edge; whether a flip-flop changed."""
        passed = {}
        for gate, clock, enables in self._gates:
            passed[gate] = np.bitwise_or.reduce(values[enables]) & passed.get(clock, _ONES)
            if changes is not None:
                changes[gate] += 2 * _count(passed[gate])
        taken = []
        for state, clock, nets in self._flops:
            new = state.next({pin: values[nets[pin]] for pin in state.next.pins})
            if clock in passed:
                old = (values[nets[state.output]] if state.output in nets
                       else ~values[nets[state.inverse]])
                new = (new & passed[clock]) | (old & ~passed[clock])
            taken.append(new)
        changed = False
        for (state, _, nets), new in zip(self._flops, taken, strict=True):
            changed |= _set_state(values, state, nets, new)
        return changed


def _set_state(values, state, nets, new):
    """Give flip-flops a state; whether it is another one than before."""
    changed = False
    for pin, word in ((state.output, new), (state.inverse, ~new)):
        if pin in nets:
            changed |= bool((values[nets[pin]] != word).any())
            values[nets[pin]] = word
    return changed


def _in_order(gates, root):
    """(output, clock, enables) of clock gates, each after the one that its clock comes from."""
    found, known = [], {root}
    while len(found) < len(gates):
        new = [(output, *inputs) for output, inputs in gates.items()
               if output not in known and inputs[0] in known]
        if not new:
            raise ValueError("a clock must be clk or come from a clock gate")
        found += new
        known |= {output for output, *_ in new}
    return found


def _levels(netlist, cells):
    """Gates in the order in which they settle: lists of function, output nets, nets by pin."""
    gates, users = [], defaultdict(list)
    for kind, instances in netlist.kinds.items():
        for output, function in cells[kind].functions.items():
            if output not in instances.nets:
                continue
            for k in range(len(instances.names)):
                for pin in function.pins:
                    users[int(instances.nets[pin][k])].append(len(gates))
                gates.append((kind, output, k))
    driven = {int(netlist.kinds[kind].nets[output][k]): number
              for number, (kind, output, k) in enumerate(gates)}
    waits = [0] * len(gates)
    for net, number in users.items():
        if net in driven:
            for gate in number:
                waits[gate] += 1
    nets_of = {number: net for net, number in driven.items()}
    ready, levels = [gate for gate, number in enumerate(waits) if not number], []
    placed = 0
    while ready:
        placed += len(ready)
        groups, after = defaultdict(list), []
        for gate in ready:
            kind, output, k = gates[gate]
            groups[kind, output].append(k)
            for user in users[nets_of[gate]]:
                waits[user] -= 1
                if not waits[user]:
                    after.append(user)
        levels.append([_group(netlist, cells, *key, chosen) for key, chosen in groups.items()])
        ready = after
    if placed < len(gates):
        raise ValueError("a netlist must have no loop of gates")
    return levels


def _group(netlist, cells, kind, output, chosen):
    function, nets = cells[kind].functions[output], netlist.kinds[kind].nets
    return function, nets[output][chosen], {pin: nets[pin][chosen] for pin in function.pins}
