"""Downsize: parts in order, `last` on the final one only."""

from hw.streams.downsize import Downsize
from tb.agents.streams import StreamAgent, Streams
from tb.bits import mask

VARIANTS = {"eighth": (64, 8), "half": (16, 8), "third": (24, 8), "same": (16, 16)}
"""Bits of a wide and of a narrow beat."""


def build(variant):
    wide, narrow = VARIANTS[variant]
    return Downsize(wide=wide, narrow=narrow)


def agent(variant, rng, *, max_idle, max_stall):
    wide, narrow = VARIANTS[variant]
    parts = wide // narrow
    given, wanted = [], []
    for _ in range(200):
        data, last = int.from_bytes(rng.bytes(wide // 8), "little"), int(rng.integers(2))
        given.append(data | last << wide)
        wanted += [data >> k * narrow & mask(narrow) | (last & (k == parts - 1)) << narrow
                   for k in range(parts)]
    return StreamAgent(Streams(given=given, wanted=wanted), rng,
                       max_idle=max_idle, max_stall=max_stall)


def check_timing(variant, agent):
    """With no idle and no stall: a part per clock, the last with its beat."""
    assert agent.sent[-1] - agent.sent[0] == len(agent.sent) - 1
    assert agent.sent[-1] == agent.taken[-1]
