"""Gather: reads of any columns in any order, up to the accumulator's proven bounds."""

import numpy as np

from golden.formats import NmpuFormats
from golden.nmpu import gather
from hw.nmpu.gather import Gather
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.stimulus import magnitudes

VARIANTS = ("tiny", "one_group", "three_groups")


def build(variant):
    return Gather(CONFIGS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    formats, reads = NmpuFormats.of(config), config.nmpu.max_reads
    rows, wanted, open_reads = [], [], {}

    def read(group, value, *, first=False, valid=True):
        rows.append({"group": group, "valid": int(valid), "first": int(first),
                     "i": int(value) & mask(formats.combined.fmt.width)})
        if not valid:
            wanted.append({"o": None})
            return
        history = open_reads.setdefault(group, [])
        if first:
            history.clear()
        history.append(int(value))
        total = gather(np.array(history)[:, None], config)[0]
        wanted.append({"o": int(total) & mask(formats.accumulated.fmt.width)})

    read(0, 0, valid=False)
    for bound in (formats.combined.low, formats.combined.high):
        for interleaved in (False, True):
            for k in range(reads):
                read(0, bound, first=k == 0)
                if interleaved:
                    read(config.groups - 1, rng.integers(-9, 9), first=True)
                    read(0, -bound, first=True, valid=False)
    for group in range(config.groups):
        read(group, group + 1, first=True)
    for value in magnitudes(rng, formats.combined.fmt, 2000):
        value = np.clip(value, formats.combined.low, formats.combined.high)
        group = int(rng.integers(config.groups))
        full = len(open_reads[group]) == reads
        read(group, value, valid=rng.random() < 0.8, first=full or rng.random() < 0.15)

    totals = [row["o"] for row in wanted]
    for bound in (formats.accumulated.low, formats.accumulated.high):
        assert bound & mask(formats.accumulated.fmt.width) in totals, "a bound is not exercised"
    inputs = [{**row, "next_group": following["group"]}
              for row, following in zip(rows, [*rows[1:], rows[0]], strict=True)]
    return PipelineAgent(Pipeline(inputs=inputs, outputs=wanted, latency=Gather.latency),
                         rng, max_stall=max_stall)
