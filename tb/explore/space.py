"""The points of a sweep: configurations of the default tile."""

from dataclasses import dataclass
from itertools import product

from golden.presets import hermes
from golden.requantise import Rounding
from tb.synth.scale_format import with_scale

__all__ = ["DEFAULTS", "Choice", "choices"]

DEFAULTS = {"lanes": (16, 64, 128), "scale_bits": (5, 7, 9),
            "rounding": (Rounding.FLOOR, Rounding.HALF_EVEN), "stage_gates": (0, 11, 24)}
"""What is swept, if nothing else is said."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One point: ``lanes``, fraction bits of the scale ``U(1, scale_bits)``, ``rounding``,
    ``stage_gates`` as of `golden.config.NmpuConfig`."""

    lanes: int
    scale_bits: int
    rounding: Rounding
    stage_gates: int

    @property
    def config(self):
        """The tile; `ConfigError` if there can be none."""
        return with_scale(hermes.replace(
            nmpu={"lanes": self.lanes, "rounding": self.rounding,
                  "stage_gates": self.stage_gates},
            stream={"y_bits": 8}), self.scale_bits)

    @property
    def name(self):
        """A name for files."""
        return f"lanes{self.lanes}-u1_{self.scale_bits}-{self.rounding}-gates{self.stage_gates}"


def choices(*, lanes, scale_bits, rounding, stage_gates):
    """Every combination; `ConfigError` if one cannot be built."""
    found = [Choice(lanes=a, scale_bits=b, rounding=c, stage_gates=d)
             for a, b, c, d in product(lanes, scale_bits, rounding, stage_gates)]
    # A configuration checks itself when it is made: none may fail after minutes of mapping.
    for choice in found:
        choice.config  # noqa: B018
    return found
