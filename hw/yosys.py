"""Run Yosys commands, by the `pyosys` package, in a process of their own.

Yosys ends the whole process when a command fails, so it never runs in the caller's.
"""

import subprocess
import sys

__all__ = ["run_yosys"]

_CHILD = """
import sys
from pyosys import libyosys
design = libyosys.Design()
for command in sys.stdin.read().splitlines():
    libyosys.run_pass(command, design)
libyosys.log_flush()
"""


def run_yosys(commands, *, cwd):
    """Run Yosys commands on one empty design and return the log.

    Parameters
    ----------
    commands : list of str
        One command each, as in a Yosys script.
    cwd : Path
        Folder that relative file names start from.

    Raises
    ------
    RuntimeError
        If a command fails, with Yosys' own words.
    """
    result = subprocess.run(
        [sys.executable, "-c", _CHILD],
        input="\n".join(commands),
        cwd=cwd,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if result.returncode:
        error = result.stdout.partition("ERROR: ")[2] or result.stdout[-2000:]
        raise RuntimeError(f"Yosys failed: {error.strip()}")
    return result.stdout
