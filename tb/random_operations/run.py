"""Random operations on the `tiny` tile in Verilator, one seed at a time."""

from golden.presets import tiny
from tb.designs import read_metrics, simulate_tile

__all__ = ["run_seed"]


def run_seed(seed, operations):
    """At least so many operations; whatever follows from ``seed`` is the same every time.

    Returns
    -------
    dict
        ``operations`` done, accesses ``refused``, ``clocks``, and ``episodes`` by their endings.

    Raises
    ------
    tb.runner.SimulationError
        If anything was wrong, with the seed and the episode in its log.
    """
    simulate_tile(tiny, "tiny", "tb.random_operations.tests", seed=seed,
                  env={"SEED": str(seed), "OPERATIONS": str(operations)})
    return read_metrics("tiny", f"random_operations-{seed}")
