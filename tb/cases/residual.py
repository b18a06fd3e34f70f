"""Residual: bytes of both signs, every scale's end, every shift and those beyond the largest."""

import numpy as np

from golden.formats import RESIDUAL_SCALE_BITS, RESIDUAL_SHIFT_BITS, NmpuFormats
from golden.nmpu import residual
from hw.nmpu.stages import LaneStages
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.stimulus import corners

VARIANTS = ("tiny", "fine", "no_shift", "one_clock")


def build(variant):
    config = CONFIGS[variant]
    return LaneStages.of(config).residual(config)


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    formats = NmpuFormats.of(config)
    top, most = (1 << RESIDUAL_SCALE_BITS) - 1, formats.residual_shift
    shifts = range(1 << RESIDUAL_SHIFT_BITS)
    edges = np.concatenate([
        [(*pair, shift) for shift in shifts for pair in corners((-128, 127), (0, top))],
        np.stack([rng.integers(-128, 128, 1000), rng.integers(0, top, 1000, endpoint=True),
                  rng.integers(0, most, 1000, endpoint=True)], axis=-1)])
    received, scale, shift = edges[rng.permutation(len(edges))].T
    inputs, outputs, held = [{"en": 1, "valid": 0, "shift": 0}], [{"o": None}], (0, 0)
    for r, c, s in zip(received.tolist(), scale.tolist(), shift.tolist(), strict=True):
        # A pause now and then, in which the product stays and the shift may change.
        enabled, valid = int(rng.random() < 0.8), int(rng.random() < 0.8)
        inputs.append({"en": 1, "valid": 1, "i": r & 0xFF, "scale": c, "shift": 0})
        inputs.append({"en": enabled, "valid": valid, "i": ~r & 0xFF, "scale": c, "shift": s})
        # A shift beyond the largest is refused before it comes here; it must not wrap either.
        wanted = residual(np.array([r]), config, scale=c, shift=s if s <= most else 0)
        before = residual(np.array([held[0]]), config, scale=held[1], shift=0)
        outputs += [{"o": int(z[0]) & mask(formats.residual.fmt.width)} for z in (before, wanted)]
        held = (r, c) if not enabled else (~r, c) if valid else (0, 0)
    assert {"o": formats.residual.low & mask(formats.residual.fmt.width)} in outputs
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=0, enable=None),
                         rng, max_stall=max_stall)
