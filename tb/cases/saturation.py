"""Saturation: flags set by captures of any block, read and cleared by the bus in the same clock."""

import numpy as np

from golden.presets import tiny
from golden.registers import SATURATED_BASE, saturated_address
from hw.readout.saturation import Saturation
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import pack
from tb.cases.configs import CONFIGS

VARIANTS = {
    "tiny": CONFIGS["tiny"],
    "four_blocks": CONFIGS["four_blocks"],
    "three_words": tiny.replace(array={"columns": 72}, readout={"columns_per_counter": 2}),
    "whole_words": tiny.replace(array={"columns": 64}),
}


def build(variant):
    return Saturation(VARIANTS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    config = VARIANTS[variant]
    columns, counters = config.array.columns, config.counters
    words = sorted({saturated_address(column) for column in range(columns)})
    flags = np.zeros(columns, bool)
    inputs, outputs, answer = [], [], {}
    tally = {"both": 0, "cleared": 0, "refused": 0, "read": 0}
    for _ in range(3000):
        block, full = int(rng.integers(config.blocks)), np.zeros(counters, bool)
        if rng.random() < 0.5:
            full = rng.random(counters) < rng.choice([1 / counters, 0.5])
        access, write = rng.random() < 0.7, rng.random() < 0.5
        address = int(rng.choice([
            rng.choice(words), rng.choice(words), words[-1] + 4, rng.choice(words) + 1,
            rng.choice(words) + 2, SATURATED_BASE + 0xFFC]))
        data = int(rng.integers(1 << 32) & rng.integers(1 << 32))
        inputs.append({"full": pack(full, 1), "block": block, "bus.access": int(access),
                       "bus.write": int(write), "bus.address": address, "bus.data": data})
        outputs.append({"any_full": int(full.any()), **answer})

        word, known = (address - SATURATED_BASE) // 4 * 32, address in words
        part = slice(word, min(word + 32, columns))
        answer = {}
        if access:
            answer = {"bus.refused": int(not known)}
            tally["refused"] += not known
        if access and not write:
            answer["bus.read"] = pack(flags[part], 1) if known else 0
            tally["read"] += known and bool(flags[part].any())
        setting = np.zeros(columns, bool)
        setting[block * counters:(block + 1) * counters] = full
        if access and write and known:
            asked = np.zeros(columns, bool)
            asked[part] = [data >> k & 1 for k in range(part.stop - part.start)]
            tally["both"] += bool((asked & setting & flags).any())
            tally["cleared"] += bool((asked & flags & ~setting).any())
            flags &= ~asked
        flags |= setting
    assert min(tally.values()) > 10, tally
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=0, enable=None),
                         rng, max_stall=max_stall)
