"""Align: vectors that are exact, too short by any number of beats, or too long."""

from amaranth.lib import data

from hw.streams.align import Align
from tb.agents.streams import StreamAgent, Streams

VARIANTS = ("byte",)


def build(variant):
    return Align(data.ArrayLayout(8, 1))


class EndsAgent(StreamAgent):
    """Tells which beat is the last one wanted, and counts the vectors that are misaligned."""

    def __init__(self, work, ends, misaligned, rng, **limits):
        super().__init__(work, rng, **limits)
        self._wanted_ends, self._misaligned = ends, misaligned
        self.outputs += ("misaligned",)

    def drive(self):
        sent = len(self.sent)
        return {**super().drive(), "ends": self._wanted_ends[min(sent, len(self._wanted_ends) - 1)]}

    def check(self, seen):
        before = len(self.sent)
        super().check(seen)
        wanted = before in self._misaligned and len(self.sent) > before
        assert seen["misaligned"] == wanted, f"misaligned must be {wanted} after beat {before}"


def agent(variant, rng, *, max_idle, max_stall):
    given, wanted, ends, misaligned, lengths = [], [], [], set(), set()
    for _ in range(300):
        length = int(rng.integers(1, 5))
        comes = int(rng.integers(1, 7)) if rng.random() < 0.6 else length
        beats = rng.integers(1, 256, comes).tolist()
        if comes != length:
            misaligned.add(len(wanted) + min(comes, length) - 1)
        given += [byte | (k == comes - 1) << 8 for k, byte in enumerate(beats)]
        wanted += (beats + [0] * length)[:length]
        ends += [int(k == length - 1) for k in range(length)]
        lengths.add((length, comes))
    assert len(lengths) == 4 * 6, "a pair of lengths is not exercised"
    return EndsAgent(Streams(given=given, wanted=wanted), ends, misaligned, rng,
                     max_idle=max_idle, max_stall=max_stall)
