"""What row drivers are told in a window, and what they must do: every mode, slice and phase."""

from golden.array.modes import READ_MODES
from golden.drive import drive
from golden.settings import Settings

__all__ = ["ALL_SETTINGS", "windows"]

ALL_SETTINGS = [Settings(read_mode=mode, input_bits=bits)
                for mode in READ_MODES for bits in (8, 6, 4)]


def windows(x, settings):
    """The windows of one vector.

    Returns
    -------
    list of (shared, lengths)
        ``shared`` holds what all rows are told, clock by clock; ``lengths`` the signed clocks of
        each row.
    """
    mode = settings.mode
    reads, _ = drive(x[None], settings)
    result = []
    for k, read in enumerate(reads):
        slice_, phase = divmod(k, mode.phases)
        mask = ((1 << mode.slice_bits[slice_]) - 1) << mode.shifts[slice_]
        shared = []
        for tick in range(read.window_clocks):
            if mode.clocks_per_unit == 1:
                level = tick << mode.shifts[slice_]
            else:
                level = 127 if tick == read.window_clocks - 1 else 0
            shared.append({"active": 1, "mask": mask, "level": level,
                           "drive_positive": int(mode.phases == 1 or phase % 2 == 0),
                           "drive_negative": int(mode.phases == 1 or phase % 2 == 1)})
        result.append((shared, read.lengths[0]))
    return result
