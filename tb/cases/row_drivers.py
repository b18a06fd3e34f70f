"""RowDrivers: whole vectors of every input width, all rows side by side."""

import numpy as np

from golden.convert.pulse import pulse_lengths, window_clocks
from hw.drive.row_drivers import RowDrivers
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import pack
from tb.cases.configs import CONFIGS

VARIANTS = ("tiny",)


def build(variant):
    return RowDrivers(CONFIGS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    rows = CONFIGS[variant].array.rows
    inputs, outputs = [], []
    for bits in [*rng.permutation([8, 6, 4] * 4).tolist(), 8]:
        window = window_clocks(bits)
        x = rng.integers(-128, 128, rows) >> rng.integers(0, 8, rows)
        x[rng.integers(rows)] = rng.choice([-window, 1 - window, window - 1, 0])
        lengths, clipped = pulse_lengths(x, input_bits=bits)
        outside = pack(rng.integers(-128, -120, rows), 8)
        rest = {"load": 0, "x": outside, "input_bits": bits, "active": 0, "tick": 3}
        inputs += [{**rest, "load": 1, "x": pack(x, 8)}]
        inputs += [{**rest, "active": 1, "tick": t} for t in range(window)]
        inputs += [rest, rest]
        outputs += [{"clipped": int(clipped.any()), "pins.pulse": 0, "pins.integrate": 0}]
        for clock in range(-1, window + 1):
            outputs.append({
                "clipped": 0,
                "pins.integrate": int(0 <= clock < window),
                "pins.pulse": pack((0 <= clock) & (clock < np.abs(lengths)), 1),
                "pins.negative": pack(lengths < 0, 1),
            })
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=0, enable=None),
                         rng, max_stall=max_stall)
