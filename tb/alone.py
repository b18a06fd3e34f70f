"""One process at a time in a folder, so that tests in several may share what is built there."""

import contextlib
import fcntl

__all__ = ["alone"]


@contextlib.contextmanager
def alone(folder):
    """Wait until nobody else is in the folder; its lock lies beside it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
