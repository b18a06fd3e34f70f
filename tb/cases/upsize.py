"""Upsize: parts in order; `last` ends a beat wherever it comes, and missing parts are 0."""

from amaranth.hdl import Module
from amaranth.lib import wiring

from hw.formats.link import link
from hw.streams.downsize import Downsize
from hw.streams.upsize import Upsize
from tb.agents.streams import StreamAgent, Streams
from tb.bits import pack

VARIANTS = {"eighth": (8, 64), "half": (8, 16), "third": (8, 24), "same": (16, 16)}
"""Bits of a narrow and of a wide beat."""


class Wire(wiring.Component):
    """An `Upsize` of one part, which has no clock, in front of a `Downsize`, which has one."""

    def __init__(self, width):
        self._up, self._down = Upsize(narrow=width, wide=width), Downsize(wide=width, narrow=width)
        super().__init__({"i": self._up.signature.members["i"],
                          "o": self._down.signature.members["o"]})

    def elaborate(self, platform):
        m = Module()
        m.submodules.up, m.submodules.down = up, down = self._up, self._down
        link(m, wiring.flipped(self.i), up.i)
        link(m, up.o, down.i)
        link(m, down.o, wiring.flipped(self.o))
        return m


def build(variant):
    narrow, wide = VARIANTS[variant]
    return Upsize(narrow=narrow, wide=wide) if narrow < wide else Wire(wide)


def agent(variant, rng, *, max_idle, max_stall):
    narrow, wide = VARIANTS[variant]
    parts = wide // narrow
    given, wanted, ends = [], [], set()
    for k in range(200):
        # Every length of a beat, then whole ones, with and without last.
        count = k % parts + 1 if k < 2 * parts else parts
        last = int(count < parts or rng.integers(2))
        data = [int.from_bytes(rng.bytes(narrow // 8), "little") for _ in range(count)]
        given += [part | (last & (n == count - 1)) << narrow for n, part in enumerate(data)]
        wanted.append(pack(data, narrow) | last << wide)
        ends.add((count, last))
    assert len(ends) == parts + 1, "a length is not exercised"
    return StreamAgent(Streams(given=given, wanted=wanted), rng,
                       max_idle=max_idle, max_stall=max_stall)


def check_timing(variant, agent):
    """With no idle and no stall: a part per clock, a beat the clock after its last part."""
    narrow, wide = VARIANTS[variant]
    assert agent.taken[-1] - agent.taken[0] == len(agent.taken) - 1
    assert agent.sent[-1] - agent.taken[-1] == (wide > narrow)
