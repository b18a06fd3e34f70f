"""Every block in Amaranth's simulator against the golden model."""

import zlib

import numpy as np
import pytest

from tb.agents.run_amaranth import run
from tb.cases import ONCE, case, variants

SLOW = {("nmpu", "hermes"), ("fused_multiply_add", "many"), ("add", "many"),
        ("fp16_datapath", "many"), ("fp16_datapath", "many_alone")}
"""Left to the Verilog simulators."""
BITWISE = ("deep", "halves", "one_clock")
"""Likewise, but for short blocks: a deep lane is described bit by bit, which Amaranth's simulator
takes minutes for."""


def crossings(block, variant):
    """Idle and stall; the runs in Verilog cross them with each other."""
    # The largest sum is that of the most windows, with or without idle clocks between others.
    if (block in ONCE or variant.endswith("exhaustive")
            or (block, variant) == ("count_sums", "largest")):
        return [(0, 0)]
    return [(0, 0), (3, 3)]


@pytest.mark.parametrize(("block", "variant", "max_idle", "max_stall"), [
    pytest.param(block, variant, idle, stall, id=f"{block}-{variant}-idle{idle}-stall{stall}")
    for block, variant in variants()
    if (block, variant) not in SLOW
    and not (variant.startswith(BITWISE) and block not in ("gather", "requantise"))
    for idle, stall in crossings(block, variant)])
def test_matches_golden(block, variant, max_idle, max_stall):
    tested = case(block)
    rng = np.random.default_rng([zlib.crc32(f"{block} {variant}".encode()), max_idle, max_stall])
    agent = tested.agent(variant, rng, max_idle=max_idle, max_stall=max_stall)
    run(tested.build(variant), agent)
    if not max_idle and not max_stall and hasattr(tested, "check_timing"):
        tested.check_timing(variant, agent)
