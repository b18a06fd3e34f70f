"""Make the optional environment `.venv-aihwkit`: aihwkit 1.1.0, the peer of `make bench-golden`.

    python3 tb/toolchain/aihwkit_environment.py

aihwkit is installed without its dependencies, which would pull a CUDA build of torch of several
GB; what its inference tiles import is pinned here. Nothing else of the project needs any of it.
`.venv-aihwkit/stamp` is written last, as in `environment.py`. Standard library only.
"""

import fcntl
import hashlib
import os
import sys
import time
from pathlib import Path

from environment import ROOT, SetupError, run

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


def make_environment(root):
    """Make `.venv-aihwkit` under `root`; return True if anything had to be done."""
    venv = root / ".venv-aihwkit"
    stamp = venv / "stamp"
    wanted = hashlib.sha256((sys.version + Path(__file__).read_text()).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return False

    log = root / "build" / "aihwkit.log"
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    python = venv / "bin" / "python"
    print("aihwkit: 1/3 making .venv-aihwkit", flush=True)
    run([sys.executable, "-m", "venv", "--clear", venv], log, "making .venv-aihwkit")
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    print(f"aihwkit: 2/3 installing torch and {len(PINS) - 1} more pinned packages", flush=True)
    run([*pip, *PINS], log, "installing torch")
    print("aihwkit: 3/3 installing aihwkit", flush=True)
    run([*pip, "--no-deps", *ALONE], log, "installing aihwkit")
    run([python, "-c", "import aihwkit.nn"], log, "importing aihwkit")

    part = stamp.with_suffix(".part")
    part.write_text(wanted)
    part.rename(stamp)
    return True


def main():
    """Make the environment; return the exit code."""
    try:
        check_python()
        with (ROOT / ".venv.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            start = time.monotonic()
            if make_environment(ROOT):
                print(f"aihwkit: ready after {time.monotonic() - start:.0f} s")
    except SetupError as error:
        print(f"aihwkit: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("aihwkit: interrupted; the next run starts again", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    sys.exit(main())
