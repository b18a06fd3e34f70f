"""At least 20,000 columns of every preset whose macro counts, ties and clip edges among them."""

import pytest

from golden.presets import COUNTING
from tb.designs import read_metrics, simulate_tile

COLUMNS = 20_000


@pytest.mark.parametrize("preset", COUNTING)
def test_columns(preset):
    simulate_tile(COUNTING[preset], preset, "tb.system.column_tests",
                  env={"LEAST_COLUMNS": str(COLUMNS)})
    outcome = read_metrics(preset, "columns")
    assert outcome["columns"] >= COLUMNS
    assert outcome["mismatches"] == 0
