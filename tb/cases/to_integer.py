"""ToInteger: every float16 number, NaN and infinities too, by each rounding rule."""

import numpy as np

from golden.fp16 import from_fp16
from golden.requantise import Rounding
from hw.baseline.to_integer import ToInteger
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.float16 import halves

VARIANTS = {f"{rule}": rule for rule in Rounding}


def build(variant):
    return ToInteger(VARIANTS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    # Without pauses all of them; with pauses those around the steps of the result.
    bits = np.arange(1 << 16)
    if max_stall:
        size = np.nan_to_num(np.abs(halves(bits).astype(np.float64)), posinf=1e6)
        bits = bits[(size * 4 % 1 == 0) & (size < 130) | (rng.random(len(bits)) < 0.05)]
    bits = rng.permutation(bits)
    wanted = from_fp16(halves(bits), rounding=VARIANTS[variant]) & 0xFF
    return PipelineAgent(
        Pipeline(inputs=[{"i": b} for b in bits.tolist()],
                 outputs=[{"o": o} for o in wanted.tolist()], latency=ToInteger.latency),
        rng, max_stall=max_stall)
