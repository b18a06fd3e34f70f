"""Timing in processes with one thread each, alternating between what is compared."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

__all__ = ["BATCHES", "Server", "compare_speed", "golden_server", "peak_memory", "single_thread"]

ROOT = Path(__file__).resolve().parents[2]
BATCHES = (256, 1024)
ROUNDS = 25
CALLS = 3

_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
# Libraries are told of another machine by these, which slows them down on this one.
_UNWANTED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONPATH")


def single_thread():
    """Environment of a measuring process."""
    environment = {key: value for key, value in os.environ.items() if key not in _UNWANTED}
    return environment | dict.fromkeys(_THREADS, "1")


class Server:
    """A child process that answers one JSON request per line; ends with the ``with`` block."""

    def __init__(self, command):
        self._process = subprocess.Popen(
            [str(part) for part in command], cwd=ROOT, env=single_thread(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A process that has ended leaves a pipe that cannot be flushed.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def ask(self, **request):
        """The answer to a request, a dict; RuntimeError if the process ended instead."""
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a measuring process ended with code {self._process.wait()} at "
                               f"{request}")
        return json.loads(line)


def golden_server():
    """The golden side, see `tb.bench_golden.speed_child`."""
    return Server([sys.executable, "-m", "tb.bench_golden.speed_child"])


def compare_speed(jobs, *, rounds=ROUNDS, calls=CALLS):
    """Median seconds per vector of jobs that take turns.

    Parameters
    ----------
    jobs : dict of (str, int): Server
        What to ask of whom, by what and batch.

    Returns
    -------
    wall, processor : dict of (str, int): float
        By the clock on the wall, which other processes disturb, and by the time the processor
        worked.
    """
    seconds, processor = {job: [] for job in jobs}, {job: [] for job in jobs}
    for _ in range(rounds):
        for job, server in jobs.items():
            answer = server.ask(what=job[0], batch=job[1], repeats=calls)
            seconds[job] += answer["seconds"]
            processor[job] += answer["processor"]
    return tuple({job: statistics.median(values) / job[1] for job, values in kind.items()}
                 for kind in (seconds, processor))


def peak_memory(vectors=1_000_000, batch=1000):
    """Stream vectors through a process of its own: its answer to ``peak``."""
    with golden_server() as server:
        return server.ask(what="peak", batch=batch, vectors=vectors)
