"""What travels from the readout to the NMPU."""

from amaranth.lib import data

from golden.array.modes import read_mode
from golden.formats import RESIDUAL_SCALE_BITS, RESIDUAL_SHIFT_BITS

__all__ = ["block_range", "count_pairs", "group_of_counts", "group_range", "largest_weight", "tag",
           "weight_bits"]


def group_range(config):
    """The range of a group number; never empty of bits, even with one group."""
    return range(max(config.groups, 2))


def largest_weight(config):
    """The largest shift of a read, that of its slice and of its bank; 0 if all weigh 1."""
    return config.exponents[-1] + max(
        read_mode(mode, input_bits=config.drive.input_bits).shifts[-1]
        for mode in config.drive.read_modes)


def weight_bits(config):
    """Bits that hold the shift of every slice; never none."""
    return max(largest_weight(config).bit_length(), 1)


def block_range(config):
    """The range of a block number; never empty of bits, even with one block."""
    return range(max(config.blocks, 2))


def count_pairs(config, columns):
    """Counts of both oscillators of ``columns`` columns: all P, then all N."""
    counts = data.ArrayLayout(config.readout.counter_bits, columns)
    return data.StructLayout({"p": counts, "n": counts})


def tag(config):
    """What a read carries with it through the pipeline.

    ``first`` and ``last`` tell its place among the reads of one result, of one measurement of a
    known current if ``measure`` is set, or of one calibration vector if ``calibrate`` is, where
    ``restart`` marks the first vector and ``complete`` the last one; ``block`` is the part of the
    columns that it counted, ``weight`` the shift that its readouts are worth, ``bank`` the
    coefficient bank, ``first_group`` and ``last_group`` the columns that give results, and the rest
    what its result is made with, and what becomes of it: see `hw.control.settings.job`.
    """
    return data.StructLayout({
        "first": 1,
        "last": 1,
        "measure": 1,
        "calibrate": 1,
        "restart": 1,
        "complete": 1,
        "block": block_range(config),
        "weight": weight_bits(config),
        "bank": 1,
        "first_group": group_range(config),
        "last_group": group_range(config),
        "shift": config.nmpu.shift_bits,
        "relu": 1,
        "relu_first": 1,
        "output_bits": 4,
        "bypass": 1,
        "residual": 1,
        "residual_scale": RESIDUAL_SCALE_BITS,
        "residual_shift": RESIDUAL_SHIFT_BITS,
        "resume": 1,
        "sums": 1,
        "destination": 2,
        "final": 1,
        "interrupt": 1,
    })


def group_of_counts(config):
    """One column per lane: ``counts``, the number of the ``group`` and the read's ``tag``."""
    return data.StructLayout({
        "counts": count_pairs(config, config.nmpu.lanes),
        "group": group_range(config),
        "tag": tag(config),
    })
