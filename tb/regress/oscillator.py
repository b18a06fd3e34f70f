"""The oscillator front end: how far a count may be from the current that made it."""

from golden.presets import ripple
from tb.figures import Figure
from tb.oscillator_designs import read_count_error, simulate_front_end

__all__ = ["count_error"]

COMMAND = "make regress"
CONVERSIONS = 10_000
COLUMNS = 4


def count_error(console):
    """Counts of oscillators with real periods against the ideal number of periods."""
    config = ripple.replace(array={"columns": COLUMNS})
    simulate_front_end(config, "four", conversions=CONVERSIONS, test_filter="count_error")
    run = read_count_error("four")
    console.print(f"{run['conversions']:,} conversions up to count {run['largest_count']}, start "
                  f"phases in {len(run['phase_bins'])} bins of {min(run['phase_bins'])} or more: "
                  f"largest distance from f T {run['largest_error']:.4f}", highlight=False)
    return [
        Figure.at_least("readout.conversions", run["conversions"], CONVERSIONS,
                        unit="conversions", command=COMMAND),
        # A period more would be cut off or begun: anything below 1 is the truncation itself.
        Figure.at_most("readout.count_error", run["largest_error"], 1, unit="counts",
                       command=COMMAND),
    ]
