"""The formulas of the bench itself, against integrals and draws; and that its checks have teeth."""

import dataclasses
import json
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from click.testing import CliRunner

from golden.array import devices as golden_devices
from golden.array.device import PcmLike
from tb import figures
from tb.bench_golden import __main__ as command
from tb.bench_golden import device_checks, parts
from tb.bench_golden.agreement import (
    MISSING,
    PAIR_BOUND,
    PYTHON,
    STAMP,
    Comparison,
    joined_pairs,
    paired,
    two_samples,
    work,
)
from tb.bench_golden.closed_forms import FORMS, Moments, clamped, decay, folded, whole
from tb.bench_golden.device_checks import BOUND, LEVELS, compare, false_alarms, run_checks
from tb.bench_golden.drift_table import AGES, TABLE, judge
from tb.bench_golden.mvm_error import relative_error, residual
from tb.bench_golden.speed import ROOT, Server, compare_speed, golden_server, single_thread

Z = np.linspace(-10, 10, 400_001)
DENSITY = np.exp(-Z**2 / 2) / np.sqrt(2 * np.pi)


def integral(function):
    """Moments 1..4 of a function of a standard normal number, by a fine trapezoid rule."""
    return [np.trapezoid(DENSITY * function**k, Z) for k in (1, 2, 3, 4)]


@pytest.mark.parametrize(("mean", "sigma"), [(0, 1), (0.3, 0.5), (-0.4, 0.7), (25, 1.05),
                                             (0.1, 0.045), (-3, 1)])
def test_clamped_and_folded_moments(mean, sigma):
    x = mean + sigma * Z
    np.testing.assert_allclose(clamped(mean, sigma).raw, integral(np.maximum(x, 0)), rtol=1e-7)
    np.testing.assert_allclose(folded(mean, sigma).raw, integral(np.abs(x)), rtol=1e-7)


def test_a_certain_number():
    assert clamped(2.0, 0.0).raw == (2.0, 4.0, 8.0, 16.0)
    assert clamped(-2.0, 0.0).raw == (0.0, 0.0, 0.0, 0.0)
    assert folded(-2.0, 0.0).raw == (2.0, 4.0, 8.0, 16.0)
    assert decay(0.5, 0.0, 2.0).mean == pytest.approx(np.exp(-1.0), rel=1e-15)
    assert clamped(2.0, 0.0).sigma_error(10) == 0.0


@pytest.mark.parametrize(("mean", "sigma"), [(0.1, 0.045), (0.049, 0.008), (0.02, 0.04)])
@pytest.mark.parametrize("log_time", [0.0, 5.0, 17.0])
def test_decay_moments(mean, sigma, log_time):
    np.testing.assert_allclose(decay(mean, sigma, log_time).raw,
                               integral(np.exp(-log_time * np.abs(mean + sigma * Z))), rtol=1e-6)


def test_standard_errors_of_normal_and_uniform_draws():
    normal = Moments((0.0, 4.0, 0.0, 48.0))
    assert normal.mean_error(400) == pytest.approx(0.1)
    # A normal number's deviation is known to sigma/sqrt(2 n).
    assert normal.sigma_error(200) == pytest.approx(0.1)
    # Uniform in -1..1: variance 1/3, fourth moment 1/5.
    uniform = Moments((0.0, 1 / 3, 0.0, 1 / 5))
    assert uniform.sigma_error(1) == pytest.approx(np.sqrt(4 / 45) / (2 / np.sqrt(3)))
    assert Moments((1.0, 5.0, 13.0, 73.0)).fourth == pytest.approx(48.0)


# Spread of programming in µS, mean and spread of the exponent, Q, at x = 0.1 and 1.
@pytest.mark.parametrize(("name", "x", "values"), [
    ("pcm_like", 0.1, (0.44825, 0.06009, 0.02288, 0.03931)),
    ("pcm_like", 1.0, (1.05538, 0.04900, 0.00800, 0.00880)),
    ("hermes_two_device", 0.1, (0.55772, 0.07190, 0.02124, 0.02004)),
    ("hermes_two_device", 0.0, (0.16603, 0.13000, 0.04000, 0.04000)),
    ("hermes_one_device", 0.1, (0.36932, 0.07190, 0.02533, 0.02176)),
    ("hermes_one_device", 1.0, (1.00757, 0.01740, 0.00550, 0.01680)),
])
def test_published_forms(name, x, values):
    form = FORMS[name]
    got = form.programming(x), form.nu_mean(x), form.nu_sigma(x), form.read(x)
    np.testing.assert_allclose(got, values, atol=5e-6)


def test_read_noise_of_a_year():
    form = FORMS["pcm_like"]
    assert form.read_sigma(1.0, 365 * 86400.0) == pytest.approx(0.0088 * 5.6370, rel=1e-5)


@pytest.mark.parametrize("x", [0.0, 0.02, 0.5])
def test_everything_together_against_draws(x):
    """A million draws of the composition, by hand."""
    form, rng, n, seconds = FORMS["pcm_like"], np.random.default_rng(7), 1_000_000, 1e5
    g = np.maximum(25 * x + form.programming(x) * rng.standard_normal(n), 0)
    nu = np.abs(form.nu_mean(x) + form.nu_sigma(x) * rng.standard_normal(n))
    q = np.minimum(0.0088 / np.maximum((g / 25) ** 0.65, 1e-3), 0.2)
    growth = np.sqrt(np.log((seconds + 20 + 250e-9) / 500e-9))
    g *= ((seconds + 20) / 20) ** -nu * np.maximum(1 + q * growth * rng.standard_normal(n), 0)
    for _, _, errors in compare(g, whole(form, x, seconds)):
        assert abs(errors) < 4


def test_bound_and_number_of_checks():
    checks = run_checks("hermes_one_device", seed=3, times={"1 h": 3600.0}, repeats=1)
    assert len(checks) == 2 * (2 + 3) * len(LEVELS)
    assert all(check.holds for check in checks)
    assert false_alarms(3 * 440) == pytest.approx(7.57e-4, rel=0.01)


@pytest.mark.parametrize("law", ["programming_sigma_us", "drift_mean", "drift_sigma", "_read_q"])
def test_a_law_that_is_off_by_a_few_percent_is_caught(monkeypatch, law):
    class Off(PcmLike):
        pass

    setattr(Off, law, lambda self, x: 1.05 * getattr(PcmLike, law)(self, x))
    monkeypatch.setitem(golden_devices.DEVICES, "pcm_like", Off)
    checks = run_checks("pcm_like", seed=1, times={"1 h": 3600.0}, repeats=4)
    assert sum(not check.holds for check in checks) > 5


def test_a_certain_value_is_checked_too():
    (_, _, mean), (_, _, sigma) = compare(np.full(10, 2.0 + 1e-5), clamped(2.0, 0.0))
    assert abs(mean) > BOUND
    assert abs(sigma) < BOUND
    assert device_checks.BOUND == 5


def test_table_entries():
    exact = [[value if value is not None else 0.0 for value in row] for row in TABLE["pcm_like"]]
    entries = judge("pcm_like", [exact, exact])
    assert len(entries) == 35
    assert max(entry.relative for entry in entries) == 0
    off = np.array(exact)
    off[3, 4] *= 1.031
    bad = [entry for entry in judge("pcm_like", [off]) if not entry.holds]
    assert [(entry.age, entry.quantity) for entry in bad] == [("1 d", "error GDC")]
    assert all(len(rows) == len(AGES) for rows in TABLE.values())
    assert len(judge("hermes_one_device", [np.ones((7, 5))])) == 22


def test_residual_splits_a_matrix_error_from_noise():
    rng = np.random.default_rng(0)
    weights, x = rng.standard_normal((32, 20)), rng.integers(-127, 128, (2000, 32))
    exact = x @ weights
    noise = rng.standard_normal(exact.shape) * 0.05 * exact.std()
    found = residual(x, x @ (1.1 * weights) + noise, weights)
    assert found.linear == pytest.approx(10, abs=0.2)
    assert found.residual == pytest.approx(5, rel=0.02)
    assert found.total == pytest.approx(np.hypot(10, 5), rel=0.02)
    assert found.of_swing < found.of_largest < found.residual
    assert relative_error(1.1 * exact, exact) == pytest.approx(10)


def test_two_samples_and_pairs():
    rng = np.random.default_rng(1)
    a, b = rng.standard_normal((2, 50_000))
    moments = (b.mean(), b.var(), ((b - b.mean()) ** 4).mean())
    assert all(abs(errors) < BOUND for *_, errors in two_samples(a, moments, b.size))
    assert abs(two_samples(a + 0.05, moments, b.size)[0][2]) > BOUND
    assert abs(two_samples(a * 1.05, moments, b.size)[1][2]) > BOUND
    assert [e for *_, e in two_samples(np.ones(9), (1.0, 0.0, 0.0), 9)] == [0, 0]
    common = rng.standard_normal(16)
    shift = common + 0.01 * rng.standard_normal(16)
    assert abs(paired(common, shift)[2]) < PAIR_BOUND
    assert abs(paired(common + 0.1, shift)[2]) > PAIR_BOUND
    assert not Comparison("d", "w", "t", 1.0, 2.0, -9.0, 8.3).agrees


def test_joined_pairs_of_still_devices_are_exact():
    device = PcmLike(programming_scale=0, drift_scale=0, read_scale=0)
    found = joined_pairs(device, *work(1), [1.0, 1e6], np.random.default_rng(0))
    np.testing.assert_allclose(found, np.broadcast_to([1, 0, 0, 1], (2, 4)), atol=1e-9)


def test_measuring_process():
    """One thread, and every kind of work answers."""
    assert single_thread()["OPENBLAS_NUM_THREADS"] == "1"
    with golden_server() as server:
        jobs = [(what, 8) for what in ("products", "wide_products", "physics", "same_terms",
                                       "tile")]
        seconds, processor = compare_speed(dict.fromkeys(jobs, server), rounds=2, calls=1)
        assert list(seconds) == list(processor) == jobs
        assert min(seconds.values()) > 0
        answer = server.ask(what="peak", batch=16, vectors=64)
        assert answer["vectors"] == 64
        assert 10 < answer["megabytes"] < 500
        json.dumps(answer)


def test_a_process_that_ends_is_told():
    with (pytest.raises(RuntimeError, match="^a measuring process ended with code 3 at"),
          Server([sys.executable, "-c", "raise SystemExit(3)"]) as server):
        server.ask(what="peak")


def test_a_part_that_fails_leaves_the_parts_before(monkeypatch, tmp_path):
    def fails(console):
        raise RuntimeError("aihwkit ended with code 1:\nand more")

    measured = figures.Figure.reported("golden.a", 1, unit="x", command="make bench-golden")
    monkeypatch.setattr(figures, "add", partial(figures.add, folder=tmp_path))
    monkeypatch.setattr(parts, "PARTS", {"drift": lambda console: [measured], "aihwkit": fails,
                                         "speed": lambda console: []})
    result = CliRunner().invoke(command.main, [])
    assert (result.exit_code, result.stderr) == (
        1, "bench-golden: aihwkit: aihwkit ended with code 1:\n")
    assert figures.read_all(folder=tmp_path) == {"bench-golden": [measured]}
    result = CliRunner().invoke(command.main, ["speed"])
    assert (result.exit_code, result.stderr) == (2, "bench-golden: nothing measured\n")


def test_part_that_does_not_exist():
    done = subprocess.run([sys.executable, "-m", "tb.bench_golden", "none"], cwd=ROOT,
                          env=single_thread(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "parts must be of statistics, drift, mvm, aihwkit, speed, memory, not 'none'" in (
        done.stderr)


@pytest.mark.skipif(not STAMP.is_file(), reason=MISSING)
def test_aihwkit_draws_one_device_alike(tmp_path):
    """The worker answers; its programming errors are those of the closed form."""
    weights, inputs = work(1)
    request, answer = tmp_path / "request.npz", tmp_path / "answer.npz"
    np.savez(request, weights=weights[None, :16, :8], inputs=inputs[None, :4, :16],
             devices=["hermes_two_device"], levels=LEVELS, count=4096, times=[3600.0],
             tile_times=[3600.0])
    subprocess.run([PYTHON, "-P", ROOT / "tb/bench_golden/aihwkit_worker.py", "statistics",
                    request, answer], env=single_thread(), check=True)
    with np.load(answer) as found:
        mean = found["hermes_two_device/programming"][0]
        assert found["hermes_two_device/still"].shape == (1, 1, 4)
    for x, value in zip(LEVELS, mean, strict=True):
        expected = FORMS["hermes_two_device"].programmed(x)
        assert abs(value - expected.mean) < BOUND * expected.mean_error(4096)


def test_forms_are_all_of_the_published_devices():
    assert set(FORMS) == set(TABLE) == set(golden_devices.DEVICES) - {"ideal", "projected"}
    for name, form in FORMS.items():
        device = golden_devices.make_device(name)
        assert (form.g_max_us, form.t0_s, form.t_read_s) == (
            device.g_max_us, device.t0_s, device.t_read_s)
    assert {field.name for field in dataclasses.fields(Moments)} == {"raw"}


def test_environment_of_aihwkit_refuses_another_python():
    done = subprocess.run(
        [sys.executable, "-c", "import aihwkit_environment as e; e.check_python((3, 12, 1))"],
        cwd=ROOT / "tb" / "toolchain", capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == (
        f"environment.SetupError: aihwkit 1.1.0 needs Python 3.11, and {sys.executable} is 3.12.1; "
        "choose with PYTHON=<command>")


def test_without_aihwkit_one_line_says_so(monkeypatch, tmp_path):
    from rich.console import Console

    from tb.bench_golden import parts

    monkeypatch.setattr(parts, "STAMP", tmp_path / "none")
    console = Console(record=True, width=200, quiet=False)
    assert parts.aihwkit(console) == []
    assert console.export_text() == f"aihwkit: skipped, {MISSING}\n"
