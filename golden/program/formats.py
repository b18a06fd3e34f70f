"""Every intermediate of the verdict, proven from the configuration."""

from dataclasses import dataclass

from golden.array.verify import VerifySettings
from golden.formats import Interval
from golden.program.settings import CURRENT_BITS, MOST_WINDOWS

__all__ = ["TARGET_BITS", "ProgramFormats", "largest_target"]

TARGET_BITS = 16
"""Of a target on the stream, two's complement."""


def largest_target(config):
    """Counts beyond which a target is clipped: a full counter, or what the stream can say."""
    return min((1 << config.readout.counter_bits) - 1, (1 << (TARGET_BITS - 1)) - 1)


@dataclass(frozen=True)
class ProgramFormats:
    """Intervals of the intermediates, in the order of the data.

    Parameters
    ----------
    target : Interval
        After clipping.
    sum : Interval
        Counts of P less those of N, of `MOST_WINDOWS` windows.
    error : Interval
        A sum less the magnitude of a target, with the sign of the weight taken out.
    product : Interval
        Error times gain.
    current : Interval
        A current with its change, before it is clipped.
    """

    target: Interval
    sum: Interval
    error: Interval
    product: Interval
    current: Interval

    @classmethod
    def of(cls, config):
        """The formats of ``config``, a `golden.config.TileConfig`."""
        target = largest_target(config)
        most = MOST_WINDOWS * ((1 << config.readout.counter_bits) - 1)
        gain = VerifySettings().gain_format
        low, high = (end * gain.max for end in (-most - target, most))
        # Rounding to nearest moves a quotient by less than one.
        change = (low >> gain.frac_bits, (high >> gain.frac_bits) + 1)
        return cls(
            target=Interval.of(-target, target, frac_bits=0),
            sum=Interval.of(-most, most, frac_bits=0),
            error=Interval.of(-most - target, most, frac_bits=0),
            product=Interval.of(low, high, frac_bits=gain.frac_bits),
            current=Interval.of(change[0], change[1] + (1 << CURRENT_BITS) - 1, frac_bits=0))
