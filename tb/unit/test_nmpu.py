"""Nmpu by the clock: latency, issue rate, banks in use, and what the bus may do beside."""

import numpy as np
import pytest

from golden.descriptors import DESTINATIONS
from golden.drift.statistics import statistics
from golden.formats import NmpuFormats
from tb.agents.run_amaranth import run
from tb.agents.script import ScriptAgent
from tb.agents.streams import StreamAgent, Streams
from tb.bits import signed
from tb.cases import nmpu
from tb.cases.capture import group_payloads
from tb.cases.configs import CONFIGS
from tb.cases.reads import random_results

NMPU_LATENCY = 8
"""Fetch 1, combine 2, gather 1, normalise 2, requantise 2."""

SUMS_LATENCY = 4
"""Fetch 1, combine 2, gather 1."""

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
    assert nmpu.Nmpu.latency_of(config) == NMPU_LATENCY
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


STREAMS = {"i.valid": 0, "o.ready": 1, "sums_i.valid": 0, "residual_i.valid": 0, "sums_o.ready": 1}
SEEN = ("i.ready", "o.valid", "o.payload", "sums_o.valid", "sums_i.ready", "residual_i.ready",
        "job_done", "job_interrupt", "busy")


def one_group(**fields):
    """Inputs that offer a group of ones whose tag has these fields."""
    payload, = group_payloads(np.ones((2, 8), dtype=int), {
        **TAG, "last_group": 0, "final": 1, "interrupt": 1, **fields,
        "destination": DESTINATIONS.index(fields.get("destination", "y"))}, CONFIGS["one_group"])
    return {"i.valid": 1, "i.payload": payload}


def run_script(script):
    run(nmpu.build("one_group"), ScriptAgent(script(), deadline=200, outputs=SEEN))


@pytest.mark.parametrize(("destination", "latency"), [
    ("none", NMPU_LATENCY), ("y", NMPU_LATENCY), ("activations", NMPU_LATENCY),
    ("sums", SUMS_LATENCY)])
@pytest.mark.parametrize("interrupt", [0, 1])
@pytest.mark.parametrize("final", [0, 1])
def test_every_destination_by_the_clock(destination, latency, interrupt, final):
    def script():
        yield {**STREAMS, **one_group(destination=destination, interrupt=interrupt, final=final)}
        for clock in range(1, 20):
            # Nothing is taken at first.
            ready = int(clock >= latency + 3 or destination == "none")
            seen = yield {**STREAMS, "o.ready": ready, "sums_o.ready": ready}
            leaves = clock == latency + 3 * (destination != "none")
            offered = latency <= clock <= latency + 3
            assert seen["o.valid"] == (offered and destination in ("y", "activations"))
            assert seen["sums_o.valid"] == (offered and destination == "sums")
            assert not seen["o.valid"] or seen["o.payload"] >> 64 == (
                0b11 if destination == "activations" else 0b01)
            assert seen["job_done"] == (leaves and final), clock
            assert seen["job_interrupt"] == (leaves and final and interrupt), clock
            assert seen["busy"] == (clock <= latency + 3 * (destination != "none"))

    assert nmpu.Nmpu.sums_latency_of(CONFIGS["small"]) == SUMS_LATENCY
    run_script(script)


@pytest.mark.parametrize(("lacking", "given"), [
    ({"sums": 1}, "sums_i"), ({"residual": 1}, "residual_i")])
def test_results_do_not_wait_for_what_a_later_group_lacks(lacking, given):
    config = CONFIGS["one_group"]
    width = 8 if "residual" in lacking else NmpuFormats.of(config).partial.fmt.width
    last = 1 << width * config.nmpu.lanes

    def script():
        yield {**STREAMS, **one_group()}
        yield {**STREAMS, **one_group(**lacking)}
        for clock in range(2, 30):
            # A third group comes in behind the one that waits; a fourth finds no room.
            seen = yield {**STREAMS, **one_group()}
            assert seen["i.ready"] == (clock < 4), clock
            assert seen["o.valid"] == (clock == NMPU_LATENCY), clock
            assert not seen[f"{given}.ready"]
        for clock in range(30, 50):
            offered = int(clock == 30)
            seen = yield {**STREAMS, f"{given}.valid": offered, f"{given}.payload": last}
            assert seen[f"{given}.ready"] == (clock == 30), clock
            # That which waited in clock 3, and the two behind it.
            assert seen["o.valid"] == (35 <= clock < 38), clock

    run_script(script)


def test_results_do_not_wait_for_partial_sums_behind_them():
    def script():
        stopped = {**STREAMS, "sums_o.ready": 0}
        yield {**stopped, **one_group()}
        for clock in range(1, 40):
            seen = yield {**stopped, **(one_group(destination="sums") if clock == 1 else {})}
            assert seen["o.valid"] == seen["job_done"] == (clock == NMPU_LATENCY), clock
            # In their order: not before the result has left.
            assert seen["sums_o.valid"] == (clock > NMPU_LATENCY), clock
        seen = yield STREAMS
        assert seen["sums_o.valid"] and seen["job_done"]
        seen = yield STREAMS
        assert not seen["busy"]

    run_script(script)


def test_calibration_vectors_start_from_zero_and_take_nothing():
    # Whatever their tags say: all of it is what a job was told that they come between.
    given = one_group(calibrate=1, restart=1, complete=1, resume=1, sums=1, residual=1,
                      destination="sums")

    def script():
        rest = {**STREAMS, **nmpu.ENGINE_AT_REST, "bus.write": 0}
        yield rest
        # Scales of 1 in the bank of what the host wrote.
        for column in range(CONFIGS["one_group"].array.columns):
            yield {**rest, "bus.bank": 2, "bus.column": column, "bus.word": 0, "bus.write": 1,
                   "bus.data": 128}
        for _ in range(2):
            seen = yield {**rest, **given}
            assert seen["i.ready"]
            for _ in range(12):
                seen = yield rest
                assert not seen["sums_o.valid"] and not seen["o.valid"] and not seen["job_done"]
            assert not seen["busy"]
            # A count of 1; of the second vector too, and not the sum of both.
            assert seen["tally.sum"] == 128

    run(nmpu.build("one_group"), ScriptAgent(script(), deadline=200,
                                             outputs=(*SEEN, "tally.sum")))


class InTurn:
    """One agent after the other, then the sums of every column."""

    def __init__(self, agents, columns):
        self._agents, self._columns = agents, columns
        self.outputs = (*agents[0].outputs, "batch_done", "channel_sums.read")
        self.deadline = sum(agent.deadline for agent in agents) + columns + 2
        self.ended, self._column, self.got = 0, -1, []
        self.done = False

    def drive(self):
        while self._agents and self._agents[0].done:
            self._agents.pop(0)
        if self._agents:
            return self._agents[0].drive()
        self._column += 1
        return {"channel_sums.address": 4 * self._column}

    def check(self, seen):
        if self._agents:
            self.ended += seen["batch_done"]
            self._agents[0].check(seen)
            return
        self.got.append(signed(seen["channel_sums.read"], 32))
        self.done = self._column == self._columns


def test_statistics_of_results_with_any_columns():
    # Two batches, so that what is left of the first would be seen in the second.
    config, rng, shift = CONFIGS["tiny"], np.random.default_rng(2), 10
    banks, results = random_results(config, rng, 60)
    agents = []
    for part in (results[:30], results[30:]):
        traffic, counted = nmpu.Traffic(config, rng), []
        for result in part:
            traffic.add(result)
            if result.destination != "none":
                columns = result.columns(config)
                counted.append(np.zeros(config.array.columns, np.int64))
                counted[-1][columns] = result.accumulated[columns]
        setup = nmpu.write_all(banks, rng, config) if not agents else []
        # Some results come after the batch.
        batch = counted[:-3]
        agents.append(nmpu.NmpuAgent(traffic, [
            *setup, {"batch": 1, "batch_results": len(batch), "batch_shift": shift},
            {"batch": 0}], rng, max_idle=1, max_stall=1))
    agent = InTurn(agents, config.array.columns)
    run(nmpu.build("tiny"), agent)
    assert agent.ended == 2
    # A word is answered the clock after.
    assert agent.got[1:] == statistics(np.array(batch), config, shift=shift).sums.tolist()
    assert len({(r.first_group, r.last_group) for r in results}) > 3
    assert all(agent.got[1:]), "a column without a sum tells nothing"
