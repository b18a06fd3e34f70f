"""InputBuffer: vectors of every range, length and source, with and without a description."""

import itertools

from golden.descriptors import SOURCES
from hw.control.settings import job as job_layout
from hw.control.settings import vector as vector_layout
from hw.drive.input_buffer import InputBuffer, whole_vector
from tb.agents.script import ScriptAgent
from tb.bits import encode, mask, pack
from tb.cases.configs import CONFIGS

VARIANTS = {
    "tiny": CONFIGS["tiny"],
    "one_beat": CONFIGS["tiny"].replace(stream={"x_bits": 64}),
    "bytes": CONFIGS["tiny"].replace(array={"rows": 5}, stream={"x_bits": 8},
                                     program={"engine": False}),
    "wide_bytes": CONFIGS["tiny"].replace(array={"rows": 9}, stream={"x_bits": 24},
                                          program={"engine": False}),
}
OUTPUTS = ("vectors.ready", "i.ready", "activations.ready", "o.valid", "o.payload",
           "long_vector", "busy")
X, ACTIVATIONS, ROWS = range(len(SOURCES))
WHOLE = 8
"""Whole vectors of each source at the end."""

STREAMS = {X: "i", ACTIVATIONS: "activations"}


def build(variant):
    return InputBuffer(VARIANTS[variant])


class Vector:
    """One vector: what is told of it, its beats, and what must come out.

    ``beats`` are (payload, whether it is dropped).
    """

    def __init__(self, config, rng, source, *, first_beat, rows, length):
        width, elements = config.stream.x_bits, config.stream.x_bits // 8
        self.source = X if source is None else source
        self.described = source is not None
        self.job = int(rng.integers(1 << 30)) & mask(job_layout(config).as_shape().width)
        row = int(rng.integers(config.array.rows))
        self.description = encode(vector_layout(config), {
            "source": self.source, "first_beat": first_beat, "rows": rows, "row": row}) | (
                self.job << vector_layout(config)["job"].offset)
        x = rng.integers(-128, 128, length * elements)
        # A 0 among the data would hide that a surplus beat or an old vector overwrote it.
        x[x == 0] = 1
        reached = -(-rows // elements)
        self.beats = [(pack(x[k * elements:(k + 1) * elements], 8) | (k == length - 1) << width,
                       int(k >= reached and self.source == X)) for k in range(length)]
        count = min(rows, len(x))
        start = first_beat * elements
        whole = [0] * start + x[:count].tolist() + [0] * (config.array.rows - start - count)
        layout = whole_vector(config)
        places = {name: (field.offset, field.width) for name, field in layout}
        self.wanted = {"described": int(self.described), "single": int(self.source == ROWS)}
        if self.described:
            self.wanted["job"] = self.job
        if self.source == ROWS:
            self.wanted["row"] = row
            self.beats = []
        else:
            self.wanted["x"] = pack(whole, 8)
        self._places = places

    def check(self, payload):
        for name, value in self.wanted.items():
            low, width = self._places[name]
            got = payload >> low & mask(width)
            assert got == value, f"{name} must be {value:#x}, not {got:#x}"


def vectors(config, rng):
    """Every range with short, exact and long vectors of each source; then any of them."""
    elements, beats, rows = config.stream.x_bits // 8, config.row_beats, config.array.rows
    made = []
    for first in range(beats):
        for count in range(1, rows - first * elements + 1):
            reached = -(-count // elements)
            for length in sorted({1, reached, reached + 1}):
                made.append((int(rng.integers(2)), first, count, length))
    made += [(None, 0, rows, length) for length in (*range(1, beats + 4), *[beats] * 10)]
    made += [(ROWS, 0, rows, 1)] * 20
    made = [made[k] for k in rng.permutation(len(made))]
    # As they will mostly be: whole vectors, one after the other.
    for source in (X, ACTIVATIONS, None, ROWS):
        made += [(source, 0, rows, beats)] * WHOLE
    return [Vector(config, rng, source, first_beat=first, rows=count, length=length)
            for source, first, count, length in made]


class Streams:
    """Descriptions and beats that wait; a beat may be there long before its description."""

    def __init__(self, work, rng, max_idle):
        self._rng, self._max_idle = rng, max_idle
        self.waiting = {"vectors": [(v.description, v) for v in work if v.described],
                        **{name: [(beat, v) for v in work if v.source == source
                                  for beat, _ in v.beats] for source, name in STREAMS.items()}}
        self.offered = dict.fromkeys(self.waiting, False)

    def clock(self, near):
        """Inputs of one clock; descriptions of vectors that are not ``near`` wait."""
        inputs = {}
        for name, items in self.waiting.items():
            if items and not self.offered[name] and (name != "vectors" or items[0][1] in near):
                self.offered[name] = self._rng.integers(0, self._max_idle, endpoint=True) == 0
            offered = self.offered[name]
            inputs[f"{name}.valid"] = int(offered)
            inputs[f"{name}.payload"] = items[0][0] if offered else int(
                self._rng.integers(1 << 16))
        return inputs

    def take(self, name):
        self.offered[name] = False
        return self.waiting[name].pop(0)[1]


def script(config, rng, max_idle, max_stall, sent):
    """``sent`` gets the clock in which each vector left, and what it was."""
    work = vectors(config, rng)
    streams = Streams(work, rng, max_idle)
    left = list(work)  # not gone yet, the one that is being filled first
    told = None  # the vector whose description is held
    taken = 0  # beats of it
    clock, held = 0, None
    while left:
        current = left[0]
        # A description may come while the vector before is there, but not overtake one without.
        near = left[:2] if current.described or taken else []
        inputs = streams.clock(near)
        ready = int(rng.integers(0, max_stall, endpoint=True) == 0)
        if not current.described and not taken:
            direct = int(not max_idle or rng.random() < 0.7)
        elif current.described and told is None and not inputs["vectors.valid"]:
            direct = 0  # its beats would be taken for a vector without
        else:
            direct = int(rng.integers(2))
        seen = yield {**inputs, "direct": direct, "o.ready": ready}
        clock += 1

        complete = told is current and current.source == ROWS or (
            taken == len(current.beats) and bool(current.beats))
        assert seen["o.valid"] == complete
        if complete:
            current.check(seen["o.payload"])
            assert held in (None, seen["o.payload"]), "o must hold until taken"
            held = seen["o.payload"]
        assert seen["busy"] == (told is not None or taken > 0)
        leaves = complete and ready
        free = leaves if told is not None else taken == 0
        assert seen["vectors.ready"] == free, "a description must come before its vector"
        fills = not complete and (told is current or not current.described and (
            taken > 0 or direct and not inputs["vectors.valid"]))
        for source, name in STREAMS.items():
            assert seen[f"{name}.ready"] == (fills and current.source == source), name
        got = fills and inputs[f"{STREAMS[current.source]}.valid"]
        assert seen["long_vector"] == (got and current.beats[taken][1])
        if got:
            streams.take(STREAMS[current.source])
            taken += 1
        if leaves:
            sent.append((clock, current))
            left.pop(0)
            told, taken, held = None, 0, None
        if free and inputs["vectors.valid"]:
            told = streams.take("vectors")
    for _ in range(5):
        seen = yield {"vectors.valid": 0, "i.valid": 0, "activations.valid": 0, "direct": 1,
                      "o.ready": 1}
        assert not seen["o.valid"] and not seen["busy"]


class Agent(ScriptAgent):
    """``sent`` has the clock in which each vector left, and what it was."""

    def __init__(self, config, rng, max_idle, max_stall):
        self.sent = []
        super().__init__(script(config, rng, max_idle, max_stall, self.sent), outputs=OUTPUTS,
                         deadline=30_000)


def agent(variant, rng, *, max_idle, max_stall):
    return Agent(VARIANTS[variant], rng, max_idle, max_stall)


def check_timing(variant, agent):
    """A vector follows another in as many clocks as it has beats, and one to be taken.

    A description that waits behind a vector without one needs another clock.
    """
    last = agent.sent[-4 * WHOLE:]
    for (before, one), (after, other) in itertools.pairwise(last):
        late = other.described and not one.described
        assert after - before == len(other.beats) + 1 + late, other.source
