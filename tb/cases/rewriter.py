"""Rewriter: exponents 0 and 1 and none that fits, against golden; writes, and their clocks."""

import numpy as np

from golden.drift.divide import Refusal
from golden.drift.estimate import Estimate
from golden.drift.rewrite import rewrite
from golden.nmpu import Coefficients
from golden.registers import COEFFICIENTS
from hw.drift.rewriter import Rewriter
from hw.nmpu.coefficients import RewriteBus, coefficient_format
from tb.agents.script import ScriptAgent
from tb.bits import encode, mask
from tb.cases.configs import CONFIGS

VARIANTS = ("tiny", "three_groups", "fine", "hermes")
OUTPUTS = ("column", "busy", "done", "fits", "exponent", "coefficients.active",
           "coefficients.column", "coefficients.write", "coefficients.write_column",
           "coefficients.data")


def build(variant):
    return Rewriter(CONFIGS[variant])


def words(coefficients, column, config):
    """Values of a column as the bus carries them."""
    layout = RewriteBus(config).members["base"].shape
    values = {"norm_scale": coefficients.norm_scale[column],
              "norm_bias": coefficients.norm_bias[column]}
    for k, polarity in enumerate("pn"):
        values |= {f"scale_{polarity}": coefficients.scale[k, column],
                   f"offset_{polarity}": coefficients.offset[k, column]}
    return encode(layout, {name: int(values[name]) & mask(coefficient_format(config, name).width)
                           if not coefficient_format(config, name).signed else int(values[name])
                           for name in COEFFICIENTS})


def case(config, rng, kind):
    """Base and estimate of which the largest corrected coefficient is near a decision."""
    base, gain = Coefficients.random(config, rng), config.drift.gain
    columns, scale, offset = config.array.columns, config.nmpu.scale, config.nmpu.offset
    one = 1 << gain.frac_bits
    gains = rng.integers(1, one, columns, endpoint=True) >> rng.integers(0, 4, columns)
    betas = rng.integers(offset.min, offset.max, columns, endpoint=True) // 8
    base = Coefficients(**{**vars(base), "offset": base.offset // 4})
    column, polarity = int(rng.integers(columns)), int(rng.integers(2))
    if kind == "scale":
        # The largest scale that rounds to the top of exponent 0 or 1, or one more.
        exponent = int(rng.integers(2))
        base.scale[polarity, column] = max(scale.max - int(rng.integers(3)), 1)
        limit = (scale.max << gain.frac_bits + exponent) + (1 << gain.frac_bits + exponent - 1)
        gains[column] = -(-limit // int(base.scale[polarity, column])) - int(rng.integers(2))
    elif kind == "offset":
        base.offset[0, column] = int(rng.choice([offset.min, offset.max]))
        gains[column] = one + int(rng.integers(-2, 3)) * one // 4
        betas[column] = int(rng.choice([-1, 1])) * int(rng.integers(0, offset.max))
    elif kind == "refused":
        base.scale[polarity, column], gains[column] = scale.max, gain.max
    gains = np.clip(gains, 1, gain.max)
    return base.validate(config), Estimate(gains=gains, betas=betas)


def run(config, rng, base, estimate, idle):
    columns = config.array.columns
    held = [words(base, column, config) for column in range(columns)]
    answer, written, clocks = {}, {}, 0
    inputs = {"start": 1}
    while True:
        seen = yield {**inputs, **answer}
        if clocks and seen["done"]:
            break
        assert seen["busy"] == (clocks > 0) == seen["coefficients.active"]
        assert not seen["done"]
        if seen["coefficients.write"]:
            column = seen["coefficients.write_column"]
            assert column not in written, "a column is written twice"
            written[column] = seen["coefficients.data"]
        k, b = seen["column"], seen["coefficients.column"]
        known = k < columns and b < columns
        answer = {"gain": int(estimate.gains[k]) if known else 0,
                  "beta": (int(estimate.betas[k]) if known else 0)
                  & mask(config.nmpu.offset.width),
                  "coefficients.base": held[b] if known else 0}
        inputs, clocks = {"start": 0}, clocks + 1
        assert clocks < 10 * columns + 100, "never done"
    for _ in range(idle):
        after = yield {"start": 0}
        assert not after["busy"] and not after["done"] and not after["coefficients.write"]
    return seen, written, clocks


def script(config, rng, trials, clocks_taken):
    tally = {0: 0, 1: 0, None: 0}
    for kind in ["scale"] * trials + ["offset"] * trials + ["refused", "plain"]:
        base, estimate = case(config, rng, kind)
        wanted, refusal = rewrite(base, estimate, config)
        seen, written, clocks = yield from run(config, rng, base, estimate,
                                               int(rng.integers(3)))
        assert clocks <= 2 * (config.array.columns + 3), clocks
        clocks_taken.append(clocks)
        assert seen["fits"] == (refusal is Refusal.NONE), refusal
        if wanted is None:
            assert not written, "a refused correction was written"
        else:
            assert seen["exponent"] == wanted.exponent
            assert written == {c: words(wanted, c, config) for c in range(config.array.columns)}
        tally[wanted.exponent if wanted else None] += 1
    assert min(tally.values()) > 0, tally


def agent(variant, rng, *, max_idle, max_stall):
    config, clocks = CONFIGS[variant], []
    trials = 30 if config.array.columns <= 32 else 2
    made = ScriptAgent(script(config, rng, trials, clocks), outputs=OUTPUTS, deadline=60_000)
    made.clocks = clocks
    return made
