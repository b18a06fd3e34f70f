"""The stages of a lane in few gates and many short clocks: bits instead of numbers.

Each is a block of `hw.nmpu` with the same ports and results; it is taken where
``config.nmpu.stage_gates`` is not 0.
"""
