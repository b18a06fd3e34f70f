"""ResidualIn: bytes of several beats for all lanes; vectors that end before all have one."""

from hw.streams.residuals import ResidualIn
from tb.agents.streams import StreamAgent, Streams
from tb.bits import pack
from tb.cases.configs import CONFIGS

VARIANTS = {"tiny": CONFIGS["tiny"], "four_lanes": CONFIGS["tiny"].replace(nmpu={"lanes": 4})}


def build(variant):
    return ResidualIn(VARIANTS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    config = VARIANTS[variant]
    lanes = config.nmpu.lanes
    given, wanted = [], []
    for _ in range(200):
        count = int(rng.integers(1, lanes)) if rng.random() < 0.2 else lanes
        last = int(count < lanes or rng.integers(2))
        row = rng.integers(-128, 128, count).tolist()
        given += [value & 0xFF | (last and n == count - 1) << 8 for n, value in enumerate(row)]
        wanted.append(pack(row, 8) | last << 8 * lanes)
    return StreamAgent(Streams(given=given, wanted=wanted), rng,
                       max_idle=max_idle, max_stall=max_stall)


def check_timing(variant, agent):
    """With no idle and no stall: a beat per clock, all lanes the clock after the last of them."""
    assert agent.taken[-1] - agent.taken[0] == len(agent.taken) - 1
    assert agent.sent[-1] - agent.taken[-1] == 1
