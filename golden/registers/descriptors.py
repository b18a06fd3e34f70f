"""The table of descriptors: five words for each job of a chain."""

from golden.formats import RESIDUAL_SCALE_BITS, RESIDUAL_SHIFT_BITS
from golden.registers.entries import Field, Register, Window

__all__ = ["BANKS", "DESCRIPTORS", "DESCRIPTOR_BASE", "DESTINATIONS", "KINDS", "SOURCES",
           "descriptor_address"]

DESCRIPTOR_BASE = 0x10000
"""Descriptor ``k`` has eight words from ``DESCRIPTOR_BASE + 32 * k``; the last three are none."""

DESCRIPTOR_STRIDE = 32

KINDS = ("multiply", "measure", "calibrate", "correct", "statistics", "program")
SOURCES = ("x", "activations", "rows")
DESTINATIONS = ("none", "y", "activations", "sums")
BANKS = (None, 0, 1)
"""What the numbers of these fields stand for. Bank ``None`` is the one in use."""


def descriptor_address(index, word=0):
    """Byte address of a word of descriptor ``index``."""
    return DESCRIPTOR_BASE + DESCRIPTOR_STRIDE * index + 4 * word


def _numbered(names):
    return ", ".join(f"{k} {name}" for k, name in enumerate(names)) + "."


def _as_settings(name, low, width):
    return Field(name, low, width, "rw", 0, f"As SETTINGS.{name}.")


DESCRIPTORS = Window(
    name="DESCRIPTORS", base=DESCRIPTOR_BASE, stride=DESCRIPTOR_STRIDE,
    items=lambda config: config.control.descriptors,
    words=(
        Register("job", 0x00, (
            Field("kind", 0, 3, "rw", 0, _numbered(KINDS)),
            Field("source", 4, 2, "rw", 0, "Where vectors come from: 0 stream x; 1 the activation "
                                           "buffer; 2 rows of the range, one after the other, "
                                           "driven with 127."),
            Field("destination", 6, 2, "rw", 0, "Where results go: 0 nowhere, the sums stay for "
                                                "the next job; 1 stream y; 2 the activation "
                                                "buffer; 3 the stream of partial sums, as they "
                                                "are."),
            Field("resume", 8, 1, "rw", 0, "Add to the sums that the job before left."),
            Field("sums", 9, 1, "rw", 0, "Start each result from the stream of partial sums."),
            Field("interrupt", 10, 1, "rw", 0, "Set STATUS.job_done when the job is complete."),
            Field("bank", 12, 2, "rw", 0, "Coefficients: 0 the bank in use, 1 bank 0, 2 bank 1."),
            Field("repeat", 16, 16, "rw", 0, "Results of the job, at least 1."),
        ), "What is done, from where, to where."),
        Register("rows", 0x04, (
            Field("first_beat", 0, 11, "rw", 0, "First row of the range, in beats of stream x."),
            Field("rows", 16, 11, "rw", 0, "Rows of the range; the others are driven with 0."),
        ), "The rows that are driven."),
        Register("columns", 0x08, (
            Field("first_group", 0, 10, "rw", 0, "First group of lanes that gives results."),
            Field("last_group", 16, 10, "rw", 0, "Last one."),
        ), "The columns that give results."),
        Register("settings", 0x0C, (
            _as_settings("shift", 0, 6), _as_settings("relu", 6, 1),
            _as_settings("relu_first", 7, 1), _as_settings("output_bits", 8, 4),
            _as_settings("input_bits", 12, 4), _as_settings("read_mode", 16, 2),
            _as_settings("bypass", 18, 1), _as_settings("residual", 19, 1),
            _as_settings("reads", 20, 12),
        ), "As SETTINGS, for this job."),
        Register("residual", 0x10, (
            Field("residual_scale", 0, RESIDUAL_SCALE_BITS, "rw", 0, "As RESIDUAL.scale."),
            Field("residual_shift", 8, RESIDUAL_SHIFT_BITS, "rw", 0, "As RESIDUAL.shift."),
        ), "As RESIDUAL, for this job."),
    ),
    doc="Jobs of a chain. One that is no multiplication ignores all but `kind` and `interrupt`; "
        "one that programs also has rows, columns, and a `repeat` of 1. Words 5 to 7 do not exist; "
        "descriptors of a chain under way cannot be written.")
