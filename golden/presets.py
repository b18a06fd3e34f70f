"""Named configurations."""

from golden.config import (
    ArrayConfig,
    ControlConfig,
    DriftConfig,
    DriveConfig,
    NmpuConfig,
    ProgramConfig,
    ReadoutConfig,
    StreamConfig,
    TileConfig,
)

__all__ = ["COUNTING", "PRESETS", "hermes", "lean", "preset", "ripple", "small", "tiny", "wide"]

tiny = TileConfig(
    array=ArrayConfig(rows=8, columns=8),
    readout=ReadoutConfig(counter_banks=1),
    nmpu=NmpuConfig(lanes=2),
    control=ControlConfig(descriptors=8, activations=3),
    program=ProgramConfig(heads=2),
    stream=StreamConfig(x_bits=16, y_bits=8),
)
"""8x8, one bank of counters and two lanes: for tests that must be quick; each output beat is one
byte."""

small = TileConfig(
    array=ArrayConfig(rows=32, columns=32),
    nmpu=NmpuConfig(lanes=8),
    control=ControlConfig(descriptors=16, activations=4),
    program=ProgramConfig(heads=8),
    stream=StreamConfig(x_bits=64, y_bits=64),
)
"""32x32 and eight lanes."""

hermes = TileConfig()
"""256x256, 12-bit counters and 64 lanes of four columns: the sizes of the HERMES core and the NMPU.
The default."""

wide = TileConfig(
    nmpu=NmpuConfig(lanes=128),
    stream=StreamConfig(x_bits=1024, y_bits=1024),
)
"""256x256 with 128 lanes: a vector leaves in two clocks."""

lean = TileConfig(
    drive=DriveConfig(read_modes=("one_phase", "four_phase")),
    readout=ReadoutConfig(counter_banks=1, columns_per_counter=4),
    nmpu=NmpuConfig(max_reads=16, accumulator_bits=26, lanes=16, residual=False,
                    partial_sums=False),
    drift=DriftConfig(engine=False),
    control=ControlConfig(activations=0, parity=False),
    program=ProgramConfig(engine=False),
    stream=StreamConfig(x_bits=128, y_bits=128),
)
"""256x256 for little area: four columns share a pair of counters, in one bank, and 16 lanes serve
them; no slices, residuals, partial sums, parity or engines."""

ripple = TileConfig(
    array=ArrayConfig(rows=16, columns=16),
    readout=ReadoutConfig(front_end="oscillator"),
    nmpu=NmpuConfig(lanes=4),
    program=ProgramConfig(heads=4),
    stream=StreamConfig(x_bits=32, y_bits=32),
)
"""16x16 with counters that the oscillators clock themselves."""

PRESETS = {"tiny": tiny, "small": small, "hermes": hermes, "wide": wide, "lean": lean,
           "ripple": ripple}


def preset(name):
    """The preset called ``name``; `ValueError` if there is none."""
    if name not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, not {name!r}")
    return PRESETS[name]

COUNTING = {name: config for name, config in PRESETS.items()
            if config.readout.front_end == "count"}
"""Those whose macro counts."""
