"""Nmpu by the clock: latency, issue rate, banks in use, and what the bus may do beside."""

import numpy as np
import pytest

from golden.descriptors import DESTINATIONS
from tb.agents.run_amaranth import run
from tb.agents.script import ScriptAgent
from tb.agents.streams import StreamAgent, Streams
from tb.cases import nmpu
from tb.cases.capture import group_payloads
from tb.cases.configs import CONFIGS
from tb.cases.reads import random_results

NMPU_LATENCY = 8
"""Fetch 1, combine 2, gather 1, normalise 2, requantise 2."""

NEEDS_BANK = 3
"""Clocks after the transfer of a group until its last coefficient is fetched."""

TAG = {"first": 1, "last": 1, "measure": 0, "block": 0, "weight": 0, "bank": 0, "shift": 3,
       "relu": 0, "output_bits": 8, "first_group": 0, "destination": DESTINATIONS.index("y")}


@pytest.mark.parametrize("variant", ["tiny", "small", "one_group"])
def test_latency_and_issue(variant):
    config = CONFIGS[variant]
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 4096, (2, config.array.columns))
    zeros = nmpu.result_payloads(np.zeros(config.array.columns, dtype=int), config)
    tag = {**TAG, "last_group": config.groups - 1}
    agent = StreamAgent(Streams(given=group_payloads(counts, tag, config), wanted=zeros), rng,
                        max_idle=0, max_stall=0)
    run(nmpu.build(variant), agent)
    assert nmpu.Nmpu.latency == NMPU_LATENCY
    assert len(agent.taken) == config.groups
    assert agent.taken[-1] - agent.taken[0] == config.groups - 1
    assert agent.sent[-1] - agent.taken[0] == config.groups - 1 + NMPU_LATENCY


@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize("bank", [0, 1])
@pytest.mark.parametrize("stalled", [False, True])
def test_uses_bank_and_busy(bank, last, stalled):
    config = CONFIGS["one_group"]
    payload, = group_payloads(np.ones((2, 8), dtype=int),
                              {**TAG, "last_group": 0, "bank": bank, "last": last}, config)

    def script():
        idle = {"i.valid": 0, "i.payload": 0, "o.ready": 0}
        seen = yield idle
        assert (seen["uses_bank"], seen["busy"]) == (0, 0)
        seen = yield {**idle, "i.valid": 1, "i.payload": payload}
        assert seen["i.ready"] and seen["uses_bank"] == 1 << bank
        for clock in range(1, 30):
            # Nothing is taken, so a result stays at the output; a read that is not the last
            # leaves nothing behind.
            ready = int(not stalled)
            seen = yield {**idle, "o.ready": ready}
            assert seen["uses_bank"] == ((1 << bank) if clock <= NEEDS_BANK else 0), clock
            inside = clock <= NEEDS_BANK if not last else stalled or clock <= NMPU_LATENCY
            assert seen["busy"] == inside, clock
            assert seen["o.valid"] == (last and clock >= NMPU_LATENCY and inside), clock

    agent = ScriptAgent(script(), deadline=100,
                        outputs=("i.ready", "o.valid", "uses_bank", "busy"))
    run(nmpu.build("one_group"), agent)


def test_bus_rewrites_the_free_bank():
    # While results of one bank are in the pipeline, the other is rewritten; then they change.
    config = CONFIGS["tiny"]
    rng = np.random.default_rng(8)
    sets = [random_results(config, rng, 6, plain=True) for _ in range(6)]

    def payloads(turn):
        bank = turn % 2
        banks, results = sets[turn]
        chosen = [result for result in results if result.bank == 0]
        return banks[0], [
            (given, None) for result in chosen
            for tag, counts in result.windows(config)
            for given in group_payloads(counts, {**tag, "bank": bank}, config)
        ], [word for result in chosen for word in nmpu.result_payloads(result.wanted, config)]

    def writes(turn):
        coefficients, _, _ = payloads(turn)
        return [{**row, "bus.bank": turn % 2}
                for row in nmpu.write_all([coefficients], rng, config)]

    def script():
        got, wanted = [], []
        idle = {"i.valid": 0, "i.payload": 0, "o.ready": 1}
        for row in writes(0):
            yield {**idle, **row}
        for turn in range(len(sets)):
            _, given, results = payloads(turn)
            wanted += results
            waiting = writes(turn + 1) if turn + 1 < len(sets) else []
            seen = {"uses_bank": 3}
            while given or waiting or seen["uses_bank"]:
                free = not seen["uses_bank"] >> (turn + 1) % 2 & 1
                row = waiting.pop(0) if waiting and free else {"bus.write": 0}
                offer = {"i.valid": 1, "i.payload": given[0][0]} if given else {}
                ready = int(rng.random() < 0.5)
                seen = yield {**idle, **row, **offer, "o.ready": ready}
                if offer and seen["i.ready"]:
                    given.pop(0)
                if ready and seen["o.valid"]:
                    got.append(seen["o.payload"])
        for _ in range(2 * NMPU_LATENCY):
            seen = yield {**idle, "bus.write": 0}
            if seen["o.valid"]:
                got.append(seen["o.payload"])
        assert len(wanted) > 20
        assert got == wanted

    agent = ScriptAgent(script(), deadline=20_000,
                        outputs=("i.ready", "o.valid", "o.payload", "uses_bank", "busy"))
    run(nmpu.build("tiny"), agent)
