"""Power: what is read of a library, and the energy that follows from it."""

import math

import numpy as np
import pytest

from tb.power.condition import Condition
from tb.power.energy import Activity, energy_per_clock
from tb.power.expression import Expression
from tb.power.slews import parse_slews
from tb.unit.power_library import library, netlist


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    return library(tmp_path_factory.mktemp("library"))


@pytest.mark.parametrize("text", [
    "!A & B | C", "(!A*B)+C", "A' B + C", "(A'&B)|C", "((A)' B) + C"])
def test_ways_to_write_an_expression(text):
    expression = Expression(text)
    assert expression.pins == ("A", "B", "C")
    a, b, c = (np.array([n >> k & 1 for n in range(8)], bool) for k in range(3))
    np.testing.assert_array_equal(expression({"A": a, "B": b, "C": c}), (~a & b) | c)


@pytest.mark.parametrize("text", ["", "1", "A &", "A ? B", "A.b", "__import__('os')"])
def test_no_expression(text):
    with pytest.raises(ValueError, match="an expression must be one of pins, not "):
        Expression(text)


def test_probability_of_a_condition():
    ones = {"A": np.array([0.25, 1.0]), "B": np.array([0.5, 0.0])}
    np.testing.assert_array_equal(Condition("A & !B").probability(ones), [0.125, 1.0])
    np.testing.assert_array_equal(Condition("A | B").probability(ones), [0.625, 1.0])
    # QN has no probability of its own: with it as a pin of its own this would be 0.0625.
    assert Condition("Q & !QN", {"QN": "Q"}).probability({"Q": np.array([0.25])}) == [0.25]
    assert Condition("Q & !QN", {"QN": "Q"}).pins == ("Q",)


def test_tables(cells):
    arc, = cells["INV"].arcs["Y"]
    # The library has the load first, pF, and so pJ.
    energy = arc.rise(np.array([0.0, 0.05, 0.2, 9.0, 0.1]), np.array([0, 0, 1000, 0, 500]))
    np.testing.assert_allclose(energy, [10, 15, 40, 40, 25])
    np.testing.assert_allclose(arc.energy(np.array([0.1]), np.array([0])), [10])
    assert (arc.related, arc.when) == ("A", None)


def test_cells(cells):
    assert cells.voltage == 2.0
    flop, gate = cells["DFF"], cells["ICG"]
    assert flop.capacitance == {"D": 1.0, "C": 3.0}
    assert (flop.state.next.pins, flop.state.clock) == (("D",), "C")
    assert (flop.state.output, flop.state.inverse) == ("Q", "QN")
    assert flop.functions == {} and flop.clocks == {"C"}
    assert (gate.gate.clock, gate.gate.enables, gate.gate.output) == ("C", ("E",), "G")
    assert cells["XOR"].leakage == [(None, 5000.0)]
    assert [nanowatts for _, nanowatts in cells["INV"].leakage] == [3000.0, 1000.0]
    assert cells["LATCH"].state is None and cells["LATCH"].functions == {}


def test_wires_by_the_default_model(cells):
    # fF: lengths 1 and 5 to one and three pins, between them on a line, then 2 for each pin.
    np.testing.assert_allclose(cells.wire(np.array([0, 1, 2, 3, 5])), [0, 1, 3, 5, 9])


def activity_of(design, **nets):
    """Changes and ones of ports by name; all other nets stand at 0."""
    changes, ones = np.zeros((2, design.nets))
    ones[1] = 1
    ports = {**design.inputs, **design.outputs}
    for name, (changed, one) in nets.items():
        changes[ports[name]], ones[ports[name]] = changed, one
    return Activity(changes, ones)


def test_energy_of_gates(cells):
    design = netlist([("inv", "INV", {"A": "a", "Y": "y"}),
                      ("xor", "XOR", {"A": "y", "B": "b", "Y": "z"})],
                     inputs=("a", "b"), outputs=("y", "z"))
    found = energy_per_clock(design, activity_of(
        design, a=(0.5, 0.25), y=(0.5, 0.75), b=(1.5, 0.5), z=(1.0, 0.5)), cells,
        {"inv/A": 0.1, "xor/A": 0.0, "xor/B": 0.0}, load_ff=10.0)
    # C V^2 / 2, V = 2: y has a pin of 2 fF, a port of 10 and wires of 3, z a port and a wire of 1.
    assert found.switching == pytest.approx((0.5 * 15 + 1.0 * 11) * 2 / 1000)
    # inv: rise of 20 fJ with 10 for the load of a pF: 15 fF add 0.15; fall 0.
    inv = 0.5 * (20 + 0.15) / 2
    # xor: y causes 0.5 of 2 changes, b the others, of which 0.75 with y at one.
    xor = 1.0 * (0.5 * 10 + 1.5 * 0.75 * 20 + 1.5 * 0.25 * 40) / 2.0
    assert found.internal == pytest.approx((inv + xor) / 1000)
    assert found.leakage_mw == pytest.approx((0.25 * 3 + 0.75 * 1 + 5) / 1000)
    assert (found.clock, found.changes) == (0, 0.75)
    assert found.dynamic == found.switching + found.internal


@pytest.mark.parametrize("open_share", [0.0, 0.25, 1.0])
def test_energy_of_a_gated_clock(cells, open_share):
    """Behind a gate that is closed nothing is taken; in front of it the clock always runs."""
    design = netlist([("gate", "ICG", {"C": "clk", "E": "e", "G": "gated"}),
                      ("flop", "DFF", {"D": "0", "C": "gated", "Q": "q", "QN": "qn"})],
                     inputs=("e",), outputs=("gated", "q"))
    found = energy_per_clock(design, activity_of(
        design, clk=(2, 0.5), gated=(2 * open_share, open_share / 2)), cells, {}, load_ff=0.0)
    nets = (2 * 5 + 2 * open_share * 3) * 2
    # The gate's clock pin takes its own where the output does not follow; the flop stands at 0.
    gate = 2 * (1 - open_share / 2) * 2 + 2 * open_share * 7
    flop = 2 * open_share * 6
    assert found.clock == pytest.approx((nets + gate + flop) / 1000)
    assert found.dynamic == pytest.approx(found.clock)


def test_default_activity_has_every_clock_running(cells):
    design = netlist([("gate", "ICG", {"C": "clk", "E": "e", "G": "gated"}),
                      ("flop", "DFF", {"D": "e", "C": "gated", "Q": "q"})],
                     inputs=("e",), outputs=("gated", "q"))
    activity = Activity.default(design, cells)
    for name, changes in (("clk", 2), ("gated", 2), ("e", 0.1), ("q", 0.1)):
        assert activity.changes[{**design.inputs, **design.outputs}[name]] == changes
    assert activity.changes[:2].tolist() == [0, 0] and activity.ones[:2].tolist() == [0, 1]


def test_slews_of_opensta():
    slews = parse_slews("lane_0/gather.o\\[1\\]_reg/D 0.01 0.03\n_12_/A 2.0e-2 4.0e-2\n")
    assert slews.keys() == {"lane_0.gather.o[1]_reg/D", "_12_/A"}
    assert math.isclose(slews["lane_0.gather.o[1]_reg/D"], 0.02)
    assert math.isclose(slews["_12_/A"], 0.03)
