"""Random operations on a whole tile, legal and not, cut off anywhere."""

from collections import Counter

from tb.figures import Figure
from tb.random_operations.run import run_seed
from tb.runner import SimulationError

__all__ = ["SEEDS", "one_seed", "random"]

COMMAND = "make regress"
SEEDS = range(1, 11)
OPERATIONS = 10_000
"""Of each seed."""


def one_seed(console, seed):
    """One seed alone, as it is run among the others; `SimulationError` if anything is wrong."""
    run = run_seed(seed, OPERATIONS)
    console.print(f"seed {seed}: {run['operations']:,} operations in {run['clocks']:,} clocks and "
                  f"{sum(run['episodes'].values()):,} episodes, {run['refused']:,} accesses "
                  "refused", highlight=False)
    return run


def random(console):
    """Accesses and vectors, legal and not, with aborts and resets at random clocks."""
    operations, faults, episodes = 0, 0, Counter()
    for seed in SEEDS:
        try:
            run = one_seed(console, seed)
        except SimulationError as error:
            faults += 1
            console.print(f"seed {seed} failed; python -m tb.regress random --seed {seed} runs it "
                          f"again\n{error}", highlight=False, markup=False)
            continue
        operations += run["operations"]
        episodes.update(run["episodes"])
    for name, count in sorted(episodes.items()):
        console.print(f"  {name}: {count}", highlight=False)
    return [
        Figure.at_least("controller.random_operations", operations, OPERATIONS * len(SEEDS),
                        unit="operations", command=COMMAND),
        Figure.equal("controller.random_faults", faults, 0, unit="seeds", command=COMMAND),
    ]
