"""Programming of the array: pulses, verify reads, and the guard before the write heads."""
