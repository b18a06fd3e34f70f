"""CountReadout: all columns captured at once, dealt group by group with the read's tag."""

from golden.readout import capture, groups
from hw.readout.count_readout import CountReadout
from hw.readout.payloads import group_range
from hw.readout.payloads import tag as tag_layout
from tb.agents.streams import StreamAgent, Streams
from tb.bits import encode, pack
from tb.cases.configs import CONFIGS
from tb.cases.reads import random_results

VARIANTS = ("tiny", "small", "one_group", "three_groups")


def build(variant):
    return CountReadout(CONFIGS[variant])


def count_payload(counts, config):
    """Counts (2, columns) as one payload: all P, then all N."""
    return pack(counts.ravel(), config.readout.counter_bits)


def group_payloads(counts, tag, config):
    """Counts (2, columns) of a read as the payloads of its groups."""
    lanes, bits = config.nmpu.lanes, config.readout.counter_bits
    group_bits = (group_range(config).stop - 1).bit_length()
    word = encode(tag_layout(config), tag)
    p, n = (groups(polarity, lanes=lanes) for polarity in counts)
    return [pack([*p[k], *n[k]], bits) | k << 2 * lanes * bits
            | word << 2 * lanes * bits + group_bits for k in range(config.groups)]


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    bits = config.readout.counter_bits
    top = (1 << bits) - 1
    _, results = random_results(config, rng, 60)
    given, wanted, beside, flags = [], [], [], []
    for result in results:
        for tag, counts in zip(result.tags(), result.counts, strict=True):
            counts = counts.copy()
            if rng.random() < 0.3:
                counts[rng.integers(2), rng.integers(config.array.columns)] = top
            _, full = capture(counts, counter_bits=bits)
            given.append(count_payload(counts, config))
            wanted += group_payloads(counts, tag, config)
            beside.append({"due": 1, "tag": encode(tag_layout(config), tag)})
            flags.append({"captured": 1, "full": int(full)})
    assert {row["full"] for row in flags} == {0, 1}
    return StreamAgent(Streams(given=given, wanted=wanted, beside=beside, flags=flags), rng,
                       max_idle=max_idle, max_stall=max_stall)


def check_timing(variant, agent):
    """With no idle and no stall: a capture every ``groups`` clocks, groups from the next clock."""
    groups = CONFIGS[variant].groups
    assert {b - a for a, b in zip(agent.taken, agent.taken[1:], strict=False)} == {groups}
    assert agent.sent[0] - agent.taken[0] == 1
    assert agent.sent[-1] - agent.sent[0] == len(agent.sent) - 1
