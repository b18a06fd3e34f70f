"""Lane: whole results against golden, each input at the clock the lane wants it."""

import numpy as np

from golden.registers import COEFFICIENTS
from hw.nmpu.lane import Lane
from tb.agents.pipeline import Pipeline, PipelineAgent, skew
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.cases.reads import random_results

VARIANTS = ("tiny", "one_group", "three_groups", "fine", "whole", "one_phase",
            "two_blocks")


def build(variant):
    return Lane(CONFIGS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    lanes = config.nmpu.lanes
    # The lane is the first of all: its columns are the first of each group.
    items = [{"group": 0, "valid": 0}]
    wanted = [None]
    banks, results = random_results(config, rng, 60)
    for result in results:
        for tag, counts in result.windows(config):
            first = tag["block"] * config.counters
            for column in range(first, first + config.counters, lanes):
                while rng.random() < 0.2:
                    items.append({**items[-1], "valid": 0})
                    wanted.append(None)
                items.append({**tag, "group": column // lanes, "valid": 1,
                              "counts": counts[:, column - first]})
                wanted.append(int(result.wanted[column]) if tag["last"] else None)
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
        "next_group": (Lane.gather_at - 1, groups), "group": (Lane.gather_at, groups),
        "valid": (Lane.gather_at, column("valid")), "first": (Lane.gather_at, column("first")),
        "weight": (Lane.gather_at, column("weight")),
        "shift": (Lane.requantise_at, column("shift")),
        "relu": (Lane.requantise_at, column("relu")),
        "bits": (Lane.requantise_at, column("output_bits", 8)),
        **{name: (Lane.normalise_at if name.startswith("norm") else 0, coefficients(name))
           for name in COEFFICIENTS},
    }
    if config.groups == 1:
        del columns["group"]  # a port of no bits
    outputs = [{"o": None if y is None else y & 0xFF} for y in wanted]
    return PipelineAgent(Pipeline(inputs=skew(n, **columns), outputs=outputs,
                                  latency=Lane.latency), rng, max_stall=max_stall)
