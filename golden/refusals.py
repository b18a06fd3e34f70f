"""Why a chain of jobs is not run."""

__all__ = ["REFUSALS"]

REFUSALS = ("none", "range", "parity", "kind", "source", "destination", "resume", "sums", "bank",
            "repeat", "rows", "columns", "shift", "output_bits", "input_bits", "read_mode", "reads",
            "residual", "activations", "locked")
"""By the code of register CHAIN_STATUS: the field of the first descriptor that cannot be run."""
