"""Named configurations."""

from golden.config import ArrayConfig, NmpuConfig, StreamConfig, TileConfig

__all__ = ["PRESETS", "hermes", "preset", "small", "tiny", "wide"]

tiny = TileConfig(
    array=ArrayConfig(rows=8, columns=8),
    nmpu=NmpuConfig(lanes=2),
    stream=StreamConfig(x_bits=16, y_bits=8),
)
"""8x8 and two lanes: for tests that must be quick; each output beat is one byte."""

small = TileConfig(
    array=ArrayConfig(rows=32, columns=32),
    nmpu=NmpuConfig(lanes=8),
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

PRESETS = {"tiny": tiny, "small": small, "hermes": hermes, "wide": wide}


def preset(name):
    """The preset called ``name``; `ValueError` if there is none."""
    if name not in PRESETS:
        raise ValueError(f"preset must be one of {', '.join(PRESETS)}, not {name!r}")
    return PRESETS[name]
