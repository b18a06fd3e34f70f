"""Cells: one or two devices per polarity, stuck devices, conductance in µS and in counts."""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_integer, check_number, check_reals

__all__ = ["Cell", "check_cell", "split_target"]


def split_target(target_us, g_set_us):
    """Share a conductance between two devices as the HERMES chip does.

    Above the SET conductance of both, the device with the higher one stays at SET and the other
    is programmed to the rest; otherwise the device with the higher SET conductance is
    programmed and the other is RESET. Of equals the first counts as the higher. Source: Le
    Gallo et al., Nature Electronics 6, 680-693, 2023, section IV and Methods.

    Parameters
    ----------
    target_us : array of float
        Conductance of the pair, in µS, at least 0.
    g_set_us : array of float, (2, ...)
        What each device has after a SET pulse, in µS.

    Returns
    -------
    targets_us : array of float64, (2, ...)
    held : array of bool, (2, ...)
        True for a device that stays at SET.
    """
    target_us = check_reals("target_us", target_us, low=0)
    g_set_us = check_reals("g_set_us", g_set_us, low=0)
    if g_set_us.shape != (2, *target_us.shape):
        raise ValueError(f"g_set_us must have shape {(2, *target_us.shape)}, not {g_set_us.shape}")
    higher = np.stack([g_set_us[0] >= g_set_us[1], g_set_us[0] < g_set_us[1]])
    above = target_us > g_set_us.max(axis=0)
    rest_us = np.where(above, target_us - g_set_us.max(axis=0), 0.0)
    return np.where(higher, np.where(above, g_set_us, target_us), rest_us), higher & above


@dataclass(frozen=True, kw_only=True)
class Cell:
    """How the devices of one polarity make one conductance.

    Two views of two devices per polarity, not to be mixed: ``devices=1`` with a fit made on
    pairs (`HermesTwoDevice`) takes the pair as one fitted device; ``devices=2`` with a fit made
    on single devices keeps both, each with its own errors, exponent and noise.

    Parameters
    ----------
    devices : int
        1 or 2 per polarity.
    set_spread : float
        Spread of the SET conductance below ``g_max_us``: ``g_max max(1 - spread |N(0, 1)|, 0)``.
        The law is our assumption; 0, the default, gives every device ``g_max_us``.
    stuck_reset, stuck_set : float
        Fractions of devices, 0..1, at most 1 together, that answer no pulse and stay at 0 or at
        their SET conductance. The yield is what is left.
    counts_per_us : float, optional
        Counts of the converter per µS, greater than 0. Not public for HERMES, so there is no
        default: without it there is no conversion.

    Raises
    ------
    TypeError, ValueError
        If a field is of the wrong type or out of range.
    """

    devices: int = 1
    set_spread: float = 0.0
    stuck_reset: float = 0.0
    stuck_set: float = 0.0
    counts_per_us: float | None = None

    def __post_init__(self):
        check_integer("devices", self.devices, low=1, high=2)
        check_number("set_spread", self.set_spread, minimum=0)
        check_number("stuck_reset", self.stuck_reset, minimum=0)
        check_number("stuck_set", self.stuck_set, minimum=0)
        if self.stuck_reset + self.stuck_set > 1:
            raise ValueError("stuck_reset + stuck_set must be at most 1, not "
                             f"{self.stuck_reset + self.stuck_set!r}")
        if self.counts_per_us is not None:
            check_number("counts_per_us", self.counts_per_us, above=0)

    def g_max_us(self, device):
        """Largest conductance of one polarity, in µS."""
        if self.devices > 1 and device.stands_for > 1:
            raise ValueError(f"devices must be 1 with {type(device).__name__}, which stands for "
                             f"{device.stands_for} devices already, not {self.devices}")
        return self.devices * device.g_max_us

    def _counts_per_us(self):
        if self.counts_per_us is None:
            raise ValueError("counts_per_us must be given to convert: no figure is public")
        return self.counts_per_us

    def to_counts(self, g_us):
        """Conductances in µS as counts."""
        return check_reals("g_us", g_us, low=0) * self._counts_per_us()

    def to_us(self, counts):
        """Conductances in counts as µS."""
        return check_reals("counts", counts, low=0) / self._counts_per_us()

    def program(self, target_us, device, rng):
        """Program every device of an array of cells once.

        Programming errors are drawn first, then drift exponents. SET conductances and stuck
        devices come from a generator spawned from ``rng``, so that they move neither.

        Returns
        -------
        g_prog_us, nu : array of float64, (devices, *target.shape)
        """
        target_us = check_reals("target_us", target_us, low=0, high=self.g_max_us(device))
        shape = (self.devices, *target_us.shape)
        g_set_us, stuck = np.full(shape, device.g_max_us), np.zeros(shape, np.int8)
        if self.set_spread or self.stuck_reset or self.stuck_set:
            extra = rng.spawn(1)[0]
            g_set_us *= np.maximum(1 - self.set_spread * np.abs(extra.standard_normal(shape)), 0)
            luck = extra.random(shape)
            stuck[luck < self.stuck_reset + self.stuck_set] = 1
            stuck[luck < self.stuck_reset] = -1
        if self.devices == 1:
            state_us, held = target_us[None], np.zeros(shape, bool)
        else:
            state_us, held = split_target(target_us, g_set_us)
        held |= stuck > 0
        # A weak pair may not reach its target: no device is asked for more than it has.
        state_us = np.where(held, g_set_us, np.minimum(state_us, device.g_max_us))
        state_us = np.where(stuck < 0, 0.0, state_us)
        g_prog_us = np.where(held | (stuck < 0), state_us, device.program(state_us, rng))
        return g_prog_us, device.drift_coefficients(state_us, rng)


def check_cell(value):
    """Return ``value`` if it is a Cell, the default cell for None; TypeError otherwise."""
    if value is None:
        return Cell()
    if not isinstance(value, Cell):
        raise TypeError(f"cell must be a Cell, not {value!r}")
    return value
