"""The cocotb test of random operations.

Reads TILE (configuration), SEED, OPERATIONS (how many at least) and METRICS (folder for the
outcome).
"""

import json
import os
from collections import Counter
from pathlib import Path

import cocotb
import numpy as np
from cocotb.simtime import get_sim_time

from golden.config import TileConfig
from tb.random_operations import (
    fault_episodes,
    program_episodes,
    register_episodes,
    stream_episodes,
)
from tb.random_operations.bench import RandomBench

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
SEED, OPERATIONS = int(os.environ["SEED"]), int(os.environ["OPERATIONS"])
DEADLINE = 300_000
"""Clocks that an episode may take."""

EPISODES = {
    register_episodes.accesses: 8,
    register_episodes.everything: 1,
    register_episodes.exchange: 1,
    register_episodes.at_once: 1,
    register_episodes.drift: 2,
    register_episodes.measurement: 2,
    stream_episodes.direct: 4,
    stream_episodes.chain: 8,
    stream_episodes.commands: 4,
    stream_episodes.mutated: 8,
    program_episodes.programming: 2,
    fault_episodes.hung_converter: 1,
    fault_episodes.wrong_coefficient: 1,
    fault_episodes.wrong_descriptor: 1,
}
"""How often each comes, in comparison."""


@cocotb.test(timeout_time=100, timeout_unit="ms")
async def random_operations(dut):
    """Episodes at random, some cut off by an abort or a reset at a random clock."""
    rng = np.random.default_rng(SEED)
    bench = RandomBench(dut, CONFIG, rng)
    done = Counter()
    episodes, weights = list(EPISODES), np.array(list(EPISODES.values()))
    await bench.start()
    while bench.operations < OPERATIONS:
        episode = episodes[int(rng.choice(len(episodes), p=weights / weights.sum()))]
        bench.pause()
        ending = str(rng.choice(["end", "abort", "reset"], p=[0.75, 0.17, 0.08]))
        clocks = DEADLINE if ending == "end" else int(
            rng.integers(1, 1 << int(rng.integers(3, 13))))
        what = f"{episode.__name__} to its {ending}"
        cocotb.log.info("episode %d at %d: %s", done.total(), get_sim_time("ns"), what)
        try:
            ended = await bench.within(clocks, episode(bench))
            if ending == "end":
                assert ended, f"hangs: no end in {DEADLINE} clocks"
            else:
                way_out = bench.abort if ending == "abort" else bench.reset
                assert await bench.within(DEADLINE, way_out()), f"hangs: no way out by {ending}"
                ended = ended or ending
            bench.judge()
        except Exception as error:
            raise AssertionError(
                f"seed {SEED}, episode {done.total()} at {get_sim_time('ns'):.0f} ns, {what}: "
                f"{type(error).__name__}: {error}") from error
        done[f"{episode.__name__}, {'ended' if ended is True else ended}"] += 1
    Path(os.environ["METRICS"], f"random_operations-{SEED}.json").write_text(json.dumps({
        "operations": bench.operations, "refused": bench.refused,
        "clocks": int(get_sim_time("ns")), "episodes": dict(sorted(done.items()))}))
