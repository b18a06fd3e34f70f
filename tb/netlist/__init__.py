"""The cocotb tests of the exported Verilog again, on the netlist of standard cells."""
