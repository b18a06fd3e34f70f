"""cocotb test of the model of a clock gate, which is the top module."""

import os

import cocotb
import numpy as np
from cocotb.triggers import Timer

STEPS = 400


@cocotb.test(timeout_time=1, timeout_unit="us")
async def opens_while_the_clock_is_low(dut):
    """Of the clock only whole pulses come through, whenever an enable changes."""
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    enables = os.environ["ENABLES"].split()
    values = {"CK": 0, **dict.fromkeys(enables, 0)}
    opened, seen = 0, set()
    for pin, value in values.items():
        getattr(dut, pin).value = value
    for _ in range(STEPS):
        await Timer(1, unit="ns")
        if not values["CK"]:
            opened = int(any(values[enable] for enable in enables))
        assert int(dut.GCK.value) == (values["CK"] & opened), f"{values}, opened {opened}"
        seen.add((*values.values(), opened))
        pin = str(rng.choice(list(values)))
        values[pin] ^= 1
        getattr(dut, pin).value = values[pin]
    # With the clock low the latch is what the enables are; with it high it may be either.
    assert len(seen) == 3 * 2 ** len(enables)
