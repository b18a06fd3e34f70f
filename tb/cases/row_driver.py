"""RowDriver: the pulse of every input in every mode and width, clock by clock."""

import numpy as np

from golden.convert.pulse import pulse_lengths
from hw.drive.row_driver import RowDriver
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.cases.pulses import ALL_SETTINGS, windows

VARIANTS = ("all",)
FEW = 16
"""Inputs in four phases of 128 clocks; `row_drivers` has them all."""


def build(variant):
    return RowDriver()


def jobs(rng):
    """(settings, input, window of it): every input once per mode and width, in random windows."""
    for settings in ALL_SETTINGS:
        inputs = rng.permutation(range(-128, 128))
        if (settings.read_mode, settings.input_bits) == ("four_phase", 8):
            inputs = np.append(inputs[:FEW], [-128, -127, -1, 0, 1, 127])
        for x in inputs.tolist():
            of_x = windows(np.array([x]), settings)
            yield settings, x, of_x[rng.integers(len(of_x))]


def agent(variant, rng, *, max_idle, max_stall):
    inputs, outputs, loaded_in_window = [], [{}], 0
    order = list(jobs(rng))
    for k in rng.permutation(len(order)):
        settings, x, (shared, (length,)) = order[k]
        (clipped,) = pulse_lengths(np.array([x]), input_bits=settings.input_bits)[1]
        limit = settings.mode.limit
        gap = int(rng.integers(3))

        def rest(limit=limit):
            return {"limit": limit, "x": int(rng.integers(256)), "active": 0, "load": 0,
                    "mask": 127, "level": 0, "drive_positive": 1, "drive_negative": 1}

        if not inputs or gap:
            inputs += [rest() for _ in range(max(gap, 1))]
            outputs += [{"pulse": 0} for _ in range(max(gap, 1))]
        # Loaded in the last clock before the window, which may be the last of another window.
        loaded_in_window += inputs[-1]["active"]
        inputs[-1] |= {"load": 1, "x": x & 0xFF, "limit": limit}
        outputs[len(inputs) - 1] = {**outputs[len(inputs) - 1], "clipped": int(clipped)}
        for tick, told in enumerate(shared):
            inputs.append({**rest(), **told})
            outputs.append({"pulse": int(tick < abs(length)), "negative": int(x < 0)})
    inputs.append(rest())
    assert loaded_in_window > 300
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=0, enable=None),
                         rng, max_stall=max_stall)
