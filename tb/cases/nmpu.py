"""Nmpu: coefficients over the bus, then results of any settings and bank, against golden.

Calibration vectors come in between; they end in the tally, so nothing follows from them.
"""

import numpy as np

from golden.readout import groups
from golden.registers import COEFFICIENTS
from hw.nmpu.nmpu import Nmpu
from tb.agents.streams import StreamAgent, Streams
from tb.bits import mask, pack
from tb.cases.capture import group_payloads
from tb.cases.configs import CONFIGS
from tb.cases.reads import random_results

VARIANTS = ("tiny", "small", "one_group", "one_lane", "three_groups", "two_blocks",
            "one_phase", "hermes")
RESULTS = {"hermes": 12, "small": 20, "tiny": 40}


def build(variant):
    return Nmpu(CONFIGS[variant])


ENGINE_AT_REST = {"rewrite.active": 0, "rewrite.write": 0, "in_use": 0, "tally_slot": 0,
                  "tally_absolute": 0, "batch": 0}


def write_all(banks, rng, config):
    """One clock of inputs per coefficient, in random order."""
    writes = []
    for bank, coefficients in enumerate(banks):
        values = {"norm_scale": coefficients.norm_scale, "norm_bias": coefficients.norm_bias}
        for name in ("scale", "offset"):
            values[f"{name}_p"], values[f"{name}_n"] = getattr(coefficients, name)
        writes += [{"bus.bank": bank, "bus.column": column, "bus.word": COEFFICIENTS.index(name),
                    "bus.write": 1, "bus.data": int(value) & mask(32)}
                   for name, row in values.items() for column, value in enumerate(row)]
    rest = {"bus.inspect": 0, **(ENGINE_AT_REST if config.drift.engine else {}),
            **({"bad_parity": 0} if config.control.parity else {})}
    return [{"bus.write": 0, **rest}, *(writes[k] for k in rng.permutation(len(writes))),
            {"bus.write": 0}]


def result_payloads(wanted, config):
    """A result as payloads of ``o``: a byte per lane, and ``last``."""
    bits = 8 * config.nmpu.lanes
    return [pack(group, 8) | (k == config.groups - 1) << bits
            for k, group in enumerate(groups(wanted, lanes=config.nmpu.lanes))]


def streams(config, rng, count):
    """`Streams` of ``count`` random results."""
    banks, results = random_results(config, rng, count)
    given, wanted = [], []
    for result in results:
        # The last one is a result, so that its latency can be seen.
        calibrate = int(config.drift.engine and result is not results[-1]
                        and rng.random() < 0.25)
        given += [payload for tag, counts in result.windows(config)
                  for payload in group_payloads(counts, {**tag, "calibrate": calibrate}, config)]
        if not calibrate:
            wanted += result_payloads(result.wanted, config)
    assert any(np.abs(result.wanted).max() > 0 for result in results)
    flags = [{"parity_error": 0}] * len(given) if config.control.parity else []
    return Streams(setup=write_all(banks, rng, config), given=given, wanted=wanted, flags=flags)


def agent(variant, rng, *, max_idle, max_stall):
    return StreamAgent(streams(CONFIGS[variant], rng, RESULTS.get(variant, 30)), rng,
                       max_idle=max_idle, max_stall=max_stall)


def check_timing(variant, agent):
    """With no idle and no stall: a group per clock, each result ``latency`` clocks later."""
    taken, sent = agent.taken, agent.sent
    assert taken[-1] - taken[0] == len(taken) - 1, "a group must be taken every clock"
    assert sent[-1] - taken[-1] == Nmpu.latency, "the last group must leave after the latency"
