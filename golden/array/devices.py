"""Devices by name."""

from dataclasses import dataclass

from golden.array.device import Ideal, PcmLike
from golden.array.hermes import HermesOneDevice, HermesTwoDevice

__all__ = ["DEVICES", "Projected", "make_device"]


@dataclass(frozen=True, kw_only=True)
class Projected(PcmLike):
    """Projected phase-change memory: **an assumption of ours, no published fit**.

    A projection liner carries the read current past the glass, so that drift and read noise
    shrink (the principle: Koelmans et al., Nature Communications 6:8181, 2015). How much is
    guessed here: a tenth of the drift exponents and a quarter of the read noise of `PcmLike`,
    with its programming noise.
    """

    drift_scale: float = 0.1
    read_scale: float = 0.25


DEVICES = {
    "pcm_like": PcmLike,
    "hermes_one_device": HermesOneDevice,
    "hermes_two_device": HermesTwoDevice,
    "ideal": Ideal,
    "projected": Projected,
}
"""Device classes by name; each makes its published (or, for ``projected``, assumed) default."""


def make_device(name, **fields):
    """The device called ``name``, with ``fields`` changed.

    Raises
    ------
    TypeError, ValueError
        If there is no such name or field, or as the device refuses a field.
    """
    if not isinstance(name, str) or name not in DEVICES:
        raise ValueError(f"device must be one of {', '.join(DEVICES)}, not {name!r}")
    return DEVICES[name](**fields)
