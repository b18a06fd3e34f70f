"""Measurements, calibration and diagnostics through the tile."""

import pytest

from golden.presets import small, tiny
from tb.designs import simulate_tile

CONFIGS = {"small": small, "shared": tiny.replace(
    readout={"counter_banks": 2, "columns_per_counter": 2})}


@pytest.mark.parametrize("name", CONFIGS)
def test_calibration(name):
    simulate_tile(CONFIGS[name], name, "tb.system.calibration_tests")
