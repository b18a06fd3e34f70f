"""RowDrivers: whole vectors in every mode and width, all rows side by side, and single rows."""

import numpy as np

from golden.convert.pulse import pulse_lengths
from hw.drive.row_drivers import RowDrivers
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import pack
from tb.cases.configs import CONFIGS
from tb.cases.pulses import ALL_SETTINGS, windows

VARIANTS = {"tiny": CONFIGS["tiny"], "all": CONFIGS["tiny"].replace(array={"rows": 256})}
"""`all` has a row for every input."""


def build(variant):
    return RowDrivers(VARIANTS[variant])


def vector(settings, rows, rng):
    if rows == 256:
        return rng.permutation(np.arange(-128, 128))
    x = rng.integers(-128, 128, rows) >> rng.integers(0, 8, rows)
    limit = settings.mode.limit
    x[rng.integers(rows)] = rng.choice([-limit - 1, -limit, limit, min(limit + 1, 127)])
    return x


def agent(variant, rng, *, max_idle, max_stall):
    rows = VARIANTS[variant].array.rows
    inputs, outputs, tally = [], [{}], {0: 0, 1: 0}
    many = 1 if variant == "all" else 4
    order = [*((s, 0) for s in ALL_SETTINGS * many), *((s, 1) for s in ALL_SETTINGS[::5] * many)]
    for k in rng.permutation(len(order)):
        settings, single = order[k]
        x = given = vector(settings, rows, rng)
        bits, row = settings.input_bits, int(rng.integers(rows))
        clipped = pulse_lengths(x, input_bits=bits)[1].any()
        if single:  # what lies at `x` does not matter then
            x, clipped = np.where(np.arange(rows) == row, settings.mode.limit, 0), False
        # Without `load`, what lies at `x` must be neither taken nor reported.
        rest = {"load": 0, "x": pack(rng.integers(-128, -120, rows), 8), "input_bits": bits,
                "single": int(rng.integers(2)), "row": int(rng.integers(rows)),
                "active": 0, "mask": 127, "level": 0, "drive_positive": 1, "drive_negative": 1}
        if sum(tally.values()) % 2 == 0:
            inputs.append(rest)
            outputs.append({"pins.pulse": 0, "clipped": 0})
        tally[int(inputs[-1]["active"])] += 1
        inputs[-1] = {**inputs[-1], "load": 1, "x": pack(given, 8), "input_bits": bits,
                      "single": single, "row": row}
        outputs[len(inputs) - 1] = {**outputs[len(inputs) - 1], "clipped": int(clipped)}
        for shared, lengths in windows(x, settings):
            for tick, told in enumerate(shared):
                inputs.append({**rest, **told})
                outputs.append({"pins.pulse": pack(tick < np.abs(lengths), 1), "clipped": 0,
                                "pins.negative": pack(x < 0, 1)})
    inputs.append(rest)
    outputs[-1]["clipped"] = 0
    assert min(tally.values()) > 1, tally
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=0, enable=None),
                         rng, max_stall=max_stall)
