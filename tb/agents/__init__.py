"""Agents drive and judge a block clock by clock; the two runners join them to a simulator.

An agent has ``outputs``, the names of the ports it looks at, ``deadline``, the clocks it may take,
``done``, ``drive()``, the inputs of the next clock, and ``check(seen)``, which is given the outputs
at the end of that clock. Ports are named by path, ``i.payload``, and hold bit patterns.
"""
