"""FPGA estimates: blocks placed and routed by nextpnr."""
