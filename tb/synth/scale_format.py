"""Tiles with other scale formats."""

from golden.config import ConfigError
from golden.formats import NmpuFormats
from golden.qformat import QFormat

__all__ = ["with_scale"]

WIDEST = 48
"""Of accumulators; see `golden.config.NmpuConfig`."""


def with_scale(config, scale_bits):
    """The same with scales ``U(1, scale_bits)`` and the narrowest accumulator that holds them;
    `ConfigError` if there can be no such tile."""
    try:
        scale = QFormat(False, 1, scale_bits)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    widest = config.replace(nmpu={"scale": scale, "accumulator_bits": WIDEST})
    sums = NmpuFormats.of(widest).accumulated
    narrowest = QFormat.holding(sums.low, sums.high, frac_bits=sums.fmt.frac_bits).width
    return widest.replace(nmpu={"accumulator_bits": narrowest})
