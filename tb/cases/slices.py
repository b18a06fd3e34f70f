"""Slices: every mode, width, slice and tick; the decision of every magnitude against golden."""

import numpy as np

from golden.array.modes import READ_MODES, read_mode
from golden.config import VECTOR_BITS
from hw.drive.slices import Slices
from tb.agents.script import ScriptAgent
from tb.cases.clocked import Clocked
from tb.cases.configs import CONFIGS

VARIANTS = ("tiny", "narrow", "one_phase")
OUTPUTS = ("mask", "level", "last_tick", "weight", "last_slice", "four_phases")


def build(variant):
    return Clocked(Slices(CONFIGS[variant]))


def cases(config):
    """(inputs, table, driven) of every tick: what is constant in a slice, and the magnitudes
    that are driven."""
    for name in config.drive.read_modes:
        for bits in (b for b in VECTOR_BITS if b <= config.drive.input_bits):
            mode = read_mode(name, input_bits=bits)
            reads = mode.reads(np.arange(mode.limit + 1)[None])
            count = len(mode.slice_bits)
            for k, read in enumerate(reads[::mode.phases]):
                for tick in range(read.window_clocks):
                    yield ({"read_mode": READ_MODES.index(name), "input_bits": bits, "slice": k,
                            "tick": tick},
                           {"last_tick": read.window_clocks - 1,
                            "weight": read.weight.bit_length() - 1,
                            "last_slice": int(k == count - 1),
                            "four_phases": int(mode.phases == 4)},
                           tick < read.lengths[0])


def script(config, rng):
    table = list(cases(config))
    table = [table[k] for k in rng.permutation(len(table))]
    yield table[0][0]
    for before, after in zip(table, [*table[1:], table[0]], strict=True):
        seen = yield after[0]
        inputs, wanted, driven = before
        for name, value in wanted.items():
            assert seen[name] == value, f"{name} must be {value}, not {seen[name]}, for {inputs}"
        magnitudes = np.arange(len(driven))
        got = (magnitudes & seen["mask"]) > seen["level"]
        assert (got == driven).all(), f"{magnitudes[got != driven]} go astray for {inputs}"


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(CONFIGS[variant], rng), outputs=OUTPUTS, deadline=2000)
