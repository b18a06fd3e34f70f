"""Requantise: ties and clip edges of every rounding rule; a narrow one exhaustively."""

import itertools

import numpy as np

from golden.formats import NmpuFormats
from golden.presets import tiny
from golden.qformat import QFormat
from golden.requantise import Rounding, requantise
from hw.nmpu.deep.requantise import DeepRequantise
from hw.nmpu.requantise import Requantise
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.bits import mask
from tb.stimulus import magnitudes, rounding_edges

WIDE = NmpuFormats.of(tiny).activated.fmt
NARROW = QFormat(True, 8, 0)
VARIANTS = {
    **{f"{rule}": (WIDE, rule, 6, 8) for rule in Rounding},
    **{f"{rule}_exhaustive": (NARROW, rule, 4, 8) for rule in Rounding},
    "short_shift": (WIDE, Rounding.HALF_EVEN, 3, 6),
    "one_shift_bit": (NARROW, Rounding.HALF_EVEN, 1, 4),
    "narrower_than_result": (QFormat(True, 5, 0), Rounding.HALF_AWAY, 3, 8),
}
"""Source format, rule, bits of the shift, widest result."""
DEEP = "deep_"
VARIANTS |= {f"{DEEP}{name}": values for name, values in VARIANTS.items()}


def build(variant):
    src, rule, shift_bits, max_bits = VARIANTS[variant]
    kind = DeepRequantise if variant.startswith(DEEP) else Requantise
    return kind(src=src, rounding=rule, shift_bits=shift_bits, max_bits=max_bits)


def operands(src, shift, bits, rng):
    if src.width <= 8:
        return np.arange(src.min, src.max + 1)
    return np.concatenate([rounding_edges(src, shift=shift, bits=bits), magnitudes(rng, src, 20)])


def agent(variant, rng, *, max_idle, max_stall):
    src, rule, shift_bits, max_bits = VARIANTS[variant]
    if src.width <= 8:
        # Beyond the width all bits are rounded off, however far.
        shifts = sorted({*range(min(src.width + 2, 1 << shift_bits)), (1 << shift_bits) - 1})
    else:
        shifts = sorted({s for s in (0, 1, 2, 11, src.width - 8, src.width - 1, src.width,
                                     src.width + 1, 63) if s < 1 << shift_bits})
    widths = [bits for bits in (8, 6, 4) if bits <= max_bits]
    inputs, outputs = [], []
    for shift, bits, relu in itertools.product(shifts, widths, (False, True)):
        xs = operands(src, shift, bits, rng)
        ys = requantise(xs, shift=shift, bits=bits, relu=relu, rounding=rule)
        inputs += [{"i": x & mask(src.width), "shift": shift, "bits": bits, "relu": int(relu)}
                   for x in xs.tolist()]
        outputs += [{"o": y & 0xFF} for y in ys.tolist()]
    order = rng.permutation(len(inputs))  # settings change from one number to the next
    return PipelineAgent(
        Pipeline(inputs=[inputs[k] for k in order], outputs=[outputs[k] for k in order],
                 latency=Requantise.latency), rng, max_stall=max_stall)
