"""``python -m tb.fresh``: what a new user waits for, measured on fresh clones of HEAD."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click

from tb import figures
from tb.designs import BUILD
from tb.figures import Figure
from tb.runner import ROOT

__all__ = ["main"]

LIMIT_MINUTES = 20
COMMAND = "make fresh"


def _minutes(target, clone):
    """Minutes that ``make target`` takes in a fresh clone, the environment included."""
    shutil.rmtree(clone, ignore_errors=True)
    if shutil.which("git") is None:
        _end("git must be on this machine to clone with, and is not", code=2)
    done = subprocess.run(["git", "clone", "--quiet", ROOT, clone], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        _end(f"HEAD could not be cloned: {done.stderr.strip().splitlines()[-1]}", code=2)
    # Nothing of this environment: its tools would hide what the clone's set-up forgot.
    environment = {key: value for key, value in os.environ.items()
                   if key not in ("MAKEFLAGS", "MAKELEVEL", "PYTHONPATH", "VIRTUAL_ENV")}
    environment["PATH"] = os.pathsep.join(
        folder for folder in os.environ["PATH"].split(os.pathsep)
        if not Path(folder).is_relative_to(ROOT))
    start = time.perf_counter()
    code = subprocess.run(["make", target], cwd=clone, env=environment, check=False).returncode
    if code:
        _end(f"make {target} ended with {code} in a fresh clone", code=1)
    return (time.perf_counter() - start) / 60


def _end(message, *, code):
    click.echo(f"fresh: {message}", err=True)
    sys.exit(code)


@click.command()
def main():
    """Time `make sim` and `make test`, each from its own fresh clone."""
    clone = BUILD / "fresh"
    try:
        figures.write("fresh", [
            Figure.at_most(f"{target}.fresh_minutes", round(_minutes(target, clone), 2),
                           LIMIT_MINUTES, unit="min", command=COMMAND)
            for target in ("sim", "test")])
    finally:
        shutil.rmtree(clone, ignore_errors=True)


if __name__ == "__main__":
    main()
