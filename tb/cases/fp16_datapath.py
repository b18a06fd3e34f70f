"""Fp16Datapath: whole columns against golden, each input at the clock the datapath wants it."""

import numpy as np

from hw.baseline.fp16_datapath import Fp16Datapath
from tb.agents.pipeline import Pipeline, PipelineAgent, skew
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.cases.fp16_vectors import (
    COEFFICIENTS,
    FLAGS,
    coefficient_words,
    random_coefficients,
    random_counts,
    random_received,
    wanted_results,
)

VARIANTS = {
    "few": (CONFIGS["tiny"], True, 160),
    "alone": (CONFIGS["tiny"], False, 640),
    "half_up": (CONFIGS["tiny"].replace(nmpu={"rounding": "half_up"}), True, 160),
    "many": (CONFIGS["tiny"], True, 2000),
    "many_alone": (CONFIGS["tiny"], False, 6000),
}
"""Configuration, whether there is a sum with what was received, columns of each set of flags."""


def build(variant):
    config, receives, _ = VARIANTS[variant]
    return Fp16Datapath(config, receives=receives)


def agent(variant, rng, *, max_idle, max_stall):
    config, receives, number = VARIANTS[variant]
    words = {name: [] for name in COEFFICIENTS}
    counts, received, wanted, y = [], [], [], []
    flags = {name: [] for name in FLAGS}
    # Columns with the same flags are computed together and mixed afterwards.
    for setting in range(8 if receives else 2):
        chosen = {name: setting >> k & 1 for k, name in enumerate(FLAGS)}
        coefficients, received_scale = random_coefficients(rng, number)
        counts.append(random_counts(rng, config, (2, number)))
        received.append(random_received(rng, number))
        result, before = wanted_results(config, counts[-1], coefficients, received_scale,
                                        received[-1], chosen)
        wanted.append(result)
        y.append(before)
        for name, values in coefficient_words(coefficients, received_scale).items():
            words[name].append(values)
        for name in FLAGS:
            flags[name].append(np.full(number, chosen[name]))
    wanted = np.concatenate(wanted)
    order = rng.permutation(len(wanted))
    check_stimulus(wanted, np.concatenate(y).astype(np.float64))

    def column(parts, bits=16):
        return (np.concatenate(parts, axis=-1)[..., order] & mask(bits)).tolist()

    p, n = column(counts)
    at = Fp16Datapath
    columns = {
        "count_p": (0, p), "count_n": (0, n),
        **{name: (at.affine_at, column(words[name])) for name in COEFFICIENTS[:4]},
        **{name: (at.normalise_at, column(words[name])) for name in COEFFICIENTS[4:6]},
        "relu": (at.relu_at, column(flags["relu"])),
    }
    if receives:
        columns |= {
            "received": (at.receive_at, column(received, 8)),
            "received_scale": (at.receive_at, column(words["received_scale"])),
            "receive": (at.relu_at, column(flags["receive"])),
            "relu_after": (at.relu_after_at, column(flags["relu_after"])),
        }
    outputs = [{"o": o} for o in (wanted[order] & 0xFF).tolist()]
    return PipelineAgent(Pipeline(inputs=skew(len(wanted), **columns), outputs=outputs,
                                  latency=Fp16Datapath.latency_of(receives)),
                         rng, max_stall=max_stall)


def check_stimulus(wanted, y):
    """Every decision of the results must be there."""
    finite = np.isfinite(y)
    part = y[finite] % 1
    seen = {
        "ties": (part == 0.5).sum(), "rounded": ((part > 0) & (part != 0.5)).sum(),
        "high clips": (y[finite] >= 127.5).sum(), "low clips": (y[finite] < -128.5).sum(),
        "infinite": np.isinf(y).sum(), "NaN": np.isnan(y).sum(),
        "in between": (np.abs(wanted) < 120).sum(), "zero": (wanted == 0).sum(),
    }
    assert min(seen.values()) >= 3, seen
