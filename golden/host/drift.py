"""Corrections of drift from the host: words for the registers of the drift engine."""

from golden.array.checks import check_integer
from golden.drift.engine import KINDS, METHODS
from golden.registers import REGISTERS, pack

__all__ = ["calibration_writes", "measure_writes", "update_writes"]


def calibration_writes(kind, config, *, value, repeats, slot=0, absolute=True):
    """What the next measurement drives: ``value`` at every row, ``repeats`` times.

    Parameters
    ----------
    kind : str
        Of `golden.drift.engine.KINDS`.
    config : TileConfig
    value : int
        A signed byte.
    repeats : int
        1 to ``config.drift.max_repeats``.
    slot : int
    absolute : bool
        Add magnitudes of readouts.

    Returns
    -------
    list of (address, value)
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
    value = check_integer("value", value, low=-128, high=127)
    repeats = check_integer("repeats", repeats, low=1, high=config.drift.max_repeats)
    slot = check_integer("slot", slot, low=0, high=1)
    return [(REGISTERS["CALIBRATION"].offset, pack(
        "CALIBRATION", kind=0, slot=slot, now=kind == "now", absolute=bool(absolute),
        value=value & 0xFF, repeats=repeats))]


def measure_writes():
    """Measure now; DRIFT.measure reads 1 until that is done: list of (address, value)."""
    return [(REGISTERS["DRIFT"].offset, pack("DRIFT", measure=1))]


def update_writes(method):
    """Correct the coefficients; DRIFT.update reads 1 until that is done or refused.

    Parameters
    ----------
    method : str
        Of `golden.drift.engine.METHODS`.

    Returns
    -------
    list of (address, value)
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
    return [(REGISTERS["DRIFT"].offset, pack("DRIFT", method=METHODS.index(method), update=1))]
