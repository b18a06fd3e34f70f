"""Configurations that no preset has: at the ends of what is allowed, and not powers of two."""

import subprocess

import pytest

from golden.presets import tiny
from golden.qformat import QFormat
from golden.requantise import Rounding
from tb.designs import simulate_tile, tile_verilog
from tb.runner import ROOT

ODD = {
    "shift_6": {"nmpu": {"shift_bits": 6}},
    "shift_1": {"nmpu": {"shift_bits": 1}},
    "one_group": {"nmpu": {"lanes": 8}, "stream": {"y_bits": 64}},
    "one_lane": {"nmpu": {"lanes": 1}},
    "one_read": {"nmpu": {"max_reads": 1}, "drive": {"read_modes": ("one_phase",)}},
    "many_reads": {"nmpu": {"max_reads": 256, "accumulator_bits": 31}},
    "four_bits": {"nmpu": {"output_bits": 4}, "drive": {"input_bits": 4}},
    "wide_counts": {"readout": {"counter_bits": 16}, "nmpu": {"accumulator_bits": 40}},
    "narrow_counts": {"readout": {"counter_bits": 4}},
    "one_beat": {"stream": {"x_bits": 64}},
    "one_device": {"program": {"devices": 1, "heads": 8}},
    "no_extras": {"program": {"engine": False}, "control": {"activations": 0, "parity": False},
                  "nmpu": {"residual": False, "partial_sums": False}},
    "other_points": {"nmpu": {
        "scale": QFormat.parse("U(1,3)"), "offset": QFormat.parse("S(2,10)"),
        "norm_scale": QFormat.parse("S(3,2)"), "norm_bias": QFormat.parse("S(4,20)"),
        "accumulator_bits": 32}},
    "four_columns": {"readout": {"columns_per_counter": 4}},
    "one_slow_bank": {"readout": {"front_end": "oscillator", "counter_banks": 1,
                                  "settle_clocks": 15, "reference_bits": 16}},
}

NOT_POWERS = tiny.replace(array={"rows": 7, "columns": 9}, stream={"x_bits": 8, "y_bits": 24},
                          program={"engine": False},
                          nmpu={"lanes": 3, "rounding": Rounding.HALF_UP})
"""Seven rows, nine columns, three lanes: no address is a slice of bits."""


@pytest.mark.parametrize("name", ODD)
def test_verilator_accepts(name):
    """No constant comparison, no missing bit, no width that vanished."""
    verilog = tile_verilog(tiny.replace(**ODD[name]), f"odd-{name}")
    result = subprocess.run(
        ["verilator", "--lint-only", "-Wno-WIDTHEXPAND", "-Wno-WIDTHTRUNC", "--top-module", "tile",
         ROOT / "constraints" / "verilator.vlt", verilog],
        capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_not_powers_of_two():
    simulate_tile(NOT_POWERS, "odd-seven_by_nine", "tb.system.tile_tests")
