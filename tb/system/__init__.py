"""System tests: exported Verilog in a simulator."""
