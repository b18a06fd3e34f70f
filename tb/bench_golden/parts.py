"""What each part of the bench measures: figures, a table on the console, pictures."""

import numpy as np
from rich.table import Table

from tb.bench_golden import plots
from tb.bench_golden.agreement import MISSING, STAMP, agreement, aihwkit_server
from tb.bench_golden.closed_forms import FORMS
from tb.bench_golden.device_checks import BOUND, false_alarms, run_checks
from tb.bench_golden.drift_table import AGES, ALLOWED, compare_table
from tb.bench_golden.mvm_error import SECONDS, VOLTAGE_V, breakdown, chip_metrics
from tb.bench_golden.speed import BATCHES, compare_speed, golden_server, peak_memory
from tb.designs import BUILD
from tb.figures import Figure
from tb.pictures import draw

__all__ = ["COMMAND", "PARTS"]

COMMAND = "make bench-golden"
FOLDER = BUILD / "bench-golden"

SEEDS = (1, 2, 3, 4, 5)

HERMES_MVM_ERROR = 1.94
"""Published sigma of the measured minus the expected output of the HERMES core, in %, normalised
(Khaddam-Aljameh et al., JSSC 57, 1027, 2022); the scale it is divided by is not known to us."""


def _of(unit):
    return {"unit": unit, "command": COMMAND}


def _table(console, title, headings, rows):
    table = Table(title=title, title_justify="left")
    for k, heading in enumerate(headings):
        table.add_column(heading, justify="right" if k else "left")
    for row in rows:
        table.add_row(*(f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row))
    console.print(table)


def statistics(console):
    """Programming, exponent, drift, read noise and all of them against closed forms."""
    checks = [check for name in FORMS for check in run_checks(name, seed=SEEDS[0])]
    failed = [check for check in checks if not check.holds]
    worst = max(checks, key=lambda check: abs(check.errors))
    console.print(f"statistics: {len(checks)} checks, seed {SEEDS[0]}, bound {BOUND:g} standard "
                  f"errors ({false_alarms(len(checks)):.1e} false alarms expected); largest "
                  f"{abs(worst.errors):.2f}: {worst.device}, {worst.what}, level {worst.level:g} "
                  f"{worst.time}")
    if failed:
        _table(console, "failed", ("device", "what", "level", "time", "measured", "expected",
                                   "standard errors"),
               [(c.device, c.what, c.level, c.time, c.measured, c.expected, c.errors)
                for c in failed[:20]])
    draw(FOLDER / "statistics.png", plots.deviations, [c.errors for c in checks], BOUND,
               "Golden devices against closed forms")
    return [Figure.equal("golden.statistics", len(failed), 0, **_of("checks")),
            Figure.reported("golden.statistics_checks", len(checks), **_of("checks")),
            Figure.reported("golden.statistics_largest", abs(worst.errors),
                            **_of("standard errors"))]


def drift(console):
    """Gain and error over ten years against a table computed elsewhere."""
    entries = compare_table(SEEDS)
    worst = max(entries, key=lambda entry: entry.relative)
    console.print(f"drift: {len(entries)} entries, means over seeds {SEEDS}; largest deviation "
                  f"{100 * worst.relative:.2f} %: {worst.device}, {worst.age}, {worst.quantity}")
    _table(console, "largest deviations", ("device", "age", "quantity", "table", "measured",
                                           "of one seed, +-", "%"),
           [(e.device, e.age, e.quantity, e.table, e.measured, e.spread, 100 * e.relative)
            for e in sorted(entries, key=lambda e: -e.relative)[:8]])
    draw(FOLDER / "drift_table.png", plots.table, entries, list(AGES.values()))
    return [Figure.at_most("golden.drift_table", 100 * worst.relative, 100 * ALLOWED,
                           **_of("%"))]


def mvm(console):
    """Error of the products of the default array, effect by effect."""
    runs = [breakdown(seed) for seed in SEEDS]
    errors = {name: float(np.mean([run[name] for run in runs])) for name in runs[0]}
    chip = [chip_metrics(seed) for seed in SEEDS]
    metrics = {name: float(np.mean([getattr(run, name) for run in chip]))
               for name in ("total", "linear", "residual", "of_largest", "of_swing")}
    _table(console, f"error of products at {SECONDS:g} s, {VOLTAGE_V} V, seeds {SEEDS}, in % of "
           "norm(Wx)", ("what acts", "%"), errors.items())
    _table(console, "uniform weights and inputs, 30 % of each 0: eqs. 2-4 of Le Gallo et al. 2023",
           ("", "%"), [
               ("eps_total of norm(Wx)", metrics["total"]),
               ("eps_linear of norm(Wx)", metrics["linear"]),
               ("eps_residual of norm(Wx)", metrics["residual"]),
               ("eps_residual, sigma over the largest |Wx|", metrics["of_largest"]),
               ("eps_residual, sigma over the swing of Wx", metrics["of_swing"]),
               ("published sigma of HERMES, normalised", HERMES_MVM_ERROR)])
    draw(FOLDER / "mvm_error.png", plots.bars,
               {name: value for name, value in errors.items() if value < 30},
               "What makes the error of a product", "% of norm(Wx)")
    figures = [Figure.reported("golden.mvm_error", errors["everything"], **_of("%"))]
    for key, name in (("programming", "programming alone"), ("drift", "drift alone"),
                      ("read_noise", "read noise alone"), ("converter", "converter alone")):
        figures.append(Figure.reported(f"golden.mvm_error_{key}", errors[name], **_of("%")))
    figures += [
        Figure.reported("golden.mvm_error_gain",
                        errors["everything, one gain for the tile"], **_of("%")),
        Figure.reported("golden.mvm_residual", metrics["residual"], **_of("%")),
        Figure.reported("golden.mvm_residual_of_largest", metrics["of_largest"], **_of("%")),
        Figure.reported("golden.mvm_error_hermes_published", HERMES_MVM_ERROR, **_of("%"))]
    return figures


def aihwkit(console):
    """The golden array against aihwkit itself."""
    if not STAMP.is_file():
        console.print(f"aihwkit: skipped, {MISSING}")
        return []
    comparisons, effects = agreement(seed=SEEDS[0])
    apart = [c for c in comparisons if not c.agrees]
    worst = max(comparisons, key=lambda c: abs(c.errors) / c.bound)
    console.print(f"aihwkit: {len(comparisons)} comparisons, {len(apart)} beyond their bound; "
                  f"nearest {abs(worst.errors):.2f} of {worst.bound:g} standard errors: "
                  f"{worst.device}, {worst.what}, {worst.at}")
    if apart:
        _table(console, "disagreements", ("device", "what", "at", "golden", "aihwkit",
                                          "standard errors"),
               [(c.device, c.what, c.at, c.golden, c.aihwkit, c.errors) for c in apart[:20]])
    _table(console, "devices apart (golden) and joined (aihwkit), programming on",
           ("device", "quantity", "age", "golden", "aihwkit"),
           [row for row in effects if row[2] in ("1 s", "1 y")])
    draw(FOLDER / "aihwkit.png", plots.deviations, [c.errors for c in comparisons], BOUND,
               "Golden against aihwkit (bound of the 99 of whole tiles: 8.3)")
    return [Figure.equal("golden.aihwkit_agreement", len(apart), 0, **_of("comparisons")),
            Figure.reported("golden.aihwkit_comparisons", len(comparisons),
                            **_of("comparisons"))]


def speed(console):
    """Vectors per second of one thread, beside aihwkit and beside two bare products."""
    jobs = [(what, b) for b in BATCHES for what in (
        "products", "wide_products", "physics", "same_terms", "tile")]
    peers = [(what, b) for b in BATCHES for what in ("aihwkit", "aihwkit_default")]
    if STAMP.is_file():
        with golden_server() as ours, aihwkit_server() as theirs:
            seconds, processor = compare_speed(
                {**dict.fromkeys(jobs, ours), **dict.fromkeys(peers, theirs)})
    else:
        console.print(f"speed: not beside aihwkit, {MISSING}")
        with golden_server() as ours:
            seconds, processor = compare_speed(dict.fromkeys(jobs, ours))
    rate = {job: 1 / value for job, value in seconds.items()}
    _table(console, "one thread, 256 x 256, medians", ("what", "batch", "vectors/s",
                                                      "per second of processor time"),
           [(*job, f"{value:,.0f}", f"{1 / processor[job]:,.0f}") for job, value in rate.items()])
    figures, ratios, floors = [], {}, {}

    def report(name, value, unit="x"):
        figures.append(Figure.reported(f"golden.{name}", value, **_of(unit)))

    # Ratios are of processor time: on a quiet machine the same as by the clock on the wall, on a
    # shared one without the turns of others.
    for batch in BATCHES:
        physics = processor["physics", batch]
        report(f"vectors_per_second_{batch}", rate["physics", batch], "vectors/s")
        floors[batch] = physics / processor["products", batch]
        report(f"floor_ratio_{batch}", floors[batch])
        report(f"floor_ratio_wide_{batch}", physics / processor["wide_products", batch])
        if ("aihwkit", batch) in rate:
            fastest = min(processor["aihwkit", batch], processor["aihwkit_default", batch])
            ratios[batch] = fastest / processor["same_terms", batch]
            report(f"vs_aihwkit_{batch}", ratios[batch])
            report(f"vs_aihwkit_fresh_noise_{batch}", fastest / physics)
            report(f"aihwkit_vectors_per_second_{batch}", 1 / fastest, "vectors/s")
    # The worse of the two batches is the one that must hold.
    if ratios:
        figures.append(Figure.at_least("golden.vs_aihwkit", min(ratios.values()), 1.0,
                                       **_of("x")))
    figures.append(Figure.at_most("golden.floor_ratio", max(floors.values()), 3, **_of("x")))
    small, large = BATCHES
    figures.append(Figure.at_least("golden.tile_vectors_per_second", rate["tile", small], 50_000,
                                   **_of("vectors/s")))
    report(f"tile_vectors_per_second_{large}", rate["tile", large], "vectors/s")
    draw(FOLDER / "speed.png", plots.bars,
               {f"{what}, batch {batch}": value / 1000 for (what, batch), value in rate.items()},
               "One thread, 256 x 256", "1000 vectors/s")
    return figures


def memory(console):
    """Peak memory of a process through which a million vectors stream."""
    found = peak_memory()
    console.print(f"memory: {found['vectors']:,} vectors in {found['seconds'][0]:.0f} s, peak "
                  f"{found['megabytes']:.0f} MB")
    return [Figure.at_most("golden.peak_mb", found["megabytes"], 500, **_of("MB"))]


PARTS = {"statistics": statistics, "drift": drift, "mvm": mvm, "aihwkit": aihwkit,
         "speed": speed, "memory": memory}
"""Parts by name, in the order in which they run."""
