"""The drift engine through the tile."""

from golden.presets import tiny
from tb.designs import simulate_tile


def test_drift():
    simulate_tile(tiny, "tiny", "tb.system.drift_tests")
