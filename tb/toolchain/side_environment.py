"""An environment beside `.venv` for packages that only one target needs.

Standard library only; imported by the scripts in this folder, which run before anything is
installed.
"""

import hashlib
import sys

from environment import run, seal


def make_side_environment(root, *, label, steps, check):
    """Make `.venv-<label>` under `root`, all of it or again from nothing.

    Parameters
    ----------
    root : Path
    label : str
    steps : list of (str, tuple)
        What a step installs, in words, and the arguments of `pip install`.
    check : str
        Python that runs in the environment at the end, to prove it.

    Returns
    -------
    bool
        Whether anything had to be done.

    Raises
    ------
    SetupError
        If a step fails.
    """
    venv = root / f".venv-{label}"
    stamp = venv / "stamp"
    wanted = hashlib.sha256(f"{sys.version} {steps} {check}".encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return False

    log = root / "build" / f"{label}.log"
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    python = venv / "bin" / "python"
    print(f"{label}: 1/{len(steps) + 1} making {venv.name}", flush=True)
    run([sys.executable, "-m", "venv", "--clear", venv], log, f"making {venv.name}")
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    for number, (what, arguments) in enumerate(steps, start=2):
        print(f"{label}: {number}/{len(steps) + 1} installing {what}", flush=True)
        run([*pip, *arguments], log, f"installing {what}")
    run([python, "-c", check], log, f"starting what was installed in {venv.name}")
    seal(stamp, wanted)
    return True
