"""Nmpu: coefficients over the bus, then results of any settings and bank, against golden.

Results have any columns and any destination, start from 0, from partial sums or from what is there,
and take residuals; vectors of partial sums and residuals come too short and too long. Calibration
vectors in between end in the tally, so nothing follows from them.
"""

import numpy as np

from golden.formats import NmpuFormats
from golden.readout import groups
from golden.registers import COEFFICIENTS
from hw.nmpu.coefficients import BASE
from hw.nmpu.nmpu import Nmpu
from tb.agents.streams import StreamAgent, Streams
from tb.bits import mask, pack
from tb.cases.capture import group_payloads
from tb.cases.configs import CONFIGS
from tb.cases.reads import random_results

VARIANTS = ("tiny", "small", "one_group", "one_lane", "three_groups", "two_blocks",
            "one_phase", "no_streams", "deep", "deep_even", "deep_fine", "deep_waits", "hermes")
RESULTS = {"hermes": 12, "small": 20, "tiny": 40, "deep_waits": 120}
SURPLUS = 3
"""Beats after a vector that is too long."""


def build(variant):
    return Nmpu(CONFIGS[variant])


ENGINE_AT_REST = {"rewrite.active": 0, "rewrite.write": 0, "in_use": 0, "tally_slot": 0,
                  "tally_absolute": 0, "batch": 0}


def write_all(banks, rng, config):
    """One clock of inputs per coefficient, in random order; memory holds nothing before.

    The base has what the first bank has.
    """
    writes = []
    base = [(BASE, banks[0])] if config.drift.engine else []
    for bank, coefficients in [*enumerate(banks), *base]:
        values = {} if bank == BASE else {
            "norm_scale": coefficients.norm_scale, "norm_bias": coefficients.norm_bias}
        for name in ("scale", "offset"):
            values[f"{name}_p"], values[f"{name}_n"] = getattr(coefficients, name)
        writes += [{"bus.bank": bank, "bus.column": column, "bus.word": COEFFICIENTS.index(name),
                    "bus.write": 1, "bus.data": int(value) & mask(32)}
                   for name, row in values.items() for column, value in enumerate(row)]
    rest = {"bus.inspect": 0, **(ENGINE_AT_REST if config.drift.engine else {}),
            "flush": 0, **({"bad_parity": 0} if config.control.parity else {})}
    return [{"bus.write": 0, **rest}, *(writes[k] for k in rng.permutation(len(writes))),
            {"bus.write": 0}]


def vector_payloads(values, width, config, *, first_group=0, last_group=None):
    """A vector of all columns as payloads of the groups of a range: numbers, then ``last``."""
    lanes = config.nmpu.lanes
    last_group = config.groups - 1 if last_group is None else last_group
    return [pack(group, width) | (first_group + k == last_group) << width * lanes
            for k, group in enumerate(groups(values, lanes=lanes)[first_group:last_group + 1])]


def result_payloads(wanted, config):
    """A result of all columns for the y stream as payloads of ``o``."""
    return vector_payloads(wanted, 8, config)


class Traffic:
    """What results give to, and want from, every stream of the unit."""

    def __init__(self, config, rng):
        self._config, self._rng = config, rng
        formats, nmpu = NmpuFormats.of(config), config.nmpu
        self._partial, self._accumulated = formats.partial.fmt.width, formats.accumulated.fmt.width
        self.given = {"i": [], **({"sums_i": []} if nmpu.partial_sums else {}),
                      **({"residual_i": []} if nmpu.residual else {})}
        self.wanted = {"o": [], **({"sums_o": []} if nmpu.partial_sums else {})}
        self.misaligned = {name.removesuffix("_i") + "_misaligned": 0
                           for name in self.given if name != "i"}
        self.faults = ("parity_error",) if config.control.parity else ()
        self.jobs = []
        """Stream, place of the last payload in it, interrupt; of each job, in order."""

    def add(self, result):
        config = self._config
        self.given["i"] += [payload for tag, counts in result.windows(config)
                            for payload in group_payloads(counts, tag, config)]
        if result.calibrate:
            return
        part = {"first_group": result.first_group, "last_group": result.last_group}
        if result.start is not None:
            self._give("sums_i", result.start, self._partial, part)
        if result.received is not None:
            self._give("residual_i", result.received, 8, part)
        stream = {"none": None, "sums": "sums_o"}.get(result.destination, "o")
        if stream == "sums_o":
            self.wanted[stream] += vector_payloads(result.accumulated, self._accumulated, config,
                                                   **part)
        elif stream:
            to_buffer = (result.destination == "activations") << 8 * config.nmpu.lanes + 1
            self.wanted[stream] += [payload | to_buffer for payload in vector_payloads(
                result.wanted, 8, config, **part)]
        if result.final:
            place = len(self.wanted[stream]) - 1 if stream else None
            self.jobs.append((stream, place, int(result.interrupt)))

    def _give(self, stream, values, width, part):
        """Sometimes with beats that are too many, sometimes without the zeros at the end."""
        payloads = vector_payloads(values, width, self._config, **part)
        end = 1 << width * self._config.nmpu.lanes
        if self._rng.random() < 0.2:
            payloads = [*payloads[:-1], payloads[-1] ^ end,
                        *self._rng.integers(1, 1 << 8, SURPLUS - 1).tolist(), end]
        elif len(payloads) > 1 and payloads[-1] == end:
            while len(payloads) > 1 and payloads[-1] in (0, end):
                payloads.pop()
            payloads[-1] |= end
        self.misaligned[stream.removesuffix("_i") + "_misaligned"] += (
            len(payloads) != part["last_group"] - part["first_group"] + 1)
        self.given[stream] += payloads


class NmpuAgent(StreamAgent):
    """Sees also that jobs end in their order, each in the clock in which its last group leaves."""

    def __init__(self, traffic, setup, rng, **limits):
        (_, given), *also_given = traffic.given.items()
        (_, wanted), *also_wanted = traffic.wanted.items()
        super().__init__(Streams(setup=setup, given=given, also_given=dict(also_given),
                                 wanted=wanted, also_wanted=dict(also_wanted)), rng, **limits)
        self._jobs = iter(traffic.jobs)
        self._last_places = {(stream, place) for stream, place, _ in traffic.jobs if stream}
        self._misaligned = dict(traffic.misaligned)
        self.outputs += ("job_done", "job_interrupt", *self._misaligned, *traffic.faults)
        self._faults = traffic.faults

    @property
    def done(self):
        if not super().done:
            return False
        assert next(self._jobs, None) is None, "a job has not ended"
        assert not any(self._misaligned.values()), f"{self._misaligned} were not told"
        return True

    def check(self, seen):
        before = {name: len(sink.sent) for name, sink in self.sinks.items()}
        super().check(seen)
        left = {(name, before[name]) for name, sink in self.sinks.items()
                if len(sink.sent) > before[name]}
        assert not any(seen[name] for name in self._faults), "every coefficient has its parity"
        for name in self._misaligned:
            self._misaligned[name] -= seen[name]
        if not seen["job_done"]:
            assert not left & self._last_places, "a job has ended untold"
            return
        stream, place, interrupt = next(self._jobs)
        assert stream is None or (stream, place) in left, "a job was told to end that has not"
        assert seen["job_interrupt"] == interrupt


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    banks, results = random_results(config, rng, RESULTS.get(variant, 30),
                                    calibrate=0.25 * config.drift.engine)
    traffic = Traffic(config, rng)
    for result in results:
        traffic.add(result)
    assert any(r.wanted is not None and np.abs(r.wanted).max() > 0 for r in results)
    tested = NmpuAgent(traffic, write_all(banks, rng, config), rng,
                       max_idle=max_idle, max_stall=max_stall)
    tested.results, tested.traffic = results, traffic
    return tested


def check_timing(variant, agent):
    """With no idle and no stall: a group per clock, results ``latency`` clocks later.

    Partial sums wait for the results before them to leave; groups behind them wait too.
    """
    taken, sent = agent.taken, agent.sent
    config = CONFIGS[variant]
    latency = Nmpu.latency_of(config)
    waits = (latency - Nmpu.sums_latency_of(config)) * sum(
        result.destination == "sums" for result in agent.results)
    waits += SURPLUS * sum(agent.traffic.misaligned.values())
    assert taken[-1] - taken[0] <= len(taken) - 1 + waits, "groups must be taken every clock"
    # With few reads the last group may come while sums before it wait, or while the surplus of a
    # vector is thrown away.
    late = latency - Nmpu.sums_latency_of(config) + SURPLUS if variant == "deep_waits" else 0
    assert latency <= sent[-1] - taken[-1] <= latency + late, (
        "the last group must leave after the latency")
