"""The configuration of a tile: one frozen tree, checked when it is made, kept as YAML.

Whatever exists has passed every check here, so neither the golden model nor the generator checks
again. A refusal is a `ConfigError` whose message names the field, the value and what is allowed.
"""

from golden.config.checks import ConfigError
from golden.config.sections import (
    VECTOR_BITS,
    ArrayConfig,
    ControlConfig,
    DriftConfig,
    DriveConfig,
    NmpuConfig,
    ProgramConfig,
    ReadoutConfig,
    StreamConfig,
)
from golden.config.tile import TileConfig

__all__ = ["VECTOR_BITS", "ArrayConfig", "ConfigError", "ControlConfig",
           "DriftConfig", "DriveConfig", "NmpuConfig", "ProgramConfig", "ReadoutConfig",
           "StreamConfig", "TileConfig"]
