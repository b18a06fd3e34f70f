"""One file per block: what goes in and, by the golden model, what must come out.

A case has ``VARIANTS``, the names of its configurations, ``build(variant)``, a new component, and
``agent(variant, rng, max_idle=, max_stall=)``, which drives and judges it in either simulator. It
may have ``check_timing(variant, agent)``, for a run that never idled and never stalled.
"""

import importlib

__all__ = ["BLOCKS", "ONCE", "case", "variants"]

BLOCKS = ("combine", "gather", "residual", "normalise", "requantise", "lane", "coefficients",
          "exit", "nmpu", "banks", "count_front_end", "capture", "saturation", "probe",
          "count_sums", "input_buffer", "slices", "row_driver", "row_drivers", "converter_pins",
          "downsize", "upsize", "align", "partial_sums", "residuals", "activation_buffer",
          "realign", "vector_end", "decode", "supervisor", "chain_registers", "coefficient_window",
          "bank_exchange", "reach", "sequencer", "descriptor_table", "chain_checker", "dispatcher",
          "calibration_source", "tally", "divider", "estimator", "rewriter", "target_loader",
          "verdict", "program_engine", "pulse_guard", "program_registers", "from_integer",
          "fused_multiply_add", "add", "scale_integer", "to_integer", "fp16_datapath", "fp16_unit")

ONCE = ("residual", "coefficients", "count_front_end", "saturation", "probe", "slices",
        "row_driver", "row_drivers", "converter_pins", "decode", "supervisor", "chain_registers",
        "coefficient_window", "bank_exchange", "reach", "descriptor_table", "chain_checker",
        "divider", "estimator", "rewriter", "verdict", "pulse_guard", "program_registers")
"""Blocks that cannot be made to wait."""

SIMULATED = {
    "combine": ("tiny", "fine", "deep", "deep_fine"),
    "gather": ("tiny", "one_phase", "deep"),
    "normalise": ("tiny", "fine", "deep", "deep_even", "deep_fine"),
    "residual": ("tiny", "no_shift", "one_clock"),
    "requantise": ("floor", "half_up", "half_away", "half_even", "short_shift",
                   "deep_half_away", "deep_half_even"),
    "lane": ("tiny", "deep", "deep_fine", "halves", "one_clock"),
    "coefficients": ("tiny", "one_group"),
    "exit": ("direct", "queued"),
    "nmpu": ("tiny", "two_blocks", "deep", "deep_even", "deep_fine", "deep_waits", "hermes"),
    "banks": ("tiny", "two_banks"),
    "count_front_end": ("four_blocks",),
    "capture": ("tiny", "four_blocks"),
    "saturation": ("three_words",),
    "probe": ("two_blocks",),
    "count_sums": ("tiny", "largest"),
    "input_buffer": ("tiny", "one_beat"),
    "slices": ("tiny",),
    "row_drivers": ("all",),
    "converter_pins": ("four_blocks",),
    "downsize": ("eighth", "same"),
    "upsize": ("third", "same"),
    "partial_sums": ("tiny",),
    "residuals": ("tiny",),
    "coefficient_window": ("tiny",),
    "reach": ("ten_bits",),
    "sequencer": ("tiny", "four_blocks"),
    "descriptor_table": ("tiny", "one_descriptor"),
    "chain_checker": ("tiny", "full"),
    "dispatcher": ("tiny",),
    "activation_buffer": ("tiny", "narrower"),
    "calibration_source": ("tiny", "half_a_word"),
    "tally": ("tiny",),
    "divider": ("tiny", "coarse"),
    "estimator": ("tiny", "coarse"),
    "rewriter": ("tiny",),
    "target_loader": ("four_words",),
    "verdict": ("tiny",),
    "program_engine": ("two_heads", "four_heads"),
    "pulse_guard": ("two_heads",),
    "program_registers": ("tight",),
    "from_integer": ("twelve_bits",),
    "fused_multiply_add": ("many",),
    "add": ("many",),
    "to_integer": ("half_even",),
    "fp16_datapath": ("many", "many_alone"),
    "fp16_unit": ("tiny", "alone", "one_group"),
}
"""Variants that are built as Verilog too, where a build costs more than the run; of blocks not
named, all."""


def case(block):
    """The case module of a block."""
    return importlib.import_module(f"tb.cases.{block}")


def variants(*, simulated=False):
    """Every (block, variant), or those that are built as Verilog."""
    return [(block, variant) for block in BLOCKS for variant in case(block).VARIANTS
            if not simulated or variant in SIMULATED.get(block, (variant,))]
