"""The whole tile, exported and simulated, for every preset."""

import pytest

from golden.presets import COUNTING
from tb.designs import simulate_tile
from tb.runner import require_icarus


@pytest.mark.parametrize("preset", COUNTING)
def test_tile(preset):
    simulate_tile(COUNTING[preset], preset, "tb.system.tile_tests")


def test_tile_in_icarus():
    """Four-state: an unknown that reaches a result, a handshake or a register is an error."""
    require_icarus()
    simulate_tile(COUNTING["tiny"], "tiny", "tb.system.tile_tests", simulator="icarus")
