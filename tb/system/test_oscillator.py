"""The oscillator front end with oscillators of real periods on its pins."""

import pytest

from tb.oscillator_designs import (
    FOUR_PAIRS,
    measure_count_error,
    read_count_error,
    simulate_front_end,
)
from tb.runner import SimulationError, require_icarus

NARROW = FOUR_PAIRS.replace(
    array={"columns": 2}, nmpu={"lanes": 2}, stream={"y_bits": 16}, program={"heads": 2},
    readout={"counter_bits": 5, "counter_banks": 1, "settle_clocks": 1})
LONG = FOUR_PAIRS.replace(readout={"settle_clocks": 7, "counter_bits": 8})

STAGE_PS = 140
"""12 stages are over in 1680 ps: less than two clocks of 1 ns, more than one."""


def test_verilator():
    result = simulate_front_end(FOUR_PAIRS, "four", conversions=320)
    assert result.tests == 12
    error = read_count_error("four")
    assert error["conversions"] >= 320 and error["largest_error"] < 1
    assert len(error["phase_bins"]) == 16 and min(error["phase_bins"]) > 0


@pytest.mark.parametrize(("name", "config"), [("narrow", NARROW), ("long", LONG)])
def test_icarus(name, config):
    """One bank and five bits; a long settling. Four-state: an unknown that is captured fails."""
    require_icarus()
    simulate_front_end(config, name, simulator="icarus", conversions=32, test_filter=(
        "counts_whole_periods|timeline|full_counters|carry|cleared|stopped"))


def test_icarus_agrees():
    """Both simulators measure the same, to the last digit."""
    require_icarus()
    found = [{**measure_count_error(64, simulator=simulator), "seconds": None}
             for simulator in ("verilator", "icarus")]
    assert found[0] == found[1]



def test_slow_counters_are_captured_when_they_stand_still():
    require_icarus()
    simulate_front_end(FOUR_PAIRS, "slow", simulator="icarus", stage_ps=STAGE_PS,
                       test_filter="counts_whole_periods|timeline|carry|cleared")


def test_capture_before_they_stand_still_is_found():
    """The same counters with one clock less to settle: what is captured is wrong."""
    require_icarus()
    hasty = FOUR_PAIRS.replace(readout={"settle_clocks": 1})
    with pytest.raises(SimulationError, match="1 of 1 tests failed(.|\n)*window 0: counts"):
        simulate_front_end(hasty, "hasty", simulator="icarus", stage_ps=STAGE_PS,
                           test_filter="carry")
