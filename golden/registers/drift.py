"""The registers of the drift engine."""

from golden.registers.entries import Field, Page, Register

__all__ = ["DRIFT", "DRIFT_BASE"]

DRIFT_BASE = 0x1000
"""Registers from here on are those of the drift engine; a tile without one refuses them."""

DRIFT = Page(DRIFT_BASE, (
    Register("CALIBRATION", 0x1000, (
        Field("kind", 0, 2, "rw", 0, "Calibration vectors: 0 constant, 1 one row after the other, "
                                     "2 stored ones in turn."),
        Field("slot", 4, 1, "rw", 0, "Which of two sums; `fit` compares both."),
        Field("now", 5, 1, "rw", 0, "0: the reference. 1: what is compared with it."),
        Field("absolute", 6, 1, "rw", 1, "Add magnitudes of readouts; `fit` wants 0."),
        Field("value", 8, 8, "rw", 0, "Input of the driven rows, two's complement."),
        Field("repeats", 16, 13, "rw", 1, "Vectors, 1 to the configuration's most."),
    ), "The next measurement; refused during one. It reads in the mode and width of SETTINGS."),
    Register("DRIFT", 0x1004, (
        Field("method", 0, 2, "rw", 0, "Gains: 0 of the tile, 1 of each column, 2 slope and offset "
                                       "of each column."),
        Field("stored", 8, 5, "rw", 1, "Stored vectors in use."),
        Field("measure", 29, 1, "w1s", 0, "Read calibration vectors between two results; reads 1 "
                                          "until their sums are complete."),
        Field("update", 30, 1, "w1s", 0, "Compare the sums and correct the coefficients; reads 1 "
                                         "until that is done or refused."),
        Field("abort", 31, 1, "w1s", 0, "End a measurement; its sums are invalid. Reads 0."),
    ), "Commands of the drift engine; while it is busy only `abort` is accepted, and `measure` is "
       "not while the array is programmed."),
    Register("DRIFT_MINIMUM", 0x1008, (
        Field("sum", 0, 32, "rw", 0, "Sums below are not trusted; columns below count as unused."),
    ), "What the smallest sum must be."),
    Register("DRIFT_EVERY", 0x100C, (
        Field("results", 0, 32, "rw", 0, "Results after which the engine measures and updates by "
                                         "itself; 0 is never."),
    ), "Corrections without the host: CALIBRATION and DRIFT.method say how."),
    Register("DRIFT_STATUS", 0x1010, (
        Field("refusal", 0, 3, "ro", 0, "Of the last update: 0 none, 1 no reference, 2 a sum of 0, "
                                        "3 a negative gain, 4 a sum below the minimum, 5 a full "
                                        "counter, 6 out of range, 7 no coefficient fits."),
        Field("exponents", 4, 2, "ro", 0, "Of coefficient banks 0 and 1."),
        Field("gain", 16, 16, "ro", 0, "Of the tile, in the last estimate; the highest bits of "
                                       "drift.gain."),
    ), "What the last update came to."),
    Register("DRIFT_COUNTS", 0x1014, (
        Field("updates", 0, 16, "ro", 0, "Updates done since reset; stays at its maximum."),
        Field("refusals", 16, 16, "ro", 0, "Updates refused since reset; stays at its maximum."),
    ), "How often."),
    Register("STATISTICS", 0x1018, (
        Field("results", 0, 17, "rw", 1, "Results of the batch, 1 to 65536."),
        Field("shift", 20, 5, "rw", 0, "Bits cut off each accumulated readout; what is left is "
                                       "clipped to 16 bits."),
        Field("clipped", 25, 1, "ro", 0, "A sample of the batch was clipped."),
        Field("start", 31, 1, "w1s", 0, "Add up the next results; reads 1 until all are added."),
    ), "Sums and sums of squares of each channel, before its normalisation; refused while they are "
       "being added."),
), present=lambda config: config.drift.engine)
