"""Programming an array: pulses with verification, or one draw per device.

Source of the sequence: Le Gallo et al., Nature Electronics 6, 680-693, 2023, section IV and
Methods. Decisions are integers (`golden.array.verify`), devices floats
(`golden.array.pulse_response`). The counts that one µS reads are not public: an argument.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.cell_read import COUNTER_BITS, periods, signed_counts
from golden.array.checks import check_generator, check_integer, check_integers, check_number
from golden.array.device import Device
from golden.array.pulse_response import PulseDevices
from golden.array.verify import VerifySettings, first_current, verify_step

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
    """Program every cell, all at once.

    1. RESET all devices. 2. SET those of the weight's polarity; none for target 0. 3. Choose
    the device to iterate: the only one, or of two, with ``|target|`` above both SET reads, the
    lower one, while the other stays SET; else the higher one, while the other is RESET.
    4. Read; leave the cell if it is within the margin or has had ``max_rounds`` pulses; else
    change the current, pulse, and read again. The last read of a cell is what is reported.

    Parameters
    ----------
    target : array of int, (*cells,)
        In counts, with sign.
    devices : PulseDevices
        Of shape (1 or 2, 2, *cells): devices per polarity, plus and minus.
    counts_per_us : float
        What a read counts per µS; greater than 0.
    rng : numpy.random.Generator
        Draws reads and pulses, for all devices in every round, whoever is still iterated.
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

    negative = target < 0
    polarity = np.stack([~negative, negative])[None]
    devices.reset(np.ones(devices.shape, bool))
    devices.set(polarity & (target != 0))
    magnitude = np.abs(target)
    iterated, reset = _choose(magnitude, negative, devices, counts_per_us, rng)
    devices.reset(reset)

    current = first_current(magnitude, settings)
    active = np.ones(target.shape, bool)
    rounds, last = np.zeros_like(target), np.zeros_like(target)
    while True:
        read = signed_counts(devices.read_us(rng), counts_per_us)
        last = np.where(active, read, last)
        _, good, changed = verify_step(magnitude, np.where(negative, -read, read), current,
                                       settings)
        active &= ~good & (rounds < settings.max_rounds)
        if not active.any():
            break
        current = np.where(active, changed, current)
        rounds += active
        devices.pulse(current, iterated & active, rng)
    return _result(devices.g_us, target, last, settings.margin, rounds, current)


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
    zero = np.zeros_like(target)
    return _result(g_us, target, signed_counts(g_us, counts_per_us), margin, zero, zero)


def _result(g_us, target, read, margin, rounds, current_ua):
    error = read - target
    return Programmed(g_us=g_us, target=target, read=read, error=error, rounds=rounds,
                      converged=np.abs(error) < margin, current_ua=current_ua)


def _targets(target):
    target = check_integers("target", target)
    limit = (1 << COUNTER_BITS) - 1
    for extreme in (target.min(initial=0).item(), target.max(initial=0).item()):
        if abs(extreme) > limit:
            raise ValueError(f"target must be in {-limit}..{limit} counts, not {extreme}")
    return target


def _choose(magnitude, negative, devices, counts_per_us, rng):
    """Masks of the devices to iterate and of those to RESET."""
    polarity = np.stack([~negative, negative])[None]
    if devices.shape[0] == 1:
        return polarity, np.zeros_like(polarity)
    read = periods(devices.read_us(rng), counts_per_us)
    first, second = np.where(negative, read[:, 1], read[:, 0])
    both = (magnitude > first) & (magnitude > second)
    # Of two equal reads the first device counts as the higher.
    higher = np.stack([first >= second, first < second])[:, None]
    iterated = polarity & (higher ^ both)
    return iterated, polarity & ~iterated & ~both
