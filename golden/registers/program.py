"""The registers of the programming engine."""

from golden.registers.entries import Field, Page, Register

__all__ = ["PROGRAM", "PROGRAM_BASE", "PROGRAM_KEY"]

PROGRAM_BASE = 0x12000
"""Registers from here on are those of the programming engine; a tile without one refuses them."""

PROGRAM_KEY = 0x50434D21
"""``PCM!`` in ASCII: what unlocks the write heads."""

PROGRAM = Page(PROGRAM_BASE, (
    Register("PROGRAM_KEY", PROGRAM_BASE, (
        Field("key", 0, 32, "key", 0, f"Writing `{PROGRAM_KEY:#x}` unlocks the write heads, any "
                                      "other number locks them. Reads 1 if unlocked, else 0."),
    ), "No pulse without it. Accepted at any time; locking stops a pulse, which is a fault."),
    Register("PROGRAM_LIMITS", PROGRAM_BASE + 0x04, (
        Field("max_rounds", 0, 8, "rw", 30, "Most pulses of the loop for each cell; at most "
                                            "`program.max_rounds`."),
        Field("windows", 8, 5, "rw", 4, "Windows added in a verify read, 1 to 16."),
        Field("margin", 16, 12, "rw", 5, "A cell whose error is smaller, in counts, is good; at "
                                         "least 1."),
    ), "The loop of read, compare and pulse. These and the next six are refused during a job."),
    Register("PROGRAM_CURRENTS", PROGRAM_BASE + 0x08, (
        Field("low", 0, 12, "rw", 125, "Smallest current of the loop, in µA."),
        Field("high", 16, 12, "rw", 700, "Largest; at most `program.max_current_ua`."),
    ), "Bounds of the current; PROGRAM_STEP.start must be within them."),
    Register("PROGRAM_STEP", PROGRAM_BASE + 0x0C, (
        Field("start", 0, 12, "rw", 125, "Current before the first change, in µA."),
        Field("gain", 16, 8, "rw", 32, "Change of current per count of error, in 1/16 µA. An error "
                                       "of `margin` must move the current."),
    ), "How the current of a cell changes."),
    Register("PROGRAM_RESET", PROGRAM_BASE + 0x10, (
        Field("clocks", 0, 12, "rw", 125, "Length; 1 to `program.max_pulse_clocks`."),
        Field("current", 16, 12, "rw", 700, "In µA; at most `program.max_current_ua`."),
    ), "The square pulse that resets a device."),
    Register("PROGRAM_SET", PROGRAM_BASE + 0x14, (
        Field("clocks", 0, 12, "rw", 250, "Length before the trailing edge; at least 1."),
        Field("current", 16, 12, "rw", 125, "In µA; at most `program.max_current_ua`."),
    ), "The pulse that sets a device."),
    Register("PROGRAM_PULSE", PROGRAM_BASE + 0x18, (
        Field("clocks", 0, 12, "rw", 125, "Length of a square pulse of the loop; 1 to "
                                          "`program.max_pulse_clocks`."),
        Field("trailing", 16, 12, "rw", 50, "Length of the trailing edge of SET; with "
                                            "PROGRAM_SET.clocks at most "
                                            "`program.max_pulse_clocks`."),
    ), "The other lengths."),
    Register("PROGRAM_PRECHARGE", PROGRAM_BASE + 0x1C, (
        Field("clocks", 0, 16, "rw", 256, "Clocks before a verify read; at least 1."),
    ), "Rest before a read."),
    Register("PROGRAM_RESULT", PROGRAM_BASE + 0x20, (
        Field("rows", 0, 11, "ro", 0, "Rows done."),
        Field("rounds", 16, 8, "ro", 0, "Most rounds that a row needed."),
        Field("clipped", 24, 1, "ro", 0, "A target exceeded what a counter can hold, and was "
                                         "clipped."),
        Field("surplus", 25, 1, "ro", 0, "A row of targets had surplus beats; they were dropped."),
    ), "Of the last job, or the one under way; so are the next four."),
    Register("PROGRAM_CELLS", PROGRAM_BASE + 0x24, (
        Field("count", 0, 32, "ro", 0, "Cells with a last verdict: the next two together."),
    ), "How many cells."),
    Register("PROGRAM_CONVERGED", PROGRAM_BASE + 0x28, (
        Field("count", 0, 32, "ro", 0, "Cells within the margin."),
    ), "How many are good."),
    Register("PROGRAM_FAILED", PROGRAM_BASE + 0x2C, (
        Field("count", 0, 32, "ro", 0, "Cells that are not, after `max_rounds` pulses."),
    ), "How many are not."),
    Register("PROGRAM_PULSES", PROGRAM_BASE + 0x30, (
        Field("count", 0, 32, "ro", 0, "Pulses of the loop, of all cells together."),
    ), "What it took."),
), present=lambda config: config.program.engine)
