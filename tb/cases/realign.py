"""Realign: flushes before and between the beats of a vector, and while its rest is dropped."""

import itertools

from hw.streams.realign import Realign
from tb.agents.script import ScriptAgent

VARIANTS = ("bytes",)
WIDTH = 8
LENGTHS = (1, 2, 3, 5)
LAST = 1 << WIDTH


def build(variant):
    return Realign(WIDTH)


def plans(rng):
    """(beats of a vector, flushes): before beat ``k``, offered or not, of so many clocks each."""
    kinds = [*itertools.product((False, True), (1, 2, 6))]
    for length in LENGTHS:
        yield length, {}
        for k in range(length):
            for kind in kinds:
                yield length, {k: kind}
    for _ in range(150):
        length = int(rng.integers(1, 7))
        flushed = [k for k in range(length) if rng.random() < 0.3]
        yield length, {k: kinds[rng.integers(len(kinds))] for k in flushed}


def script(rng, max_idle, max_stall):
    def pause(longest):
        return int(rng.integers(0, longest, endpoint=True))

    def clock(*, beat, ready, flush=0):
        """One clock; ``beat`` is None if none is offered."""
        given = int(rng.integers(2 * LAST)) if beat is None else beat
        seen = yield {"i.valid": int(beat is not None), "i.payload": given, "o.ready": ready,
                      "flush": flush}
        if beat is None or flush:
            assert not seen["o.valid"], "a beat that nobody offers"
        return seen

    passed, dropped = 0, 0
    for length, flushes in plans(rng):
        cut = False  # a flush began after the first beat
        for k in range(length):
            beat = int(rng.integers(LAST)) | LAST * (k == length - 1)
            offered, clocks = flushes.get(k, (False, 0))
            if offered and not cut:  # it waits before the flush too
                seen = yield from clock(beat=beat, ready=0)
                assert seen["o.valid"] and not seen["i.ready"]
            for _ in range(clocks):
                seen = yield from clock(beat=beat if offered else None,
                                        ready=int(rng.integers(2)), flush=1)
                assert not seen["i.ready"], "a beat is taken in a flush"
                cut = cut or k > 0
            for _ in range(pause(max_idle) if not offered else 0):
                yield from clock(beat=None, ready=int(pause(max_stall) == 0))
            taken = False
            while not taken:
                ready = int(pause(max_stall) == 0)
                seen = yield from clock(beat=beat, ready=ready)
                assert seen["o.valid"] == (not cut), f"beat {k} of {length}, {flushes}"
                assert cut or seen["o.payload"] == beat
                taken = seen["i.ready"]
                assert taken == (cut or ready), f"beat {k} of {length}, {flushes}"
            passed, dropped = passed + (not cut), dropped + cut
    for _ in range(5):
        yield from clock(beat=None, ready=1)
    assert passed > 100 and dropped > 100


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(rng, max_idle, max_stall),
                       outputs=("i.ready", "o.valid", "o.payload"), deadline=20_000)
