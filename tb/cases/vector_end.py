"""VectorEnd: a flush at any moment of a beat, of a vector, and of the end of a flush before."""

from hw.streams.vector_end import VectorEnd
from tb.agents.script import ScriptAgent

VARIANTS = ("bytes",)
WIDTH = 8
LAST, BROKEN = 1 << WIDTH, 2 << WIDTH
CLOSING = LAST | BROKEN
TIMES = 6
"""How often each kind of flush must have come."""

MOMENTS = ("taken", "taken last", "closing")
IDLE = ("between", "within")
STALLED = ("offered", "offered last", "holding")


def build(variant):
    return VectorEnd(WIDTH)


class Source:
    """Beats of vectors; a flush makes it forget what it offers and begin another vector."""

    def __init__(self, rng, max_idle):
        self._rng, self._max_idle = rng, max_idle
        self.beat, self._left, self._flush = None, 0, 0

    def clock(self):
        """Of the next clock: clocks that are left of a flush, whether it begins, and the beat."""
        rng = self._rng
        self._flush = max(0, self._flush - 1)
        begins = not self._flush and rng.random() < 0.1
        if begins:
            self._flush = int(rng.choice([1, 1, 2, 4, 8]))
        if self._flush and not begins:
            self.beat, self._left = None, 0
        elif self.beat is None and rng.integers(0, self._max_idle, endpoint=True) == 0:
            self._left = self._left or int(rng.integers(1, 5))
            self._left -= 1
            self.beat = int(rng.integers(LAST)) | LAST * (self._left == 0)
        return self._flush, begins, self.beat

    def taken(self):
        self.beat = None


def moment(beat, ready, within, due):
    """What a flush that begins in this clock meets."""
    if due:
        return "closing" if due[0] == CLOSING else "holding"
    if beat is None:
        return "within" if within else "between"
    return ("taken" if ready else "offered") + (" last" if beat & LAST else "")


def script(rng, max_idle, max_stall):
    source = Source(rng, max_idle)
    within = False  # the vector at o is not at its end
    due = []  # beats that must come whatever the source does
    moments = (*MOMENTS, *(IDLE if max_idle else ()), *(STALLED if max_stall else ()))
    tally = {(name, more): 0 for name in moments for more in (False, True)}
    for _ in range(40_000):
        if min(tally.values()) >= TIMES:
            break
        flush, begins, beat = source.clock()
        ready = int(rng.integers(0, max_stall, endpoint=True) == 0)
        if begins:
            tally[moment(beat, ready, within, due), flush > 1] += 1
        seen = yield {"i.valid": int(beat is not None), "flush": int(flush > 0), "o.ready": ready,
                      "i.payload": int(rng.integers(2 * LAST)) if beat is None else beat}
        assert seen["busy"] == bool(due)
        assert seen["i.ready"] == (ready and not due), "taken, and not passed on"
        wanted = due[0] if due else beat
        assert seen["o.valid"] == (wanted is not None)
        assert wanted is None or seen["o.payload"] == wanted, f"{due} was due"
        waits = bool(due)
        if wanted is not None and ready:
            within = not wanted & LAST
            if due:
                due.pop(0)
            else:
                source.taken()
        if flush and not waits:
            if beat is not None and not ready:
                due = [beat, *([] if beat & LAST else [CLOSING])]
            elif within:
                due = [CLOSING]
    assert min(tally.values()) >= TIMES, tally


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(rng, max_idle, max_stall),
                       outputs=("i.ready", "o.valid", "o.payload", "busy"), deadline=50_000)
