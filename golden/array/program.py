"""Programming cells of any number: pulses with verification, or one draw per device.

The counts that one µS reads are not public: an argument.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.cell_read import COUNTER_BITS, signed_counts
from golden.array.checks import check_generator, check_integer, check_integers, check_number
from golden.array.device import Device
from golden.array.pulse_array import PulseArray
from golden.array.pulse_response import PulseDevices
from golden.array.verify import VerifySettings
from golden.program.engine import program_row
from golden.program.settings import ProgramSettings

__all__ = ["Programmed", "program_and_verify", "program_once"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Programmed:
    """What programming did to each cell.

    Attributes
    ----------
    g_us : float64 array, (devices, 2, *cells)
        Conductances reached, plus before minus: what `Crossbar.from_conductances` takes.
    target, read, error : int64 array, (*cells,)
        In counts, with sign; ``error = read - target`` of the last read.
    converged : bool array, (*cells,)
        Whether ``|error| < margin``.
    rounds : int64 array, (*cells,)
        Pulses of the loop that the cell received.
    current_ua : int64 array, (*cells,)
        The current register at the end; 0 if no pulses were used.
    """

    g_us: np.ndarray
    target: np.ndarray
    read: np.ndarray
    error: np.ndarray
    converged: np.ndarray
    rounds: np.ndarray
    current_ua: np.ndarray

    @property
    def share(self):
        """Share of the cells that converged."""
        return float(self.converged.mean())


def program_and_verify(target, devices, *, counts_per_us, rng, settings=None):
    """Program every cell, all at once: `golden.program.engine.program_row` of one long row.

    Parameters
    ----------
    target : array of int, (*cells,)
        In counts, with sign.
    devices : PulseDevices
        Of shape (1 or 2, 2, *cells): devices per polarity, plus and minus.
    counts_per_us : float
        What a read counts per µS; greater than 0.
    rng : numpy.random.Generator
        Draws the seed of the noise of reads and pulses.
    settings : VerifySettings, optional

    Returns
    -------
    Programmed

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type, shape or range; no device has changed then.
    """
    settings = VerifySettings() if settings is None else settings
    if not isinstance(settings, VerifySettings):
        raise TypeError(f"settings must be VerifySettings, not {settings!r}")
    target = _targets(target)
    counts_per_us = check_number("counts_per_us", counts_per_us, above=0)
    check_generator("rng", rng)
    if not isinstance(devices, PulseDevices):
        raise TypeError(f"devices must be PulseDevices, not {devices!r}")
    if devices.shape not in ((n, 2, *target.shape) for n in (1, 2)):
        raise ValueError(f"devices must have shape (1 or 2, 2, *{target.shape}), not "
                         f"{devices.shape}")
    array = PulseArray(devices.as_row(), counts_per_us=counts_per_us,
                       seed=rng.integers(1 << 32))
    row = program_row(target.ravel(), array, 0,
                      settings=ProgramSettings(loop=settings, windows=1))
    cells = {name: getattr(row, name).reshape(target.shape)
             for name in ("read", "converged", "rounds", "current_ua")}
    return Programmed(g_us=devices.g_us, target=target, error=cells["read"] - target, **cells)


def program_once(target, device, *, counts_per_us, rng, margin=5):
    """Program every cell by one draw of a published device model, one device per polarity.

    Parameters
    ----------
    target : array of int, (*cells,)
        In counts, with sign.
    device : Device
        Its ``program`` draws the conductance that a target reaches; the plus devices first.
    counts_per_us : float
        What a read counts per µS; greater than 0.
    rng : numpy.random.Generator
    margin : int
        Cells within it are reported as converged.

    Returns
    -------
    Programmed
        Read without noise; ``rounds`` and ``current_ua`` are 0.

    Raises
    ------
    TypeError, ValueError
        As `program_and_verify`, and if a target exceeds what the device may be asked for.
    """
    if not isinstance(device, Device):
        raise TypeError(f"device must be a Device, not {device!r}")
    target = _targets(target)
    counts_per_us = check_number("counts_per_us", counts_per_us, above=0)
    margin = check_integer("margin", margin, low=1, high=4095)
    wanted = np.stack([np.maximum(target, 0), np.maximum(-target, 0)])
    g_us = device.program(wanted / counts_per_us, rng)[None]
    zero, read = np.zeros_like(target), signed_counts(g_us, counts_per_us)
    return Programmed(g_us=g_us, target=target, read=read, error=read - target, rounds=zero,
                      converged=np.abs(read - target) < margin, current_ua=zero)


def _targets(target):
    target = check_integers("target", target)
    limit = (1 << COUNTER_BITS) - 1
    for extreme in (target.min(initial=0).item(), target.max(initial=0).item()):
        if abs(extreme) > limit:
            raise ValueError(f"target must be in {-limit}..{limit} counts, not {extreme}")
    return target

