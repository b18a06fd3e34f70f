"""Programming: a whole array by the tile itself, and what one write head would need for it."""

import numpy as np

from golden.presets import hermes, small
from tb.designs import read_metrics, simulate_tile
from tb.figures import Figure

__all__ = ["gaussian_targets", "programming"]

COMMAND = "make regress"
ROUNDS = 30
ONE_HEAD = small.replace(program={"heads": 1})
ONE_HEAD_ROWS = 2


def gaussian_targets(shape, full):
    """Gaussian weights clipped at two sigma, as targets of up to ``full`` counts."""
    weights = np.random.default_rng(2).standard_normal(shape)
    return np.rint(np.clip(weights / 2, -1, 1) * full).astype(np.int64)


def programming(console):
    """Program-and-verify of a whole array by the engine, and clocks with 32 heads and with one."""
    run = programmed(console, hermes, "hermes", hermes.array.rows)
    # The clocks of one head are measured where they are few, and have to be those of golden.
    few = programmed(console, ONE_HEAD, "small-one_head", ONE_HEAD_ROWS)
    cells = run["rows"] * hermes.array.columns
    share = 100 * run["converged"] / cells
    console.print(
        f"{share:.3f} % of {cells:,} cells within 5 counts; one head: {few['clocks']:,} clocks for "
        f"{few['rows']} rows of the small tile, golden the same; the {run['rows']} rows of hermes "
        f"by that model, not simulated: {run['one_head_clocks']:,}", highlight=False)
    common = {"unit": "clocks", "command": COMMAND}
    return [
        Figure.at_most("controller.program_mismatches",
                       sum(sum(r["mismatches"].values()) for r in (run, few)), 0, unit="",
                       command=COMMAND),
        Figure.at_least("controller.convergence", share, 99, unit="%", command=COMMAND),
        Figure.at_most("controller.program_rounds", run["rounds"], ROUNDS, unit="rounds",
                       command=COMMAND),
        Figure.equal("controller.programmed_rows", run["rows"], hermes.array.rows, unit="rows",
                     command=COMMAND),
        Figure.reported("controller.program_clocks_32_heads", run["clocks"], **common),
        Figure.reported("controller.program_clocks_1_head", run["one_head_clocks"], **common),
    ]


def programmed(console, config, name, rows):
    """Rows of a tile, programmed; what `tb.regress.programming_tests` found."""
    simulate_tile(config, name, "tb.regress.programming_tests", env={"ROWS": str(rows)})
    run = read_metrics(name, "programming")
    console.print(
        f"{name}: {run['rows']} rows in {run['clocks']:,} clocks, {run['pins']:,} pulses of "
        f"{config.program.heads} heads and {run['windows']:,} windows, at most {run['rounds']} "
        f"rounds; differ from golden: {sum(run['mismatches'].values())}", highlight=False)
    return run
