"""Which chains of descriptors a tile runs: what it looks at before a chain starts.

Nothing of a chain that is refused has any effect.
"""

from dataclasses import dataclass
from functools import cache

from golden.array.modes import READ_MODES, read_mode
from golden.config import VECTOR_BITS
from golden.descriptors import BANKS, DESTINATIONS, KINDS, SOURCES, fields
from golden.formats import NmpuFormats
from golden.refusals import Refusal

__all__ = ["DRIFT_KINDS", "Refusal", "check_chain"]

DRIFT_KINDS = ("calibrate", "correct", "statistics")
"""Kinds that ask the drift engine."""


@dataclass
class _Walk:
    """What the jobs so far left for the next one.

    ``left`` is `None`, or of the sums that wait: bank, groups, weight of the reads in them, and
    whether a partial sum is among them. ``held`` counts vectors in the activation buffer.
    """

    left: tuple | None = None
    held: int = 0


def check_chain(table, config, first, last, *, unlocked, bad_parity=()):
    """Whether a tile runs descriptors ``first`` to ``last``.

    Parameters
    ----------
    table : sequence of five words each
        At least up to ``last``, if that is in the table of ``config``.
    unlocked : bool
        The key for programming was given.
    bad_parity : collection of int
        Descriptors of which a word has the wrong parity.

    Returns
    -------
    refusal : Refusal
        Of the first descriptor at fault; if it has several faults, the first in this order.
    at : int
        Its number; ``first`` if the range is refused, 0 if nothing is.
    """
    if first > last or last >= config.control.descriptors:
        return Refusal.RANGE, first
    walk = _Walk()
    for at in range(first, last + 1):
        if at in bad_parity:
            return Refusal.PARITY, at
        faults = _faults(fields(table[at]), config, walk, unlocked=unlocked, final=at == last)
        if faults:
            return min(faults), at
    return Refusal.NONE, 0


def _faults(d, config, walk, *, unlocked, final):
    """Every fault of a descriptor; ``walk`` goes on to the next one."""
    kind = KINDS[d["kind"]] if d["kind"] < len(KINDS) else None
    if kind == "multiply":
        return _multiply(d, config, walk, final=final)
    faults = set()
    if (kind is None or (kind in DRIFT_KINDS and not config.drift.engine)
            or (kind == "program" and not config.program.engine)):
        faults.add(Refusal.KIND)
    if walk.left:
        faults.add(Refusal.RESUME)
    if kind == "program":
        faults |= _ranges(d, config)
        if d["repeat"] != 1:
            faults.add(Refusal.REPEAT)
        if not unlocked:
            faults.add(Refusal.LOCKED)
    if final and walk.held:
        faults.add(Refusal.ACTIVATIONS)
    return faults


def _ranges(d, config):
    """Rows and columns that the array does not have."""
    faults = set()
    end = d["first_beat"] * (config.stream.x_bits // 8) + d["rows"]
    if d["rows"] < 1 or end > config.array.rows:
        faults.add(Refusal.ROWS)
    if not d["first_group"] <= d["last_group"] < config.groups:
        faults.add(Refusal.COLUMNS)
    return faults


def _multiply(d, config, walk, *, final):
    source = SOURCES[d["source"]] if d["source"] < len(SOURCES) else None
    destination, weight = DESTINATIONS[d["destination"]], _weight(d, config)
    bank, groups = d["bank"], (d["first_group"], d["last_group"])
    buffered, left = config.control.activations, walk.left
    goes_on = bool(d["resume"] and left)
    reads_before, with_sums = left[2:] if goes_on else (0, bool(d["sums"]))
    held = walk.held - (source == "activations") * d["reads"] * d["repeat"]
    filled = held + (destination == "activations") * d["repeat"]
    most = config.nmpu.max_reads // (2 if with_sums else 1)
    faults = _ranges(d, config) | _settings(d, config)
    faults |= {refusal for refusal, found in (
        (Refusal.SOURCE, source is None or (source == "activations" and not buffered)),
        (Refusal.DESTINATION, (destination == "none" and final)
            or (destination == "activations" and not buffered)
            or (destination == "sums" and not config.nmpu.partial_sums)),
        (Refusal.RESUME, bool(d["resume"]) != bool(left)),
        (Refusal.SUMS, d["sums"] and (d["resume"] or not config.nmpu.partial_sums)),
        (Refusal.BANK, bank >= len(BANKS) or (goes_on and bank != left[0])),
        (Refusal.REPEAT, d["repeat"] < 1 or (source == "rows" and d["repeat"] > d["rows"])
            or ((destination == "none" or d["resume"]) and d["repeat"] > 1)),
        (Refusal.COLUMNS, goes_on and groups != left[1]),
        (Refusal.READS, d["reads"] < 1 or reads_before + weight > most
            or (source == "rows" and d["reads"] > 1)),
        (Refusal.ACTIVATIONS, held < 0 or filled > buffered or (final and filled)),
    ) if found}
    walk.left = (bank, groups, reads_before + weight, with_sums) if destination == "none" else None
    walk.held = filled
    return faults


def _weight(d, config):
    """Weight of all reads of a result; one that cannot be read weighs nothing."""
    if _mode_faults(d, config):
        return 0
    return d["reads"] * read_mode(READ_MODES[d["read_mode"]], input_bits=d["input_bits"]).weight


def _mode_faults(d, config):
    faults = set()
    if d["input_bits"] not in VECTOR_BITS or d["input_bits"] > config.drive.input_bits:
        faults.add(Refusal.INPUT_BITS)
    if READ_MODES[d["read_mode"]] not in config.drive.read_modes:
        faults.add(Refusal.READ_MODE)
    return faults


def _settings(d, config):
    faults = _mode_faults(d, config)
    if d["shift"] >= 1 << config.nmpu.shift_bits:
        faults.add(Refusal.SHIFT)
    if d["output_bits"] not in VECTOR_BITS or d["output_bits"] > config.nmpu.output_bits:
        faults.add(Refusal.OUTPUT_BITS)
    if ((d["residual"] and not config.nmpu.residual)
            or d["residual_shift"] > _residual_shift(config)):
        faults.add(Refusal.RESIDUAL)
    return faults


@cache
def _residual_shift(config):
    return NmpuFormats.of(config).residual_shift
