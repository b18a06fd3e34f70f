"""The readout: sustained streams, every pattern, every mode, and what calibration leaves."""

from golden.presets import hermes, small
from tb.designs import read_metrics, simulate_tile
from tb.figures import Figure

__all__ = ["calibration", "patterns", "timing"]

COMMAND = "make regress"
VECTORS = 1000
PATTERN_VECTORS = 10_000
HERMES_NS = {"one_phase": 133, "four_phase": 520}
"""Published latency of a multiplication without digital work: Le Gallo et al., Nature Electronics
6, 680-693, 2023, table I; at 1 GHz a clock is a nanosecond."""


def common(unit):
    return {"unit": unit, "command": COMMAND}


def timing(console):
    """Utilisation of the array in a stream, and the clocks of one vector in every mode."""
    found = []
    one_bank = hermes.replace(readout={"counter_banks": 1})
    for name, config, suffix in (("hermes", hermes, ""), ("hermes-one_bank", one_bank,
                                                          "_one_bank")):
        simulate_tile(config, name, "tb.regress.timing_tests", env={"VECTORS": str(VECTORS)})
        run, modes = read_metrics(name, "sustained"), read_metrics(name, "one_vector")
        share = 100 * run["integrated"] / run["clocks"]
        console.print(f"{name}: {run['vectors']:,} vectors in {run['clocks']:,} clocks, gates open "
                      f"for {run['integrated']:,}", highlight=False)
        if suffix:
            found.append(Figure.reported(f"readout.utilisation{suffix}", share, **common("%")))
            continue
        found.append(Figure.at_least("readout.utilisation", share, 99, **common("%")))
        for mode, clocks in modes.items():
            found += [
                Figure.reported(f"readout.{mode}_window_clocks", clocks["integrated"],
                                **common("clocks")),
                Figure.reported(f"readout.{mode}_clocks", clocks["total"], **common("clocks")),
            ]
            beside = (f", HERMES {HERMES_NS[mode]} ns without its digital work"
                      if mode in HERMES_NS else "")
            console.print(f"{mode}: windows {clocks['integrated']} clocks, first gate to last "
                          f"result {clocks['total']}{beside}", highlight=False)
    return found


def patterns(console):
    """Content under idle and back-pressure, and the functional coverage of it."""
    found = []
    for name, config in (("small", small),
                         ("small-one_bank", small.replace(readout={"counter_banks": 1}))):
        simulate_tile(config, name, "tb.regress.pattern_tests",
                      env={"VECTORS": str(PATTERN_VECTORS // 2)})
        run = read_metrics(name, "patterns")
        suffix = name.removeprefix("small").replace("-", "_")
        console.print(f"{name}: {run['vectors']:,} vectors in {run['windows']:,} windows, "
                      f"{run['saturations']:,} captures at full scale, coverage "
                      f"{run['covered']} of {run['bins']} bins"
                      + (f", missing {', '.join(run['holes'])}" if run["holes"] else ""),
                      highlight=False)
        for point, bins in run["points"].items():
            console.print(f"  {point}: " + ", ".join(f"{k} {v:,}" for k, v in bins.items()),
                          highlight=False)
        found += [
            Figure.at_least(f"readout.pattern_vectors{suffix}", run["vectors"],
                            PATTERN_VECTORS // 2, **common("vectors")),
            Figure.equal(f"readout.functional_coverage{suffix}",
                         100 * run["covered"] / run["bins"], 100, **common("%")),
        ]
    return found


def calibration(console):
    """Converters with the published spreads, measured and corrected through the tile."""
    simulate_tile(hermes, "hermes", "tb.system.calibration_tests")
    run = read_metrics("hermes", "calibration")
    console.print(f"calibration of {run['columns']} columns in {run['windows']} windows: gain "
                  f"sigma {100 * run['gain_sigma_before']:.2f} -> "
                  f"{100 * run['gain_sigma_after']:.3f} %, INL {run['inl_before']:.2f} -> "
                  f"{run['inl_after']:.2f} counts", highlight=False)
    return [
        Figure.reported("readout.gain_sigma_before", 100 * run["gain_sigma_before"],
                        **common("%")),
        Figure.at_most("readout.gain_sigma", 100 * run["gain_sigma_after"], 0.5, **common("%")),
        Figure.at_most("readout.inl", run["inl_after"], 1, **common("counts")),
        Figure.reported("readout.corrected_error", run["error_after"], **common("counts")),
        Figure.reported("readout.calibration_windows", run["windows"], **common("windows")),
    ]
