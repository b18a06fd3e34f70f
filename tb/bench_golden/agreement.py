"""The golden array against aihwkit itself, within the sampling error of both.

Three comparisons in which the known deviations of aihwkit's tile play no part, and one in which
they are modelled; see ``docs/aihwkit.md``.
"""

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from golden.array.crossbar import Crossbar
from golden.array.devices import make_device
from golden.array.drift_error import drift_error, gaussian_weights
from tb.bench_golden.closed_forms import FORMS
from tb.bench_golden.device_checks import (
    BOUND,
    LEVELS,
    REPEATS,
    ROWS,
    TIMES,
    by_level,
    read_devices,
    targets,
)
from tb.bench_golden.speed import ROOT, Server, single_thread

__all__ = ["MISSING", "PAIR_BOUND", "PYTHON", "STAMP", "Comparison", "agreement", "aihwkit_server",
           "joined_pairs", "paired", "two_samples"]

PYTHON = ROOT / ".venv-aihwkit" / "bin" / "python"
STAMP = ROOT / ".venv-aihwkit" / "stamp"
"""Written when the environment is complete."""

MISSING = "aihwkit is not installed; `make aihwkit` makes .venv-aihwkit"

SEEDS = tuple(range(1, 17))
PAIR_BOUND = 8.3
"""Standard errors of the mean of 16 paired differences: by Student's t with 15 degrees of
freedom as rare as `BOUND` = 5 of a normal number."""

TILE_TIMES = {"1 s": 1.0, "1 h": 3600.0, "1 d": 86400.0, "1 y": 365 * 86400.0}
QUANTITIES = ("gain", "error", "error GDC", "output spread")

_WORKER = Path(__file__).with_name("aihwkit_worker.py")
_SIZE = 256


@dataclass(frozen=True)
class Comparison:
    """One number from both, and how far apart in standard errors."""

    device: str
    what: str
    at: str
    golden: float
    aihwkit: float
    errors: float
    bound: float

    @property
    def agrees(self):
        return abs(self.errors) <= self.bound


def aihwkit_server():
    """aihwkit's side of the timing."""
    return Server([PYTHON, "-P", _WORKER, "serve"])


def two_samples(values, other, count):
    """Mean and spread of draws against those of ``count`` other draws.

    Parameters
    ----------
    values : array of float, (n,)
    other : (mean, second, fourth central moment)
    count : int

    Returns
    -------
    two of (ours, theirs, errors)
        1e-6 of a unit is the least standard error: float32 rounds what is certain.
    """
    centred = values - values.mean()
    ours = (values.mean(), (centred**2).mean(), (centred**4).mean())

    def errors(moments, n):
        _, second, fourth = moments
        return second / n, (fourth - second**2) / (4 * second * n) if second > 1e-12 else 0.0

    (mean_a, sigma_a), (mean_b, sigma_b) = errors(ours, len(values)), errors(other, count)
    pairs = ((ours[0], other[0], mean_a + mean_b),
             (np.sqrt(ours[1]), np.sqrt(other[1]), sigma_a + sigma_b))
    return [(float(a), float(b), float((a - b) / max(np.sqrt(e), 1e-6))) for a, b, e in pairs]


def paired(ours, theirs):
    """Means of paired runs, and their difference in its own standard errors."""
    difference = np.asarray(ours) - np.asarray(theirs)
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return (float(np.mean(ours)), float(np.mean(theirs)),
            float(difference.mean() / max(error, 1e-9)))


def work(seed):
    """Weights and inputs of ``drift_error(seed=seed)``."""
    weight_rng, _, input_rng = np.random.default_rng(seed).spawn(3)
    return (gaussian_weights(_SIZE, _SIZE, weight_rng),
            input_rng.integers(-127, 127, (256, _SIZE), endpoint=True))


def joined_pairs(device, weights, x, times, rng):
    """Golden devices composed as aihwkit's tile does: (times, 4) as its ``tile``.

    The programmed weight becomes a pair again: the errors of both devices in one, the other at
    0, scaled so that the largest programmed weight has ``g_max``; each device keeps the
    exponent of its place. The reference has neither drift nor read noise.
    """
    def split(w):
        return np.stack([np.maximum(w, 0), np.maximum(-w, 0)]) * device.g_max_us

    g_us = device.program(split(weights), rng)
    nu = device.drift_coefficients(split(weights), rng)
    programmed = (g_us[0] - g_us[1]) / device.g_max_us
    largest = np.abs(programmed).max()
    g_us, exact, rows = split(programmed / largest), x @ weights, []
    for seconds in times:
        sigma = device.read_sigma_relative(g_us, seconds)
        seen = device.drifted(g_us, nu, seconds) * (1 + sigma * rng.standard_normal(g_us.shape))
        plus, minus = np.maximum(seen, 0)
        w = (plus - minus) * largest / device.g_max_us
        gain, y = np.abs(programmed).mean() / np.abs(w).mean(), x @ w
        rows.append([gain] + [np.linalg.norm(part - exact) / np.linalg.norm(exact)
                              for part in (y, gain * y)] + [y.std() / exact.std()])
    return np.array(rows)


def separate_devices(name, seed, **scales):
    """The golden array: (times, 4), devices kept apart, through `drift_error`."""
    found = drift_error(make_device(name, **scales), ages_s=list(TILE_TIMES.values()), seed=seed)
    return np.stack([found.gain, found.error_without, found.error_with], axis=1)


def still_array(name, seed):
    """The golden array without programming error: (times, 4)."""
    device = make_device(name, programming_scale=0.0)
    weights, x = work(seed)
    array = Crossbar.from_weights(weights, device=device, rng=np.random.default_rng([seed, 9]),
                                  w_max=1.0)
    spread = []
    for k, seconds in enumerate(TILE_TIMES.values()):
        array.advance(seconds - array.time_s)
        i = array.currents_ua(x, window_clocks=128, read_voltage_v=0.2, seed=[seed, k])
        spread.append((i[:, 0] - i[:, 1]).std() / (x @ weights).std()
                      * 128 / 0.2 / device.g_max_us)
    return np.column_stack([separate_devices(name, seed, programming_scale=0.0), spread])


def programming_error(name, seed):
    """``norm(W_programmed - W)/norm(W)`` of the golden array."""
    weights, _ = work(seed)
    array = Crossbar.from_weights(weights, device=make_device(name), w_max=1.0,
                                  rng=np.random.default_rng([seed, 10]))
    plus, minus = array.conductances_us() / make_device(name).g_max_us
    return np.linalg.norm(plus - minus - weights) / np.linalg.norm(weights)


def _ask_aihwkit():
    weights, inputs = zip(*(work(seed) for seed in SEEDS), strict=True)
    with tempfile.TemporaryDirectory() as folder:
        request, answer = Path(folder) / "request.npz", Path(folder) / "answer.npz"
        np.savez(request, weights=weights, inputs=inputs, devices=list(FORMS), levels=LEVELS,
                 count=2 * ROWS * REPEATS, times=list(TIMES.values()),
                 tile_times=list(TILE_TIMES.values()))
        done = subprocess.run([PYTHON, "-P", _WORKER, "statistics", request, answer],
                              env=single_thread(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"aihwkit ended with code {done.returncode}:\n{done.stderr}")
        with np.load(answer) as file:
            return dict(file)


def agreement(*, seed):
    """Compare everything.

    Returns
    -------
    comparisons : list of Comparison
    effects : list of (device, quantity, time, golden, aihwkit)
        With programming on, devices apart here and joined there: means over the seeds, not
        expected to agree.
    """
    theirs = _ask_aihwkit()
    comparisons, effects = [], []

    def note(device, what, at, found, bound):
        comparisons.append(Comparison(device, what, at, *found, bound))

    for name in FORMS:
        for key, label, values, moments in _devices(name, seed, theirs):
            for k, level in enumerate(LEVELS):
                found = two_samples(values[k], moments[:, k], 2 * ROWS * REPEATS)
                for part, triple in zip(("mean", "spread"), found, strict=True):
                    note(name, f"{key} {part}", f"{level:g} g_max {label}".strip(), triple, BOUND)
        note(name, "programmed weights", "tile", paired(
            [programming_error(name, s) for s in SEEDS], theirs[f"{name}/programmed"]), PAIR_BOUND)
        still = np.stack([still_array(name, s) for s in SEEDS])
        device, times = make_device(name), list(TILE_TIMES.values())
        joined = np.stack([joined_pairs(device, *work(s), times, np.random.default_rng([s, 11]))
                           for s in SEEDS])
        apart = np.stack([separate_devices(name, s) for s in SEEDS]).mean(axis=0)
        for q, quantity in enumerate(QUANTITIES):
            for t, label in enumerate(TILE_TIMES):
                for key, ours in (("still", still), ("tile", joined)):
                    what = quantity + (", no programming error" if key == "still" else "")
                    note(name, what, label,
                         paired(ours[:, t, q], theirs[f"{name}/{key}"][:, t, q]), PAIR_BOUND)
                if q < 3:
                    effects.append((name, quantity, label, float(apart[t, q]),
                                    float(theirs[f"{name}/tile"][:, t, q].mean())))
    return comparisons, effects


def _devices(name, seed, theirs):
    """What is drawn of single devices: (key, time, values per level, moments of aihwkit)."""
    device = make_device(name)
    array = Crossbar(target_us=targets(device, REPEATS), device=device,
                     rng=np.random.default_rng([seed, 6]), precision="float64")
    yield ("programming", "", by_level(array.conductances_us()), theirs[f"{name}/programming"])
    yield ("exponent", "", by_level(device.drift_coefficients(
        targets(device, REPEATS), np.random.default_rng([seed, 7]))), theirs[f"{name}/exponent"])
    for k, (label, seconds) in enumerate(TIMES.items()):
        array.advance(seconds - array.time_s)
        yield ("together", label, by_level(read_devices(array, [seed, 8, k])),
               theirs[f"{name}/together"][:, k])
