"""Configurations whose shapes and formats differ where blocks may go wrong."""

from golden.presets import hermes, small, tiny
from golden.qformat import QFormat

__all__ = ["CONFIGS"]

CONFIGS = {
    "tiny": tiny,
    "small": small,
    "hermes": hermes,
    "one_group": tiny.replace(nmpu={"lanes": 8}, stream={"y_bits": 64}),
    "one_lane": tiny.replace(nmpu={"lanes": 1}),
    "three_groups": tiny.replace(array={"columns": 6}),
    "two_banks": tiny.replace(readout={"counter_banks": 2}),
    "two_blocks": tiny.replace(readout={"columns_per_counter": 2}),
    "four_blocks": tiny.replace(readout={"columns_per_counter": 4, "counter_banks": 2}),
    "oscillator": tiny.replace(readout={
        "front_end": "oscillator", "settle_clocks": 3, "counter_banks": 2}),
    "one_phase": tiny.replace(drive={"read_modes": ("one_phase",)}),
    "narrow": tiny.replace(drive={"input_bits": 6}, nmpu={"output_bits": 6}),
    "fine": tiny.replace(nmpu={
        "scale": QFormat.parse("U(2,2)"), "offset": QFormat.parse("S(4,5)"),
        "norm_scale": QFormat.parse("S(3,1)"), "norm_bias": QFormat.parse("S(6,9)")}),
    "whole": tiny.replace(drive={"read_modes": ("one_phase",)}, nmpu={
        "scale": QFormat.parse("U(3,0)"), "offset": QFormat.parse("S(7,0)"),
        "norm_scale": QFormat.parse("S(4,0)"), "norm_bias": QFormat.parse("S(9,0)"),
        "max_reads": 1, "accumulator_bits": 17}),
    "no_streams": tiny.replace(nmpu={"residual": False, "partial_sums": False}),
    "no_shift": tiny.replace(array={"columns": 2}, drive={"read_modes": ("one_phase",)}, nmpu={
        "max_reads": 1, "scale": QFormat.parse("U(1,0)"), "offset": QFormat.parse("S(2,0)"),
        "norm_scale": QFormat.parse("S(2,0)"), "norm_bias": QFormat.parse("S(2,0)")}, readout={
            "counter_bits": 4}),
    "no_engine": tiny.replace(drift={"engine": False}),
    "no_parity": tiny.replace(control={"parity": False}),
    "deep": tiny.replace(nmpu={"stage_gates": 10}),
    "deep_waits": tiny.replace(drive={"read_modes": ("one_phase",)},
                               nmpu={"stage_gates": 10, "max_reads": 4}),
    "halves": tiny.replace(drive={"read_modes": ("one_phase",)}, nmpu={"stage_gates": 24}),
    "one_clock": tiny.replace(nmpu={"stage_gates": 64}),
    "deep_even": tiny.replace(nmpu={"stage_gates": 12,
                                    "norm_scale": QFormat.parse("S(2,6)")}),
    "deep_fine": tiny.replace(nmpu={
        "scale": QFormat.parse("U(2,2)"), "offset": QFormat.parse("S(4,5)"),
        "norm_scale": QFormat.parse("S(3,1)"), "norm_bias": QFormat.parse("S(6,9)"),
        "stage_gates": 8}),
    "one_bit": tiny.replace(nmpu={"scale": QFormat.parse("U(1,0)")}),
}
"""By name; `fine` has offset and bias finer than what they are added to, `whole` no fractions and
one read per result; without slices, in `one_phase` and `whole`, all weights are 1. `deep`,
`deep_even`, `deep_fine`, `deep_waits`, `halves` and `one_clock` have lanes of bits, in many clocks
and in few; in `deep_waits` results have few reads, so that many wait for other streams."""
