"""Programming from the host: the key, the settings, and targets as vectors of the x stream."""

import numpy as np

from golden.program.targets import pack_row
from golden.registers import REGISTERS, pack
from golden.registers.program import PROGRAM_KEY

__all__ = ["lock_writes", "settings_writes", "target_vector", "unlock_writes"]


def unlock_writes():
    """Let the write heads be used: list of (address, value)."""
    return [(REGISTERS["PROGRAM_KEY"].offset, pack("PROGRAM_KEY", key=PROGRAM_KEY))]


def lock_writes():
    """Let them be used no more: list of (address, value)."""
    return [(REGISTERS["PROGRAM_KEY"].offset, pack("PROGRAM_KEY", key=0))]


def settings_writes(settings, config):
    """Settings of the next jobs: list of (address, value), legal one after the other.

    Raises
    ------
    ValueError
        If a tile of ``config`` would refuse one.
    """
    return [(REGISTERS[name].offset, word)
            for name, word in settings.validate(config).writes(config)]


def target_vector(targets, config):
    """Targets of a row, in counts, as a vector of signed bytes for the x stream.

    Raises
    ------
    TypeError, ValueError
        If a target is not an integer, or does not fit a signed 16-bit word.
    """
    size = config.stream.x_bits // 8
    beats = pack_row(targets, config.stream.x_bits)
    return np.frombuffer(b"".join(beat.to_bytes(size, "little") for beat in beats),
                         np.int8).astype(np.int64)
