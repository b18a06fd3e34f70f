"""InputBuffer: short, exact and long vectors back to back."""

from hw.drive.input_buffer import InputBuffer
from tb.agents.streams import StreamAgent, Streams
from tb.bits import pack

VARIANTS = {"four_beats": (8, 16), "one_beat": (8, 64), "bytes": (5, 8), "wide_bytes": (3, 24)}
"""Rows, bits of a beat."""


def build(variant):
    rows, width = VARIANTS[variant]
    return InputBuffer(rows=rows, width=width)


def agent(variant, rng, *, max_idle, max_stall):
    rows, width = VARIANTS[variant]
    beats, elements = rows * 8 // width, width // 8
    given, wanted, flags = [], [], []
    lengths = [*range(1, beats + 4), *rng.integers(1, beats + 4, 60).tolist(), *[beats] * 20]
    for length in lengths:
        x = rng.integers(-128, 128, length * elements)
        # A 0 among the data would hide that a surplus beat or an old vector overwrote it.
        x[x == 0] = 1
        for k in range(length):
            data = pack(x[k * elements:(k + 1) * elements], 8)
            given.append(data | (k == length - 1) << width)
            flags.append({"long_vector": int(k >= beats)})
        wanted.append(pack(x[:rows], 8))
    return StreamAgent(Streams(given=given, wanted=wanted, flags=flags), rng,
                       max_idle=max_idle, max_stall=max_stall)
