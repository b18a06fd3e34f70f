"""The FP16 unit that the lanes are compared with."""
