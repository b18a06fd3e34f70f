"""CalibrationSource: constant, one row after the other, stored ones in turn; the bus beside it."""

import numpy as np

from golden.drift.measure import INPUTS, calibration_vectors
from golden.presets import tiny
from golden.registers import VECTOR_BASE, WINDOW_BITS, vector_address
from hw.drive.calibration_source import CalibrationSource
from tb.agents.script import ScriptAgent
from tb.bits import mask, pack
from tb.cases.configs import CONFIGS

VARIANTS = {
    "tiny": CONFIGS["tiny"],
    "three_words": tiny.replace(array={"rows": 12}),  # take four
    "half_a_word": tiny.replace(array={"rows": 2}, drift={"vectors": 1, "max_repeats": 8}),
    "largest": tiny.replace(array={"rows": 64}, drift={"vectors": 16}),
}


def build(variant):
    return CalibrationSource(VARIANTS[variant])


def access(address, data, *, write=1):
    return {"bus.access": 1, "bus.write": write, "bus.address": address,
            "bus.data": data & mask(32)}


def fill(config, rng, stored):
    """Write every word in any order; addresses that are not words of a vector are refused."""
    rows, vectors = config.array.rows, config.drift.vectors
    words = [(vector, row) for vector in range(vectors) for row in range(0, rows, 4)]
    for k in rng.permutation(len(words)):
        vector, row = words[k]
        address = vector_address(vector, row, rows=rows)
        data = pack(stored[vector, row:row + 4], 8)
        seen = yield access(address, data)
        seen = yield {"bus.access": 0}
        assert not seen["bus.refused"], hex(address)
        # Neither another address nor a read, nor an access that is for another part, writes.
        beyond = vector_address(vectors, 0, rows=rows)
        wrong = [access(address + near, ~data) for near in (1, 2, 3)]
        wrong += [access(address, ~data, write=0)]
        if beyond < VECTOR_BASE + (1 << WINDOW_BITS):
            wrong += [access(beyond, ~data), access(VECTOR_BASE + mask(WINDOW_BITS) - 3, ~data)]
        yield wrong[rng.integers(len(wrong))]
        seen = yield {**access(address, ~data), "bus.access": 0}
        assert seen["bus.refused"]
    yield {"bus.access": 0}


def take(config, rng, kind, repeats, value, stored, max_idle):
    wanted = calibration_vectors(config, kind, repeats=repeats, value=value, stored=stored)
    inputs = {"kind": INPUTS.index(kind), "value": value & 0xFF, "count": len(stored)}
    yield {**inputs, "restart": 1}
    for vector in wanted:
        for _ in range(int(rng.integers(0, max_idle, endpoint=True))):
            seen = yield {**inputs, "restart": 0, "taken": 0}
            assert seen["x"] == pack(vector, 8), "the next vector stays"
        seen = yield {**inputs, "restart": 0, "taken": 1}
        assert seen["x"] == pack(vector, 8), (kind, vector)
    yield {**inputs, "restart": 0, "taken": 0}


def script(config, rng, max_idle):
    rows, vectors = config.array.rows, config.drift.vectors
    stored = np.zeros((vectors, rows), np.int64)
    for _ in range(2):
        stored[:] = rng.integers(-128, 128, stored.shape)
        yield from fill(config, rng, stored)
        for _ in range(12):
            kind = str(rng.choice(INPUTS))
            longest = min(config.drift.max_repeats, 3 * max(rows, vectors))
            yield from take(config, rng, kind, int(rng.integers(1, longest + 1)),
                            int(rng.choice([-128, 127, -1, 0, 55])),
                            stored[:int(rng.integers(1, vectors + 1))], max_idle)
        for kind in INPUTS:  # all the way round, then from the start
            for repeats in (min(rows, config.drift.max_repeats) - 1, 1):
                yield from take(config, rng, kind, max(repeats, 1), -128, stored, max_idle)


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(VARIANTS[variant], rng, max_idle), outputs=("x", "bus.refused"),
                       deadline=200_000)
