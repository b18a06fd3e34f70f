"""cocotb test of one block: which one and in which variant, the environment tells."""

import os

import cocotb
import numpy as np

from tb.agents.run_cocotb import run
from tb.cases import case

BLOCK = case(os.environ["BEZEL_BLOCK"])
VARIANT = os.environ["BEZEL_VARIANT"]


@cocotb.test(timeout_time=10, timeout_unit="ms")
@cocotb.parametrize(max_idle=[0, 3], max_stall=[0, 3])
async def matches_golden(dut, max_idle, max_stall):
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    agent = BLOCK.agent(VARIANT, rng, max_idle=max_idle, max_stall=max_stall)
    await run(dut, agent)
    if not max_idle and not max_stall and hasattr(BLOCK, "check_timing"):
        BLOCK.check_timing(VARIANT, agent)
