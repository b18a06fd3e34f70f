"""Chains of jobs through whole tiles."""

import pytest

from golden.presets import tiny
from tb.designs import simulate_tile

CONFIGS = {"tiny": tiny}


@pytest.mark.parametrize("name", CONFIGS)
def test_chains(name):
    simulate_tile(CONFIGS[name], name, "tb.system.chain_tests")
