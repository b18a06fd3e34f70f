"""Make the optional environment of aihwkit, the peer simulator: `.venv-aihwkit`.

    python3 tb/toolchain/aihwkit_environment.py

aihwkit is installed without its dependencies, which would pull a CUDA build of torch of several
GB; what its inference tiles import is pinned here. Nothing else of the project needs any of it.
Standard library only.
"""

import os
import sys

from environment import ROOT, SetupError, make_alone
from side_environment import make_side_environment

PYTHON = (3, 11)
PINS = ("torch==2.13.0", "numpy==2.4.6", "scipy==1.17.1", "requests==2.34.2", "tqdm==4.70.1")
ALONE = ("aihwkit==1.1.0",)


def check_python(version=None):
    """Refuse a Python for which there is no wheel of aihwkit; `version` as `sys.version_info`."""
    version = tuple(sys.version_info[:3] if version is None else version)
    if version[:2] != PYTHON:
        raise SetupError(
            "aihwkit 1.1.0 needs Python {}.{}, and {} is {}; choose with PYTHON=<command>".format(
                *PYTHON, sys.executable, ".".join(map(str, version))
            )
        )


def make_environment(_):
    """Make `.venv-aihwkit`; return True if anything had to be done."""
    return make_side_environment(
        ROOT,
        label="aihwkit",
        steps=[
            (f"torch and {len(PINS) - 1} more pinned packages", PINS),
            ("aihwkit", ("--no-deps", *ALONE)),
        ],
        check="import aihwkit.nn",
    )


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    sys.exit(make_alone("aihwkit", check_python, make_environment))
