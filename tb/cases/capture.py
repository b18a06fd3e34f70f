"""Capture: all counters captured at once, dealt group by group with the read's tag."""

import itertools

from golden.readout import capture, groups
from hw.readout.capture import Capture
from hw.readout.payloads import group_range
from hw.readout.payloads import tag as tag_layout
from tb.agents.streams import StreamAgent, Streams
from tb.bits import encode, pack
from tb.cases.configs import CONFIGS
from tb.cases.reads import random_results

VARIANTS = ("tiny", "small", "one_group", "three_groups", "two_blocks", "four_blocks", "one_phase")


def build(variant):
    return Capture(CONFIGS[variant])


def window_payload(counts, tag, config):
    """Counts (2, counters) and tag of a window as one payload: all P, all N, the tag."""
    bits = config.readout.counter_bits
    return pack(counts.ravel(), bits) | encode(tag_layout(config), tag) << counts.size * bits


def group_payloads(counts, tag, config):
    """Counts (2, counters) of a window as the payloads of those of its groups that the tag has."""
    lanes, bits = config.nmpu.lanes, config.readout.counter_bits
    group_bits = (group_range(config).stop - 1).bit_length()
    word = encode(tag_layout(config), tag)
    first = tag["block"] * (config.counters // lanes)
    return [pack([*p, *n], bits) | first + k << 2 * lanes * bits
            | word << 2 * lanes * bits + group_bits
            for k, (p, n) in enumerate(zip(*groups(counts, lanes=lanes), strict=True))
            if tag["first_group"] <= first + k <= tag["last_group"]]


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    bits = config.readout.counter_bits
    top = (1 << bits) - 1
    _, results = random_results(config, rng, 60)
    given, wanted, flags, dealt = [], [], [], []
    pairs = itertools.cycle(rng.permutation(config.counters).tolist())
    full_ones = set()
    for result in results:
        for tag, counts in result.windows(config):
            # A measurement's counts take the same way; here they are told by their tag alone.
            tag = {**tag, "measure": int(rng.integers(2))}
            counts = counts.copy()
            if rng.random() < 0.4:
                pair = next(pairs)
                counts[rng.integers(2), pair] = top
                full_ones.add(pair)
            _, full = capture(counts, counter_bits=bits)
            given.append(window_payload(counts, tag, config))
            wanted += group_payloads(counts, tag, config)
            flags.append({"full": pack(full, 1)})
            dealt.append(len(wanted) - sum(dealt))
    assert len(full_ones) == config.counters, "a pair is never full"
    assert config.blocks == 1 or 0 in dealt, "no window is dropped"
    agent = StreamAgent(Streams(given=given, wanted=wanted, flags=flags), rng,
                        max_idle=max_idle, max_stall=max_stall)
    agent.dealt = dealt
    return agent


def check_timing(variant, agent):
    """With no idle and no stall: a capture every time the groups have left, from the next clock;
    a window without groups takes the clock of its capture."""
    clock, taken, sent = agent.taken[0], [], []
    for groups_of_window in agent.dealt:
        taken.append(clock)
        sent += range(clock + 1, clock + 1 + groups_of_window)
        clock += max(groups_of_window, 1)
    assert agent.taken == taken
    assert agent.sent == sent
