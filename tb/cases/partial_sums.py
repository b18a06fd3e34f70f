"""SumsIn and SumsOut: words on both sides of both clip edges, and beyond 32 bits.

What comes in is clipped and leaves again as words, so both edges are seen at once.
"""

from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from golden.formats import NmpuFormats
from golden.nmpu import clip_sums
from hw.streams.axi import beat
from hw.streams.partial_sums import SumsIn, SumsOut, sums_width
from tb.agents.streams import StreamAgent, Streams
from tb.bits import pack
from tb.cases.configs import CONFIGS

VARIANTS = {
    "tiny": CONFIGS["tiny"],
    "one_part": CONFIGS["tiny"].replace(stream={"y_bits": 16}),
    "long_words": CONFIGS["tiny"].replace(nmpu={"accumulator_bits": 40}),
}


class Through(wiring.Component):
    """From beats and back."""

    def __init__(self, config):
        self._config = config
        width = sums_width(config)
        super().__init__({"i": In(stream.Signature(beat(width))),
                          "o": Out(stream.Signature(beat(width))), "clipped": Out(1)})

    def elaborate(self, platform):
        m = Module()
        m.submodules.sums_in = enters = SumsIn(self._config)
        m.submodules.sums_out = leaves = SumsOut(self._config)
        wiring.connect(m, wiring.flipped(self.i), enters.i)
        wiring.connect(m, leaves.o, wiring.flipped(self.o))
        m.d.comb += [
            leaves.i.valid.eq(enters.o.valid),
            # A sink may wait for what is offered, and the lanes do.
            enters.o.ready.eq(leaves.i.ready & enters.o.valid),
            leaves.i.payload.last.eq(enters.o.payload.last),
            *(leaves.i.payload.data[k].eq_proven(enters.o.payload.data[k].raw)
              for k in range(self._config.nmpu.lanes)),
            self.clipped.eq(enters.clipped),
        ]
        return m


def build(variant):
    return Through(VARIANTS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    config = VARIANTS[variant]
    partial, bits = NmpuFormats.of(config).partial, config.sum_bits
    words, lanes = config.stream.y_bits // 8, config.nmpu.lanes
    parts = lanes // words
    limit = 1 << (bits - 1)
    edges = [edge + k for edge in (partial.low, partial.high) for k in (-1, 0, 1)]
    edges += [-limit, limit - 1, 0, -1]
    given, wanted, flags, both = [], [], [], set()
    for k in range(200):
        # Sometimes the end comes before all lanes have their word: theirs is 0.
        count = 1 if k and parts > 1 and rng.random() < 0.2 else parts
        last = int(count < parts or rng.integers(2))
        values = rng.choice(edges, (count, words)) if k % 2 else rng.integers(
            -limit, limit - 1, (count, words)) >> rng.integers(0, bits)
        for n, row in enumerate(values):
            sums, clipped = clip_sums(row, config)
            ends = (last and n == count - 1) << bits * words
            given.append(pack(row, bits) | ends)
            flags.append({"clipped": int(clipped)})
            both.add(clipped)
            values[n] = sums
        rows = [*values.tolist(), *[[0] * words] * (parts - count)]
        wanted += [pack(row, bits) | (last and n == parts - 1) << bits * words
                   for n, row in enumerate(rows)]
    assert both == {False, True}
    return StreamAgent(Streams(given=given, wanted=wanted, flags=flags), rng,
                       max_idle=max_idle, max_stall=max_stall)


def check_timing(variant, agent):
    """With no idle and no stall: one clock for the clip, one for the gathering of parts.

    A wide beat in which narrow ones gather is free again when it has left in parts, so only a
    single part passes every clock.
    """
    config = VARIANTS[variant]
    parts = config.nmpu.lanes // (config.stream.y_bits // 8)
    assert agent.sent[0] - agent.taken[0] == (1 if parts == 1 else 1 + parts)
    assert parts > 1 or agent.sent[-1] - agent.sent[0] == len(agent.sent) - 1
