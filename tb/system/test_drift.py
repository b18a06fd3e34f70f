"""The drift engine through the tile: what it corrects and refuses, and what it costs the array."""

import json

import numpy as np
import pytest

from golden.presets import hermes, small, tiny
from tb.agents.run_amaranth import run
from tb.cases import rewriter
from tb.designs import BUILD, read_metrics, simulate_tile

CONFIGS = {"tiny": tiny, "small": small}


@pytest.mark.parametrize("name", CONFIGS)
def test_corrections(name):
    simulate_tile(CONFIGS[name], name, "tb.system.drift_tests")


@pytest.mark.parametrize("name", CONFIGS)
def test_traffic(name):
    simulate_tile(CONFIGS[name], name, "tb.system.drift_traffic_tests")


def test_clocks():
    """Array time of one gain of the tile, and the clocks of a rewrite of 256 columns."""
    simulate_tile(small, "small", "tb.system.drift_traffic_tests",
                  test_filter="array_time_of_an_update")
    clocks = read_metrics("small", "drift")["calibration_clocks"]
    agent = rewriter.agent("hermes", np.random.default_rng(3), max_idle=0, max_stall=0)
    run(rewriter.build("hermes"), agent)
    metrics = BUILD / "metrics" / "small-verilator" / "drift.json"
    metrics.write_text(json.dumps({"calibration_clocks": clocks,
                                   "rewrite_clocks": max(agent.clocks)}))
    assert clocks <= 2000
    assert max(agent.clocks) <= 2 * (hermes.array.columns + 3)
