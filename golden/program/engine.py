"""The programming engine: RESET, SET, then read, compare and pulse, row by row.

Source of the sequence: Le Gallo et al., Nature Electronics 6, 680-693, 2023, section IV and
Methods. Decisions are integers (`golden.array.verify`); the array is whatever answers reads.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.verify import first_current, verify_step
from golden.program.settings import ProgramSettings

__all__ = ["ProgrammedRow", "Sweep", "program_row", "program_rows"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Sweep:
    """One pass over the columns of a row.

    Attributes
    ----------
    kind : str
        ``reset``, ``set`` or ``loop``: which pulse; ``compare`` for the pass that only keeps the
        read of the first of two devices.
    pulsed : bool array, (columns,)
        Columns of the range that receive a pulse.
    read : bool
        A read comes before.
    """

    kind: str
    pulsed: np.ndarray
    read: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class ProgrammedRow:
    """What became of the cells of a row, one element per column of the range.

    Attributes
    ----------
    target, read : int64 array
        In counts, with sign; ``read`` is the last one of a cell that was still iterated.
    converged : bool array
        Whether ``|read - target|`` is below the margin.
    rounds : int64 array
        Pulses of the loop that the cell received.
    current_ua : int64 array
        The current register at the end.
    sweeps : list of Sweep
        In the order of time.
    """

    target: np.ndarray
    read: np.ndarray
    converged: np.ndarray
    rounds: np.ndarray
    current_ua: np.ndarray
    sweeps: list


def program_row(target, array, row, *, first_column=0, settings=None):
    """Program the cells of one row.

    1. RESET all devices. 2. SET those of the weight's polarity; none for target 0. 3. Choose
    the device to iterate: the only one, or of two, with ``|target|`` above the reads of both alone,
    the lower one, while the other stays SET; else the higher one, while the other is RESET. Of
    equal ones the first counts as the higher. 4. Read; leave the cell if it is within the margin or
    has had ``max_rounds`` pulses; else change the current, pulse, and read again.

    Parameters
    ----------
    target : int64 array, (columns of the range,)
        In counts, with sign.
    array : object
        ``devices``; ``read(row, connected, windows)`` gives counts of plus less counts of minus of
        all columns; ``pulse(row, columns, current_ua, device, negative, trailing=)``. As
        `golden.array.pulse_array.PulseArray`.
    row, first_column : int
    settings : ProgramSettings, optional

    Returns
    -------
    ProgrammedRow
    """
    settings = ProgramSettings() if settings is None else settings
    loop, columns = settings.loop, first_column + np.arange(len(target))
    magnitude, negative = np.abs(target), target < 0
    everywhere, nowhere = np.ones(len(target), bool), np.zeros(len(target), bool)
    sweeps = []

    def pulse(kind, pulsed, current_ua, device, side, *, read=False):
        sweeps.append(Sweep(kind=kind, pulsed=pulsed, read=read))
        current_ua, device, side = (np.broadcast_to(value, pulsed.shape)[pulsed]
                                    for value in (current_ua, device, side))
        array.pulse(row, columns[pulsed], current_ua, device, side,
                    trailing=kind == "set" and settings.set_trailing > 0)

    def read_along(connected):
        """Counts with the sign of the weight taken out."""
        read = array.read(row, connected, settings.windows)[columns]
        return np.where(negative, -read, read)

    for device in range(array.devices):
        for side in (False, True):
            pulse("reset", everywhere, settings.reset_ua, device, side)
    for device in range(array.devices):
        pulse("set", target != 0, settings.set_ua, device, negative)
    iterated = np.zeros(len(target), np.int64)
    if array.devices == 2:
        first = read_along(0b01)
        sweeps.append(Sweep(kind="compare", pulsed=nowhere, read=True))
        second = read_along(0b10)
        both = (magnitude > first) & (magnitude > second)
        iterated = ((first < second) ^ both).astype(np.int64)
        pulse("reset", ~both & (target != 0), settings.reset_ua, 1 - iterated, negative, read=True)

    current = first_current(magnitude, loop)
    active, last = everywhere.copy(), np.zeros_like(magnitude)
    rounds = np.zeros_like(magnitude)
    while True:
        read = read_along((1 << array.devices) - 1)
        last = np.where(active, read, last)
        _, good, changed = verify_step(magnitude, read, current, loop)
        active &= ~good & (rounds < loop.max_rounds)
        current = np.where(active, changed, current)
        rounds += active
        pulse("loop", active.copy(), current, iterated, negative, read=True)
        if not active.any():
            break
    return ProgrammedRow(
        target=np.asarray(target), read=np.where(negative, -last, last), rounds=rounds,
        converged=np.abs(last - magnitude) < loop.margin, current_ua=current, sweeps=sweeps)


def program_rows(targets, array, *, first_row=0, first_column=0, settings=None):
    """Program a rectangle of ``targets``, (rows, columns): a list of `ProgrammedRow`."""
    return [program_row(target, array, first_row + k, first_column=first_column, settings=settings)
            for k, target in enumerate(np.asarray(targets, np.int64))]
