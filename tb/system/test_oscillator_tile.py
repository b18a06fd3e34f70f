"""The tile with counters that oscillators clock, exported and simulated."""

from golden.presets import ripple
from tb.designs import read_metrics, simulate_tile
from tb.runner import require_icarus

TESTS = "tb.system.oscillator_tile_tests"
SHARED = ripple.replace(
    array={"rows": 8, "columns": 8}, nmpu={"lanes": 2}, stream={"x_bits": 16, "y_bits": 8},
    readout={"counter_banks": 1, "columns_per_counter": 2, "settle_clocks": 3})
"""Two columns share a pair of counters, in one bank."""


def test_verilator():
    assert simulate_tile(ripple, "ripple", TESTS).tests == 6


def test_icarus():
    require_icarus()
    simulate_tile(SHARED, "ripple-shared", TESTS, simulator="icarus")


def test_both_front_ends_count_alike():
    """Same devices, same vectors: raw counts of every column and results are the same."""
    require_icarus()
    found = []
    for front_end in ("count", "oscillator"):
        config = ripple.replace(readout={"front_end": front_end})
        simulate_tile(config, f"alike-{front_end}", TESTS, simulator="icarus",
                 test_filter="probed_counts")
        found.append(read_metrics(f"alike-{front_end}", "probed_counts", simulator="icarus"))
    assert found[0] == found[1]
    assert any(p or n for p, n in found[0]["counts"])
