"""Fp16Unit: coefficients over the bus, then vectors of any bank and flags, against golden."""

import numpy as np

from golden.readout import groups
from hw.baseline.fp16_datapath import Fp16Datapath
from hw.baseline.fp16_unit import Fp16Unit, fp16_tag
from hw.readout.payloads import group_range
from tb.agents.streams import StreamAgent, Streams
from tb.bits import encode, pack
from tb.cases.configs import CONFIGS
from tb.cases.fp16_vectors import (
    COEFFICIENTS,
    FLAGS,
    coefficient_words,
    random_coefficients,
    random_counts,
    random_received,
    wanted_results,
)
from tb.cases.nmpu import result_payloads

VARIANTS = {
    "tiny": (CONFIGS["tiny"], True),
    "alone": (CONFIGS["tiny"], False),
    "one_group": (CONFIGS["one_group"], True),
    "one_lane": (CONFIGS["one_lane"], True),
    "three_groups": (CONFIGS["three_groups"], True),
}
"""Configuration, and whether there is a sum with what was received."""
VECTORS = {"one_group": 12, "tiny": 16}


def build(variant):
    config, receives = VARIANTS[variant]
    return Fp16Unit(config, receives=receives)


def write_all(banks, receives, rng):
    """One clock of inputs per coefficient, in random order."""
    writes = [
        {"bus.bank": bank, "bus.column": column, "bus.word": number, "bus.write": 1,
         "bus.data": int(value)}
        for bank, coefficients in enumerate(banks)
        for number, (name, row) in enumerate(coefficient_words(*coefficients).items())
        if receives or name != "received_scale"
        for column, value in enumerate(row)]
    # Refused, or the affine steps would have another sign: one bit too many, a word too many.
    other = [{**write, "bus.data": write["bus.data"] ^ 0x8000} for write in writes
             if write["bus.word"] == COEFFICIENTS.index("norm_scale")]
    return [*(writes[k] for k in rng.permutation(len(writes))),
            *({**write, "bus.data": write["bus.data"] | 1 << 16} for write in other),
            *({**write, "bus.word": len(COEFFICIENTS) - (not receives)} for write in other),
            {"bus.write": 0}]


def agent(variant, rng, *, max_idle, max_stall):
    config, receives = VARIANTS[variant]
    columns, lanes, bits = config.array.columns, config.nmpu.lanes, config.readout.counter_bits
    group_bits = (group_range(config).stop - 1).bit_length()
    banks = [random_coefficients(rng, columns) for _ in range(2)]
    given, wanted, received = [], [], []
    for _ in range(VECTORS.get(variant, 24)):
        flags = {name: int(rng.integers(2)) if receives or name == "relu" else 0
                 for name in FLAGS}
        bank = int(rng.integers(2))
        counts, other = random_counts(rng, config, (2, columns)), random_received(rng, columns)
        coefficients, scale = banks[bank]
        result, _ = wanted_results(config, counts, coefficients, scale, other, flags)
        wanted += result_payloads(result, config)
        used = FLAGS if receives else FLAGS[:1]
        tag = encode(fp16_tag(receives), {"bank": bank, **{name: flags[name] for name in used}})
        p, n = (groups(polarity, lanes=lanes) for polarity in counts)
        given += [pack([*p[k], *n[k]], bits) | k << 2 * lanes * bits
                  | tag << 2 * lanes * bits + group_bits for k in range(config.groups)]
        if flags["receive"]:
            received += [pack(part, 8) for part in groups(other, lanes=lanes)]
    assert len({*wanted}) > len(wanted) // 4
    work = Streams(setup=write_all(banks, receives, rng), given=given, wanted=wanted,
                   also_given={"received": received} if receives else {})
    return StreamAgent(work, rng, max_idle=max_idle, max_stall=max_stall)


def check_timing(variant, agent):
    """With no idle and no stall: a group per clock, each result ``latency`` clocks later."""
    taken, sent = np.array(agent.taken), np.array(agent.sent)
    assert taken[-1] - taken[0] == len(taken) - 1, "a group must be taken every clock"
    latency = Fp16Datapath.latency_of(VARIANTS[variant][1])
    assert (sent - taken == latency).all(), "each group must leave after the latency"
