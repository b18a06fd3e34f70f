"""Gather: reads of any columns in any order, up to the accumulator's proven bounds."""

import itertools

import numpy as np

from golden.formats import NmpuFormats
from golden.nmpu import gather
from hw.nmpu.gather import Gather
from hw.readout.payloads import largest_weight
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.stimulus import magnitudes

VARIANTS = ("tiny", "one_group", "three_groups", "one_phase")


def build(variant):
    return Gather(CONFIGS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    # An exponent of the bank is a weight twice as large.
    formats, most = NmpuFormats.of(config), config.nmpu.max_reads << config.exponents[-1]
    largest = largest_weight(config)
    rows, wanted, open_reads = [], [], {}

    def read(group, value, *, weight=0, first=False, valid=True):
        rows.append({"group": group, "valid": int(valid), "first": int(first), "weight": weight,
                     "i": int(value) & mask(formats.combined.fmt.width)})
        if not valid:
            wanted.append({"o": None})
            return
        history = open_reads.setdefault(group, [])
        if first:
            history.clear()
        history.append((int(value), 1 << weight))
        values, weights = zip(*history, strict=True)
        total = gather(np.array(values)[:, None], list(weights), config)[0]
        wanted.append({"o": int(total) & mask(formats.accumulated.fmt.width)})

    def room(group):
        """What the sum of a group may still take."""
        return most - sum(weight for _, weight in open_reads[group])

    read(0, 0, valid=False)
    for bound in (formats.combined.low, formats.combined.high):
        for interleaved, heaviest in itertools.product((False, True), (0, largest)):
            # Heaviest first, until exactly the allowed weight is reached.
            first = True
            while first or room(0):
                weight = heaviest if first else min(heaviest, room(0).bit_length() - 1)
                read(0, bound, weight=weight, first=first)
                first = False
                if interleaved:
                    read(config.groups - 1 if config.groups > 1 else 0, rng.integers(-9, 9),
                         weight=largest, first=True, valid=config.groups > 1)
                    read(0, -bound, first=True, valid=False)
    for group in range(config.groups):
        read(group, group + 1, first=True)
    for value in magnitudes(rng, formats.combined.fmt, 2000):
        value = np.clip(value, formats.combined.low, formats.combined.high)
        group, weight = int(rng.integers(config.groups)), int(rng.integers(largest + 1))
        full = room(group) < 1 << weight
        read(group, value, weight=weight, valid=rng.random() < 0.8,
             first=full or rng.random() < 0.15)

    totals = [row["o"] for row in wanted]
    for bound in (formats.accumulated.low, formats.accumulated.high):
        assert bound & mask(formats.accumulated.fmt.width) in totals, "a bound is not exercised"
    inputs = [{**row, "next_group": following["group"]}
              for row, following in zip(rows, [*rows[1:], rows[0]], strict=True)]
    return PipelineAgent(Pipeline(inputs=inputs, outputs=wanted, latency=Gather.latency),
                         rng, max_stall=max_stall)
