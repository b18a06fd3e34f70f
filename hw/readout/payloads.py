"""What travels from the readout to the NMPU."""

from amaranth.lib import data

__all__ = ["count_pairs", "group_of_counts", "group_range", "tag"]


def group_range(config):
    """The range of a group number; never empty of bits, even with one group."""
    return range(max(config.groups, 2))


def count_pairs(config, columns):
    """Counts of both oscillators of ``columns`` columns: all P, then all N."""
    counts = data.ArrayLayout(config.readout.counter_bits, columns)
    return data.StructLayout({"p": counts, "n": counts})


def tag(config):
    """What a read carries with it through the pipeline.

    ``first`` and ``last`` tell its place among the reads of one result, ``bank`` the coefficient
    bank, and the rest the settings that its result is made with.
    """
    return data.StructLayout({
        "first": 1,
        "last": 1,
        "bank": 1,
        "shift": config.nmpu.shift_bits,
        "relu": 1,
        "output_bits": 4,
    })


def group_of_counts(config):
    """One column per lane: ``counts``, the number of the ``group`` and the read's ``tag``."""
    return data.StructLayout({
        "counts": count_pairs(config, config.nmpu.lanes),
        "group": group_range(config),
        "tag": tag(config),
    })
