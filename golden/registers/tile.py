"""The registers on the first page: what every tile has."""

from golden.array.modes import READ_MODES
from golden.registers.entries import Field, Page, Register

__all__ = ["MOST_REPEATS", "STICKY", "TILE"]

MOST_REPEATS = 4096
"""Windows that a measurement may add for each column."""

STICKY = (
    Field("input_clipped", 8, 1, "w1c", 0, "An input exceeded its width and was clipped."),
    Field("long_vector", 9, 1, "w1c", 0, "An input vector had surplus beats; they were dropped."),
    Field("count_full", 10, 1, "w1c", 0, "A captured counter stood at full scale."),
    Field("measured", 11, 1, "w1c", 0, "A measurement has ended; its sums are complete."),
    Field("calibrated", 12, 1, "w1c", 0, "Calibration vectors have been read, or given up."),
    Field("drift_updated", 13, 1, "w1c", 0, "Corrected coefficients were written; the exchange of "
                                            "banks is under way."),
    Field("drift_refused", 14, 1, "w1c", 0, "A correction was refused; see DRIFT_STATUS."),
    Field("batch_done", 15, 1, "w1c", 0, "The statistics of a batch of results are complete."),
    Field("job_done", 16, 1, "w1c", 0, "A job of a chain that wants to tell is complete."),
    Field("chain_done", 17, 1, "w1c", 0, "A chain is complete; nothing of it is in the tile."),
    Field("chain_refused", 18, 1, "w1c", 0, "A chain was refused; see CHAIN_STATUS."),
    Field("trigger_lost", 19, 1, "w1c", 0, "The trigger came while a chain could not start."),
    Field("sums_clipped", 20, 1, "w1c", 0, "A partial sum from the stream was too large and was "
                                           "clipped."),
    Field("stream_misaligned", 21, 1, "w1c", 0, "A vector of partial sums or residuals did not end "
                                                "with the columns of its job."),
    Field("program_done", 22, 1, "w1c", 0, "A range of the array has been programmed."),
    Field("fault", 23, 1, "w1c", 0, "Something went wrong; see FAULT. Writing 1 does not end the "
                                    "safe state."),
)
"""The events that STATUS remembers and IRQ_ENABLE may turn into an interrupt."""

TILE = Page(0x0000, (
    Register("ID", 0x00, (
        Field("version", 0, 8, "ro", 3, "Version of this map."),
        Field("magic", 8, 24, "ro", 0x42455A, "`BEZ` in ASCII."),
    ), "What this is."),
    Register("SHAPE", 0x04, (
        Field("rows", 0, 16, "ro", 0, "Rows of the array."),
        Field("columns", 16, 16, "ro", 0, "Columns of the array."),
    ), "Size of the array; reset values are those of the configuration."),
    Register("UNIT", 0x08, (
        Field("lanes", 0, 16, "ro", 0, "Lanes of the NMPU."),
        Field("max_reads", 16, 16, "ro", 0, "Most reads that one result may accumulate, each "
                                            "counted with its weight."),
    ), "Size of the NMPU; reset values are those of the configuration."),
    Register("CONTROL", 0x0C, (
        Field("run", 0, 1, "rw", 0, "Take vectors from the input stream."),
        Field("swap", 1, 1, "w1s", 0, "Exchange the coefficient banks before the next result; "
                                      "reads 1 until no vector uses the old bank."),
        Field("recover", 2, 1, "w1s", 0, "End the safe state; without a fault, abort what runs. "
                                         "Vectors in the tile are lost; coefficients, descriptors "
                                         "and registers stay. Reads 1 until it is done, 0 in the "
                                         "safe state."),
        Field("bad_parity", 3, 1, "rw", 0, "Coefficients and descriptors are written with wrong "
                                           "parity, to test that it is found."),
    ), "Start, stop and bank exchange."),
    Register("SETTINGS", 0x10, (
        Field("shift", 0, 6, "rw", 0, "Bits rounded off the normalised number."),
        Field("relu", 6, 1, "rw", 0, "Negative numbers become 0."),
        Field("relu_first", 7, 1, "rw", 0, "Negative numbers become 0 before the residual is "
                                           "added, too."),
        Field("output_bits", 8, 4, "rw", 8, "Width of results: 8, 6 or 4."),
        Field("input_bits", 12, 4, "rw", 8, "Width of inputs: 8, 6 or 4."),
        Field("read_mode", 16, 2, "rw", 0, "How a vector is read: " + ", ".join(
            f"{k} {name}" for k, name in enumerate(READ_MODES)) + "."),
        Field("bypass", 18, 1, "rw", 0, "Normalisation is left out: scale 1 and bias 0."),
        Field("residual", 19, 1, "rw", 0, "Each result has a residual of the stream added: see "
                                          "RESIDUAL."),
        Field("reads", 20, 12, "rw", 1, "Vectors accumulated before a result is emitted; their "
                                        "weights together are within UNIT.max_reads."),
    ), "Taken over when the first read of a result starts; illegal values are refused whole. After "
       "reset `output_bits` and `input_bits` are the widest of the configuration."),
    Register("STATUS", 0x14, (
        Field("busy", 0, 1, "ro", 0, "A vector is between the input and the output stream; "
                                     "a result that waits for more reads does not count."),
        Field("bank", 1, 1, "ro", 0, "Coefficient bank of the next result; the bus reaches the "
                                     "other one."),
        Field("running", 2, 1, "ro", 0, "A chain of jobs runs."),
        Field("safe", 3, 1, "ro", 0, "A fault stopped the tile: no row is driven, no pulse fired."),
        *STICKY,
    ), "Present state and sticky events."),
    Register("IRQ_ENABLE", 0x18, tuple(
        Field(f.name, f.low, 1, "rw", 0, f"Interrupt while STATUS.{f.name} is set.")
        for f in STICKY), "Which sticky events raise the interrupt."),
    Register("READS", 0x1C, (
        Field("count", 0, 32, "ro", 0, "Windows captured since reset; stays at its maximum."),
    ), "Progress of the array."),
    Register("RESULTS", 0x20, (
        Field("count", 0, 32, "ro", 0, "Result vectors sent since reset; stays at its maximum."),
    ), "Progress of the output."),
    Register("READOUT", 0x24, (
        Field("counter_bits", 0, 8, "ro", 0, "Width of a counter."),
        Field("counter_banks", 8, 4, "ro", 0, "Banks of counters."),
        Field("columns_per_counter", 12, 4, "ro", 0, "Columns that share a pair of counters."),
        Field("settle_clocks", 16, 4, "ro", 0, "Clocks from the end of a window to the capture; 0 "
                                               "if the macro counts."),
        Field("reference_bits", 24, 8, "ro", 0, "Width of the code of the known current."),
    ), "The readout that was built; reset values are those of the configuration."),
    Register("WINDOW", 0x28, (
        Field("clocks", 0, 16, "ro", 0, "Clocks that the gate of the last window was open."),
    ), "Length of the last window, measured at the gate."),
    Register("SATURATIONS", 0x2C, (
        Field("count", 0, 32, "ro", 0, "Captures in which a counter stood at full scale; stays at "
                                       "its maximum."),
    ), "How often counters filled since reset."),
    Register("PROBE", 0x30, (
        Field("column", 0, 16, "rw", 0, "Column whose counts PROBE_COUNTS shows."),
    ), "Chooses a column; a column that does not exist is refused."),
    Register("PROBE_COUNTS", 0x34, (
        Field("p", 0, 16, "ro", 0, "Count of polarity P."),
        Field("n", 16, 16, "ro", 0, "Count of polarity N."),
    ), "Raw counts of the last read of the probed column since PROBE was written; 0 before."),
    Register("REFERENCE", 0x38, (
        Field("code", 0, 16, "rw", 0, "Code of the known current in the first window."),
        Field("step", 16, 16, "rw", 0, "Added to the code from window to window."),
    ), "Current of a measurement; refused during one."),
    Register("MEASURE", 0x3C, (
        Field("repeats", 0, 13, "rw", 1, f"Windows for each column, 1 to {MOST_REPEATS}."),
        Field("negative", 16, 1, "rw", 0, "The current flows into polarity N, otherwise P."),
        Field("start", 31, 1, "w1s", 0, "Measure between two results; reads 1 until the sums are "
                                        "complete."),
    ), "Counts a known current with all rows at rest and adds the counts of each column. The "
       "window is that of one phase of SETTINGS.input_bits. A code that would exceed its width "
       "in the last window is refused, and so is every write during a measurement."),
    Register("RESIDUAL", 0x40, (
        Field("scale", 0, 8, "rw", 0, "What a residual counts, times `2^shift`, in steps of the "
                                      "normalised number."),
        Field("shift", 8, 6, "rw", 0, "A shift that could exceed the format is refused."),
    ), "Taken over with SETTINGS."),
))
