"""Programming from the host: the key, the settings, targets in counts, and rows of them as vectors.

A verify read counts with the converters of the tile, each of which has a gain of its own: the same
conductance is another target in each column. So the converters are measured first.
"""

import numpy as np

from golden.array.checks import check_integer, check_reals
from golden.convert.pulse import READ_VOLTAGE_V, window_clocks
from golden.program.targets import pack_row
from golden.registers import REGISTERS, pack
from golden.registers.program import PROGRAM_KEY

__all__ = ["lock_writes", "settings_writes", "target_vector", "targets", "unlock_writes"]


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


def targets(conductances_us, calibration, config, *, windows, read_voltage_v=READ_VOLTAGE_V,
            clock_ns=1.0):
    """What a verify read of conductances counts, by the law of each column's converters.

    Positive conductances are counted by P, negative ones by N. In ``windows`` windows of ``T``,
    during which the row is driven for all clocks but one, an oscillator counts
    ``windows (T f(i) - 1/2)`` in the mean, since each window drops half a count; its law
    ``f(i) = A i/(1 + B i) + C`` is that of `golden.convert.calibrate`.

    Parameters
    ----------
    conductances_us : float array, (rows, columns)
        With the sign of the weight.
    calibration : golden.convert.calibrate.Calibration
        Of all columns.
    config : TileConfig
    windows : int
        Of a verify read, as `golden.program.settings.ProgramSettings.windows`.
    read_voltage_v, clock_ns : float

    Returns
    -------
    int64 array, (rows, columns)
        In counts, with sign; 0 for conductances too small to be counted.
    """
    g_us = check_reals("conductances_us", conductances_us)
    if g_us.ndim != 2 or g_us.shape[1] != config.array.columns:
        raise ValueError(f"conductances_us must have shape (rows, {config.array.columns}), not "
                         f"{g_us.shape}")
    windows = check_integer("windows", windows, low=1, high=16)
    clocks = window_clocks(config.drive.input_bits)
    i_ua = read_voltage_v * np.abs(g_us) * (clocks - 1) / clocks
    gain, bend, rest = (np.where(g_us < 0, law[1], law[0]) for law in (
        calibration.gain_mhz_per_ua, calibration.nonlinearity_per_ua, calibration.offset_mhz))
    f_mhz = gain * i_ua / (1.0 + bend * i_ua) + rest
    counts = np.rint(windows * (f_mhz * clocks * clock_ns / 1000.0 - 0.5))
    return (np.sign(g_us) * np.maximum(counts, 0)).astype(np.int64)
