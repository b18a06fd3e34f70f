"""Target loader: rows that fit, end early and go on too long; words at every limit."""

from golden.presets import tiny
from golden.program.formats import largest_target
from golden.program.targets import pack_row, read_row
from hw.program.target_loader import TargetLoader
from tb.agents.script import ScriptAgent
from tb.bits import mask
from tb.cases.program_bench import Targets

CONFIGS = {
    "one_word": tiny,
    "two_words": tiny.replace(stream={"x_bits": 32}),
    "four_words": tiny.replace(array={"columns": 6}, stream={"x_bits": 64},
                               readout={"counter_bits": 16}, nmpu={"accumulator_bits": 40}),
}
VARIANTS = tuple(CONFIGS)
OUTPUTS = ("targets.ready", "write", "column", "target", "clipped", "surplus", "done")


def build(variant):
    return TargetLoader(CONFIGS[variant])


def script(config, rng, max_idle):
    source, columns = Targets(rng.spawn(1)[0], max_idle), config.array.columns
    limit, words = largest_target(config), config.stream.x_bits // 16
    width = min(config.readout.counter_bits + 1, 16)
    tally = {"clipped": 0, "surplus": 0, "short": 0}
    for _ in range(150):
        first, last = sorted(rng.integers(0, columns, 2).tolist())
        wanted_columns = last - first + 1
        length = max(1, wanted_columns + int(rng.choice([0, 0, -1, 1])) * int(
            rng.integers(1, 3 * words + 1)))
        sent = rng.choice([0, 1, -1, limit, -limit, limit + 1, -limit - 1, 32767, -32768,
                           *rng.integers(-32768, 32768, 5)], length).clip(-32768, 32767)
        beats = pack_row(sent, config.stream.x_bits)
        targets, clipped, surplus = read_row(beats, wanted_columns, config)
        source.begin([(beat, int(k == len(beats) - 1)) for k, beat in enumerate(beats)],
                     config.stream.x_bits)
        told = {"first": first, "last": last}
        seen = yield {**told, "start": 1, "targets.valid": 0}
        got, events, clocks = [], {"clipped": 0, "surplus": 0}, 0
        while not seen["done"]:
            seen = yield {**told, "start": 0, **source.drive()}
            source.check(seen)
            clocks += 1
            for name in events:
                events[name] += seen[name]
            if seen["write"]:
                got.append((seen["column"], seen["target"]))
        assert got == [(first + k, int(t) & mask(width)) for k, t in enumerate(targets)]
        assert events == {"clipped": clipped, "surplus": surplus} and not source.beats
        if not max_idle:
            assert clocks == len(beats) + wanted_columns + 1
        tally["clipped"] += clipped
        tally["surplus"] += surplus
        tally["short"] += length < wanted_columns
        for _ in range(int(rng.integers(3))):
            seen = yield {**told, "start": 0, **source.drive(), "targets.valid": 1}
            assert not seen["targets.ready"] and not seen["write"], "nobody asked for a row"
    assert all(tally.values()), tally


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(CONFIGS[variant], rng, max_idle), outputs=OUTPUTS, deadline=60_000)
