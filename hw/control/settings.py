"""What a result, a job and a measurement are told."""

from amaranth.lib import data

from golden.formats import RESIDUAL_SCALE_BITS, RESIDUAL_SHIFT_BITS
from golden.registers import MOST_REPEATS
from hw.readout.payloads import group_range

__all__ = ["job", "measurement", "settings", "vector"]


def settings(config):
    """The fields of register SETTINGS, and those of register RESIDUAL."""
    return data.StructLayout({
        "shift": config.nmpu.shift_bits,
        "relu": 1,
        "relu_first": 1,
        "output_bits": 4,
        "input_bits": 4,
        "read_mode": 2,
        "bypass": 1,
        "residual": 1,
        "reads": range(config.nmpu.max_reads + 1),
        "residual_scale": RESIDUAL_SCALE_BITS,
        "residual_shift": RESIDUAL_SHIFT_BITS,
    })


def job(config):
    """How the results of a job are made, and where they go; for each vector of it.

    ``destination`` is a place in `golden.descriptors.DESTINATIONS`; ``resume`` adds to what is in
    the accumulators, ``sums`` to what the stream of partial sums brings. ``pinned`` wants
    coefficient bank ``bank``. ``final`` marks the last result, ``interrupt`` a job that tells.
    """
    return data.StructLayout({
        "settings": settings(config),
        "first_group": group_range(config),
        "last_group": group_range(config),
        "resume": 1,
        "sums": 1,
        "destination": 2,
        "pinned": 1,
        "bank": 1,
        "final": 1,
        "interrupt": 1,
    })


def vector(config):
    """Where a vector comes from and what it is for.

    ``source`` is a place in `golden.descriptors.SOURCES`. The vector has ``rows`` rows, from beat
    ``first_beat`` of the array's rows on; or row ``row`` alone is driven.
    """
    return data.StructLayout({
        "source": 2,
        "first_beat": range(max(config.row_beats, 2)),
        "rows": range(config.array.rows + 1),
        "row": range(config.array.rows),
        "job": job(config),
    })


def measurement(config):
    """What a measurement is told: windows per column, and the known current.

    With ``rows`` it is a row that is measured, by itself, and ``devices`` tells which devices of
    each polarity are connected.
    """
    return data.StructLayout({
        "repeats": range(MOST_REPEATS + 1),
        "rows": 1,
        "devices": 2,
        "negative": 1,
        "code": config.readout.reference_bits,
        "step": config.readout.reference_bits,
    })
