"""Gather: reads of any columns in any order, up to the accumulator's proven bounds.

Sums start from 0, from partial sums and from what is there, which counts to the same bounds.
"""

import itertools

import numpy as np

from golden.formats import NmpuFormats
from golden.nmpu import gather
from hw.nmpu.stages import LaneStages
from hw.readout.payloads import largest_weight
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.stimulus import magnitudes

VARIANTS = ("tiny", "one_group", "three_groups", "one_phase", "no_streams", "deep", "halves",
            "one_clock")


def build(variant):
    config = CONFIGS[variant]
    return LaneStages.of(config).gather(config)


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    # An exponent of the bank is a weight twice as large.
    formats, most = NmpuFormats.of(config), config.nmpu.max_reads << config.exponents[-1]
    largest = largest_weight(config)
    partial, has_sums = formats.partial, config.nmpu.partial_sums
    rows, wanted = [], []
    kept, used = {}, {}  # of each group: its sum, and the weight that is in it

    def read(group, value, *, weight=0, first=False, valid=True, resume=False, start=None):
        given = int(rng.integers(partial.low, partial.high)) if start is None else start
        row = {"group": group, "valid": int(valid), "first": int(first), "weight": weight,
               "resume": int(resume), "i": int(value) & mask(formats.combined.fmt.width)}
        if has_sums:
            row |= {"sums": int(start is not None), "partial": given & mask(partial.fmt.width)}
        rows.append(row)
        if not valid:
            wanted.append({"o": None})
            return
        if first and start is not None:
            kept[group], used[group] = start, most // 2
        elif first and not resume:
            kept[group], used[group] = 0, 0
        kept[group] = int(gather(np.array([[value]]), [1 << weight], config,
                                 start=np.array([kept[group]]))[0])
        used[group] += 1 << weight
        wanted.append({"o": kept[group] & mask(formats.accumulated.fmt.width)})

    def room(group):
        """What the sum of a group may still take."""
        return most - used[group]

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
            # The same bound from half of it, or from where a sum was left.
            for resume in (False, True):
                start = (bound > 0 and partial.high or partial.low) if has_sums else None
                read(0, bound, first=True, start=start)
                while room(0):
                    weight = min(heaviest, room(0).bit_length() - 1)
                    read(0, bound, weight=weight, first=resume, resume=resume)
    for group in range(config.groups):
        read(group, group + 1, first=True)
    for value in magnitudes(rng, formats.combined.fmt, 2000):
        value = np.clip(value, formats.combined.low, formats.combined.high)
        group, weight = int(rng.integers(config.groups)), int(rng.integers(largest + 1))
        full = room(group) < 1 << weight
        start = int(rng.choice([partial.low, partial.high, rng.integers(-99, 99)]))
        sums = has_sums and 1 << weight <= most // 2 and rng.random() < 0.3
        # Without `first` neither flag matters.
        read(group, value, weight=weight, valid=rng.random() < 0.8,
             first=full or rng.random() < 0.3, resume=not full and rng.random() < 0.5,
             start=start if sums else None)

    totals = [row["o"] for row in wanted]
    for bound in (formats.accumulated.low, formats.accumulated.high):
        assert bound & mask(formats.accumulated.fmt.width) in totals, "a bound is not exercised"
    inputs = [{**row, "next_group": following["group"]}
              for row, following in zip(rows, [*rows[1:], rows[0]], strict=True)]
    latency = LaneStages.of(config).gather.latency_of(config)
    return PipelineAgent(Pipeline(inputs=inputs, outputs=wanted, latency=latency),
                         rng, max_stall=max_stall)
