"""Lane: whole results against golden, each input at the clock the lane wants it."""

import numpy as np

from golden.formats import NmpuFormats
from golden.registers import COEFFICIENTS
from hw.nmpu.lane import Lane
from hw.nmpu.stages import LaneClocks
from tb.agents.pipeline import Pipeline, PipelineAgent, skew
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.cases.reads import random_results

VARIANTS = ("tiny", "one_group", "three_groups", "fine", "whole", "one_phase",
            "two_blocks", "no_streams", "deep", "deep_fine", "halves",
            "one_clock")


def build(variant):
    return Lane(CONFIGS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    lanes, clocks = config.nmpu.lanes, LaneClocks.of(config)
    # The lane is the first of all: its columns are the first of each group.
    items = [{"group": 0, "valid": 0}]
    results_wanted, sums_wanted = [None], [None]
    banks, results = random_results(config, rng, 60)
    for result in results:
        for tag, counts in result.windows(config):
            first = tag["block"] * config.counters
            for column in range(first, first + config.counters, lanes):
                if not tag["first_group"] <= column // lanes <= tag["last_group"]:
                    continue
                while rng.random() < 0.2:
                    items.append({**items[-1], "valid": 0})
                    results_wanted.append(None)
                    sums_wanted.append(None)
                items.append({
                    **tag, "group": column // lanes, "valid": 1,
                    "counts": counts[:, column - first],
                    "partial": 0 if result.start is None else int(result.start[column]),
                    "received": 0 if result.received is None else int(result.received[column]),
                    "residual": int(result.received is not None)})
                made = tag["last"] and result.wanted is not None
                results_wanted.append(int(result.wanted[column]) if made else None)
                sums_wanted.append(int(result.accumulated[column]) if tag["last"] else None)
    n = len(items)

    def column(name, default=0):
        return [item.get(name, default) for item in items]

    def coefficients(name):
        base, _, polarity = name.partition("_") if name[-2:] in ("_p", "_n") else (name, "", "")
        fmt = getattr(config.nmpu, base)
        raw = [getattr(bank, base) for bank in banks]
        chosen = [raw[item.get("bank", 0)] for item in items]
        if polarity:
            chosen = [array["pn".index(polarity)] for array in chosen]
        return [int(array[item["group"] * lanes]) & mask(fmt.width)
                for array, item in zip(chosen, items, strict=True)]

    groups = column("group")
    counts = [item.get("counts", np.zeros(2, dtype=np.int64)) for item in items]
    columns = {
        "count_p": (0, [int(c[0]) for c in counts]), "count_n": (0, [int(c[1]) for c in counts]),
        "next_group": (clocks.gather_at - 1, groups), "group": (clocks.gather_at, groups),
        "valid": (clocks.gather_at, column("valid")), "first": (clocks.gather_at, column("first")),
        **{name: (clocks.gather_at, column(name)) for name in ("weight", "resume")},
        **{name: (clocks.normalise_at, column(name)) for name in ("bypass",)},
        "relu_first": (clocks.relu_at, column("relu_first")),
        "shift": (clocks.requantise_at, column("shift")),
        "relu": (clocks.requantise_at, column("relu")),
        "bits": (clocks.requantise_at, column("output_bits", 8)),
        **{name: (clocks.normalise_at if name.startswith("norm") else 0, coefficients(name))
           for name in COEFFICIENTS},
    }
    formats = NmpuFormats.of(config)
    if config.nmpu.partial_sums:
        columns |= {
            "sums": (clocks.gather_at, column("sums")),
            "partial": (clocks.gather_at, [value & mask(formats.partial.fmt.width)
                                         for value in column("partial")])}
    if config.nmpu.residual:
        columns |= {
            "residual_valid": (clocks.gather_at, column("residual")),
            "residual": (clocks.gather_at, [value & 0xFF for value in column("received")]),
            "residual_scale": (clocks.gather_at, column("residual_scale")),
            "residual_shift": (clocks.normalise_at, column("residual_shift"))}
    if config.groups == 1:
        del columns["group"]  # a port of no bits
    # Sums are seen earlier than results, so those of later items accompany each result.
    ahead = clocks.latency - clocks.normalise_at
    width = formats.accumulated.fmt.width
    outputs = [{"o": None if y is None else y & 0xFF,
                "gathered": None if total is None else total & mask(width)}
               for y, total in zip(results_wanted, [*sums_wanted[ahead:], *[None] * ahead],
                                   strict=True)]
    work = Pipeline(inputs=skew(n, **columns), outputs=outputs, latency=clocks.latency,
                    enable=("combine_en", "gather_en", "en"))
    return PipelineAgent(work, rng, max_stall=max_stall)
