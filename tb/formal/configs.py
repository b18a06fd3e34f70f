"""Configurations that are small enough to be proven: narrow numbers, few of everything."""

from golden.presets import tiny
from golden.qformat import QFormat

__all__ = ["BLOCKS", "FOUR_PHASES", "NANO", "PROGRAM", "SIDE_STREAMS"]

NANO = tiny.replace(
    array={"rows": 4, "columns": 4},
    drive={"input_bits": 4, "read_modes": ("one_phase",)},
    readout={"counter_bits": 4, "counter_banks": 2, "reference_bits": 2},
    nmpu={"lanes": 2, "scale": QFormat(False, 1, 1), "offset": QFormat(True, 2, 1),
          "max_reads": 2, "accumulator_bits": 12, "norm_scale": QFormat(True, 1, 1),
          "norm_bias": QFormat(True, 2, 1), "shift_bits": 2, "output_bits": 4,
          "residual": False, "partial_sums": False},
    drift={"engine": False}, program={"engine": False},
    control={"descriptors": 2, "activations": 0, "parity": False},
    stream={"x_bits": 8, "y_bits": 8},
)
"""4 rows, 4 columns in two groups, two banks of counters of 4 bits, 4-bit vectors in one phase; two
descriptors, and no streams but x and y."""

BLOCKS = NANO.replace(readout={"columns_per_counter": 2})
"""Likewise, with two columns per pair of counters."""

FOUR_PHASES = NANO.replace(
    drive={"read_modes": ("one_phase", "four_phase")},
    nmpu={"max_reads": 8, "accumulator_bits": 14})
"""Likewise, with four phases too."""

SIDE_STREAMS = NANO.replace(nmpu={"residual": True, "partial_sums": True})
"""Likewise, with residuals and partial sums."""

PROGRAM = NANO.replace(
    stream={"x_bits": 16},
    program={"engine": True, "heads": 2, "devices": 2, "max_rounds": 2, "max_current_ua": 5,
             "max_pulse_clocks": 3})
"""Likewise, with a programming engine of two heads: 3 clocks, 5 microamperes, 2 rounds."""
