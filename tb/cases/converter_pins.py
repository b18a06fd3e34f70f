"""ConverterDriver: whatever the sequencer says reaches the pins one clock later."""

from amaranth.hdl import Shape

from hw.drive.converter_pins import ConverterDriver, window_members
from tb.agents.pipeline import Pipeline, PipelineAgent
from tb.cases.configs import CONFIGS

VARIANTS = ("tiny", "four_blocks")


def build(variant):
    return ConverterDriver(CONFIGS[variant])


def agent(variant, rng, *, max_idle, max_stall):
    widths = {name: Shape.cast(member.shape).width
              for name, member in window_members(CONFIGS[variant]).items()}
    inputs, outputs = [], []
    for _ in range(500):
        values = {name: int(rng.integers(1 << width)) for name, width in widths.items()}
        inputs.append({f"window.{name}": value for name, value in values.items()})
        outputs.append({f"pins.{name}": value for name, value in values.items()})
    return PipelineAgent(Pipeline(inputs=inputs, outputs=outputs, latency=1, enable=None),
                         rng, max_stall=max_stall)
