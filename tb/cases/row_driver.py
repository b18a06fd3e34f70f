"""RowDriver: the pulse of every input under every limit, clock by clock."""

from golden.convert.pulse import pulse_lengths, window_clocks
from hw.drive.row_driver import RowDriver
from tb.agents.pipeline import Pipeline, PipelineAgent

VARIANTS = ("all",)


def build(variant):
    return RowDriver()


def agent(variant, rng, *, max_idle, max_stall):
    inputs, outputs = [], []
    for bits in (8, 6, 4):
        window, limit = window_clocks(bits), window_clocks(bits) - 1
        for x in rng.permutation(range(-128, 128)).tolist():
            length, clipped = (v.item() for v in pulse_lengths(x, input_bits=bits))
            rest = {"limit": limit, "x": int(rng.integers(256)), "active": 0,
                    "tick": int(rng.integers(128)), "load": 0}
            gap = int(rng.integers(3))
            inputs += [{**rest, "load": 1, "x": x & 0xFF}, *[rest] * gap]
            inputs += [{**rest, "active": 1, "tick": t} for t in range(window)]
            inputs += [rest]
            outputs += [{"clipped": int(clipped), "pulse": 0}, *[{"pulse": 0}] * gap]
            # One clock after `active` rises, and from there on as many clocks as the magnitude.
            pulse = [0] + [1] * abs(length) + [0] * (window - abs(length))
            outputs += [{"pulse": p, "negative": int(length < 0)} for p in pulse]
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=0, enable=None),
                         rng, max_stall=max_stall)
