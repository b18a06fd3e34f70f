"""Programming through whole tiles."""

import pytest

from golden.presets import tiny
from tb.designs import simulate_tile

CONFIGS = {
    "tiny": tiny,
    "one_device": tiny.replace(program={"devices": 1, "heads": 4}, nmpu={"lanes": 4},
                               readout={"counter_banks": 2}),
    "blocks": tiny.replace(array={"columns": 16}, stream={"x_bits": 32},
                           readout={"counter_banks": 2, "columns_per_counter": 2},
                           program={"heads": 8}),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_program(name):
    simulate_tile(CONFIGS[name], f"program-{name}", "tb.system.program_tests")
