"""Statistics of results through the tile."""

import pytest

from golden.presets import tiny
from tb.designs import simulate_tile

CONFIGS = {"tiny": tiny, "tiny-shared": tiny.replace(
    readout={"counter_banks": 2, "columns_per_counter": 2})}


@pytest.mark.parametrize("name", CONFIGS)
def test_statistics(name):
    simulate_tile(CONFIGS[name], name, "tb.system.statistics_tests")
