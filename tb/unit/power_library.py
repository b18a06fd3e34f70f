"""A library of five cells and netlists of them, as small as they can be."""

from tb.power.cells import CellLibrary
from tb.power.netlist import parse_netlist

__all__ = ["LIBERTY", "library", "netlist"]

LIBERTY = """
library (demo) {
  capacitive_load_unit (1, pf);
  leakage_power_unit : "1uW";
  nom_voltage : 2.0;
  power_lut_template (of_both) {
    variable_1 : total_output_net_capacitance;
    variable_2 : input_transition_time;
    index_1 ("0.0, 1.0");
    index_2 ("0.0, 0.1, 0.3");
  }
  wire_load ("small") {
    capacitance : 0.001; slope : 2.0;
    fanout_length (1, 1.0); fanout_length (3, 5.0);
  }
  default_wire_load : "small";
  cell (INV) {
    area : 1;
    pin (A) { direction : input; capacitance : 0.002; }
    pin (Y) { direction : output; function : "A'";
      internal_power () { related_pin : "A";
        rise_power (of_both) {
          values ("0.010, 0.020, 0.040", "0.020, 0.030, 0.050");
        }
        fall_power (scalar) { values ("0.0"); }
      }
    }
    leakage_power () { when : "A"; value : 3.0; }
    leakage_power () { when : "!A"; value : 1.0; }
  }
  cell (XOR) {
    area : 3;
    pin (A) { direction : input; capacitance : 0.002; }
    pin (B) { direction : input; capacitance : 0.004; }
    pin (Y) { direction : output; function : "(A B') + (!A & B)";
      internal_power () { related_pin : "A"; power (scalar) { values ("0.010"); } }
      internal_power () { related_pin : "B"; when : "A"; power (scalar) { values ("0.020"); } }
      internal_power () { related_pin : "B"; when : "!A"; power (scalar) { values ("0.040"); } }
    }
    cell_leakage_power : 5.0;
  }
  cell (DFF) {
    area : 5;
    ff (S, SN) { next_state : "D"; clocked_on : "C"; }
    pin (D) { direction : input; capacitance : 0.001; }
    pin (C) { direction : input; clock : true; capacitance : 0.003;
      internal_power () { when : "D & Q & !QN"; power (scalar) { values ("0.006"); } }
      internal_power () { when : "!D & Q & !QN"; power (scalar) { values ("0.008"); } }
      internal_power () { when : "D & !Q & QN"; power (scalar) { values ("0.008"); } }
      internal_power () { when : "!D & !Q & QN"; power (scalar) { values ("0.006"); } }
    }
    pin (Q) { direction : output; function : "S"; }
    pin (QN) { direction : output; function : "SN"; }
  }
  cell (ICG) {
    area : 4;
    clock_gating_integrated_cell : latch_posedge;
    pin (C) { direction : input; clock_gate_clock_pin : true; capacitance : 0.005;
      internal_power () { when : "!G"; power (scalar) { values ("0.002"); } }
    }
    pin (E) { direction : input; clock_gate_enable_pin : true; capacitance : 0.001; }
    pin (G) { direction : output; clock_gate_out_pin : true;
      internal_power () { related_pin : "C"; power (scalar) { values ("0.007"); } }
    }
  }
  cell (LATCH) {
    area : 4;
    latch (S, SN) { data_in : "D"; enable : "G"; }
    pin (D) { direction : input; capacitance : 0.001; }
    pin (G) { direction : input; clock : true; capacitance : 0.001; }
    pin (Q) { direction : output; function : "S"; }
  }
}
"""


def library(folder):
    """The `CellLibrary`, its file put into a folder."""
    path = folder / "demo.lib"
    path.write_text(LIBERTY)
    return CellLibrary(path)


def netlist(cells, *, inputs=(), outputs=()):
    """A `Netlist` of cells: name, kind and net by pin. Ports are nets of their name, and there is
    always a clock and a reset."""
    bits = {}

    def bit(net):
        return net if net in ("0", "1") else bits.setdefault(net, len(bits) + 2)

    ports = {name: {"direction": direction, "bits": [bit(name)]}
             for direction, names in (("input", ("clk", "rst", *inputs)), ("output", outputs))
             for name in names}
    return parse_netlist({"ports": ports, "cells": {
        name: {"type": kind, "connections": {pin: [bit(net)] for pin, net in pins.items()}}
        for name, kind, pins in cells}})
