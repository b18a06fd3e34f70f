"""Probe: every column chosen in turn while groups pass, wait, and pass again."""

from hw.readout.payloads import group_of_counts
from hw.readout.probe import Probe
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import encode
from tb.cases.configs import CONFIGS

VARIANTS = ("tiny", "one_group", "one_lane", "three_groups", "two_blocks")


def build(variant):
    return Probe(CONFIGS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    lanes, bits = config.nmpu.lanes, config.readout.counter_bits
    inputs, outputs = [], []
    column, shown, tally = 0, (0, 0), {"shown": set(), "cleared": 0, "waited": 0}
    for k in range(1500):
        clear = k == 0 or rng.random() < 0.15
        passes, group = rng.random() < 0.6, int(rng.integers(config.groups))
        if rng.random() < 0.5:
            group = column // lanes
        counts = rng.integers(1, 1 << bits, (2, lanes))
        inputs.append({"column": column, "clear": int(clear), "passes": int(passes),
                       "group": encode(group_of_counts(config), {
                           "counts": {"p": counts[0].tolist(), "n": counts[1].tolist()},
                           "group": group, "tag": {}})})
        outputs.append({"p": shown[0], "n": shown[1]} if k else {})
        mine = group == column // lanes
        if clear:
            tally["cleared"] += shown != (0, 0) and mine and passes
            shown = (0, 0)
            column = int(rng.integers(config.array.columns))
        elif mine and passes:
            shown = tuple(int(polarity[column % lanes]) for polarity in counts)
            tally["shown"].add(column)
        tally["waited"] += mine and not passes
    assert len(tally["shown"]) == config.array.columns
    assert tally["cleared"] > 5 and tally["waited"] > 5, tally
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=0, enable=None),
                         rng, max_stall=max_stall)
