"""PcmLike against its published model, and Ideal against PcmLike with every effect off."""

import math
import re

import numpy as np
import pytest

from golden.array.device import Ideal, PcmLike

# x = g/g_max; sigma_prog in µS, mean and sigma of nu, Q. Worked out from Rasch et al., Nature
# Communications 14:5282, 2023, eqs. 7-12, and compared to the last digit given here.
CHECK_VALUES = [
    (0.00, "0.26348", "0.10000", "0.04500", "0.20000"),
    (0.01, "0.28301", "0.09578", "0.04500", "0.17558"),
    (0.05, "0.35880", "0.07083", "0.03155", "0.06168"),
    (0.10, "0.44825", "0.06009", "0.02288", "0.03931"),
    (0.25, "0.68141", "0.04900", "0.01143", "0.02167"),
    (0.50, "0.95271", "0.04900", "0.00800", "0.01381"),
    (1.00, "1.05538", "0.04900", "0.00800", "0.00880"),
]
HOUR_S = 3600.0
DAY_S = 86400.0
YEAR_S = 365 * DAY_S


@pytest.mark.parametrize(("x", "sigma", "nu_mean", "nu_sigma", "q"), CHECK_VALUES)
def test_published_values(x, sigma, nu_mean, nu_sigma, q):
    device = PcmLike()
    g_us = 25.0 * x
    assert f"{device.programming_sigma_us(g_us):.5f}" == sigma
    assert f"{device.drift_mean(g_us):.5f}" == nu_mean
    assert f"{device.drift_sigma(g_us):.5f}" == nu_sigma
    root = math.sqrt(math.log((20.0 + 250e-9) / 500e-9))
    assert f"{device.read_sigma_relative(g_us, 0.0) / root:.5f}" == q


@pytest.mark.parametrize(
    ("t_s", "root"), [(0.0, "4.1838"), (HOUR_S, "4.7648"), (DAY_S, "5.0868"), (YEAR_S, "5.6370")])
def test_read_noise_grows_with_time(t_s, root):
    # At full conductance Q is 0.0088 exactly.
    assert f"{PcmLike().read_sigma_relative(25.0, t_s) / 0.0088:.4f}" == root


def test_fit_scales_with_g_max():
    # sigma_prog carries g_max/25; everything else sees only g/g_max. 5 of 10 is 12.5 of 25.
    small, large = PcmLike(g_max_us=10.0), PcmLike()
    assert small.programming_sigma_us(5.0) == pytest.approx(0.4 * 0.95271, abs=1e-5)
    assert small.drift_mean(1.0) == large.drift_mean(2.5)
    assert small.drift_sigma(1.0) == large.drift_sigma(2.5)
    assert small.read_sigma_relative(1.0, 7.0) == large.read_sigma_relative(2.5, 7.0)


def test_drift_law():
    # (80 s/20 s)^-0.5 = 1/2 and (180 s/20 s)^-0.5 = 1/3, counted from the read at 20 s.
    device = PcmLike()
    nu = np.array([0.5, 0.0, 1.0])
    g_us = np.array([10.0, 10.0, 12.0])
    np.testing.assert_array_equal(device.drifted(g_us, nu, 0.0), g_us)
    np.testing.assert_allclose(device.drifted(g_us, nu, 60.0), [5.0, 10.0, 3.0], rtol=1e-15)
    np.testing.assert_allclose(device.drifted(g_us, nu, 160.0), [10 / 3, 10.0, 12 / 9], rtol=1e-15)


def test_draws_are_the_published_composition():
    target_us = np.linspace(0.0, 25.0, 1000)
    device = PcmLike(programming_scale=1.5, drift_scale=2.0)
    normal = np.random.default_rng(7).standard_normal(1000)
    g_us = device.program(target_us, np.random.default_rng(7))
    wanted_us = target_us + 1.5 * device.programming_sigma_us(target_us) * normal
    assert wanted_us.min() < 0, "the clamp is not exercised"
    assert wanted_us.max() > 25.0, "the missing upper clamp is not exercised"
    np.testing.assert_array_equal(g_us, np.maximum(wanted_us, 0.0))

    nu = device.drift_coefficients(target_us, np.random.default_rng(7))
    wanted = device.drift_mean(target_us) + device.drift_sigma(target_us) * normal
    assert wanted.min() < 0, "the absolute value is not exercised"
    np.testing.assert_array_equal(nu, 2.0 * np.abs(wanted))


def test_statistics_of_programming_and_drift():
    # N devices: mean within 5 sigma/sqrt(N), sigma within 5 sigma/sqrt(2 N). At half the full
    # conductance neither the clamp at 0 (13 sigma away) nor the absolute value (6) is felt.
    n = 200_000
    device = PcmLike()
    rng = np.random.default_rng(11)
    target_us = np.full(n, 12.5)
    for values, mean, sigma in [
        (device.program(target_us, rng), 12.5, 0.952705),
        (device.drift_coefficients(target_us, rng), 0.049, 0.008),
    ]:
        assert abs(values.mean() - mean) < 5 * sigma / math.sqrt(n)
        assert abs(values.std() - sigma) < 5 * sigma / math.sqrt(2 * n)


def test_each_scale_switches_off_its_own_effect():
    target_us = np.linspace(0.0, 25.0, 101)

    def run(device):
        rng = np.random.default_rng(3)
        g_us = device.program(target_us, rng)
        nu = device.drift_coefficients(target_us, rng)
        return (g_us, nu, device.drifted(g_us, nu, DAY_S),
                device.read_sigma_relative(g_us, DAY_S))

    ideal = run(Ideal())
    full = run(PcmLike())
    quiet = run(PcmLike(programming_scale=0.0))
    still = run(PcmLike(drift_scale=0.0))
    silent = run(PcmLike(read_scale=0.0))
    for off, index in [(quiet, 0), (still, 1), (silent, 3)]:
        np.testing.assert_array_equal(off[index], ideal[index])
        assert (full[index] != ideal[index]).mean() > 0.5
    # The draws of the effects left on do not move.
    np.testing.assert_array_equal(quiet[1], full[1])
    np.testing.assert_array_equal(still[0], full[0])
    np.testing.assert_array_equal(silent[2], full[2])
    # Without drift the conductance stays where programming left it.
    np.testing.assert_array_equal(still[2], full[0])

    all_off = run(PcmLike(programming_scale=0.0, drift_scale=0.0, read_scale=0.0))
    for got, wanted in zip(all_off, ideal, strict=True):
        np.testing.assert_array_equal(got, wanted)
    np.testing.assert_array_equal(ideal[0], target_us)
    np.testing.assert_array_equal(ideal[2], target_us)


def test_scales_are_factors():
    assert PcmLike(read_scale=3.0).read_sigma_relative(5.0, 1.0) == pytest.approx(
        3 * PcmLike().read_sigma_relative(5.0, 1.0), rel=1e-15)


@pytest.mark.parametrize(("field", "value", "error", "message"), [
    ("g_max_us", 0, ValueError, "g_max_us must be greater than 0, not 0.0"),
    ("g_max_us", "25", TypeError, "g_max_us must be a number, not '25'"),
    ("g_max_us", True, TypeError, "g_max_us must be a number, not True"),
    ("g_max_us", math.inf, ValueError, "g_max_us must be finite, not inf"),
    ("t_read_s", 0.0, ValueError, "t_read_s must be greater than 0, not 0.0"),
    ("t0_s", 249e-9, ValueError, "t0_s must be at least 2.5e-07, not 2.49e-07"),
    ("programming_scale", -0.1, ValueError, "programming_scale must be at least 0, not -0.1"),
    ("drift_scale", math.nan, ValueError, "drift_scale must be at least 0, not nan"),
    ("read_scale", None, TypeError, "read_scale must be a number, not None"),
])
def test_refused_fields(field, value, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        PcmLike(**{field: value})


def test_fields_are_keyword_only_and_frozen():
    with pytest.raises(TypeError):
        PcmLike(25.0)
    with pytest.raises(AttributeError):
        PcmLike().g_max_us = 10.0


@pytest.mark.parametrize("device", [Ideal(), PcmLike()])
@pytest.mark.parametrize(("bad", "error", "message"), [
    (25.1, ValueError, "target_us must be finite and in 0..25, not 25.1"),
    (-1e-9, ValueError, "target_us must be finite and in 0..25, not -1e-09"),
    (math.nan, ValueError, "target_us must be finite and in 0..25, not nan"),
    ("a", TypeError, "target_us must hold real numbers, not <U1"),
])
def test_refused_targets(device, bad, error, message):
    rng = np.random.default_rng(0)
    for method in (device.program, device.drift_coefficients):
        with pytest.raises(error, match=f"^{re.escape(message)}$"):
            method([bad], rng)


@pytest.mark.parametrize("device", [Ideal(), PcmLike()])
def test_refused_times_conductances_and_generators(device):
    for t_s, shown in [(-1.0, "-1.0"), (math.nan, "nan")]:
        message = f"^t_s must be at least 0, not {shown}$"
        with pytest.raises(ValueError, match=message):
            device.drifted(1.0, 0.05, t_s)
        with pytest.raises(ValueError, match=message):
            device.read_sigma_relative(1.0, t_s)
    for call in (lambda: device.drifted([1.0, -2.0], 0.05, 0.0),
                 lambda: device.read_sigma_relative(-2.0, 0.0)):
        with pytest.raises(ValueError, match=r"^g_prog_us must be .* in 0\.\.inf, not -2\.0$"):
            call()
    with pytest.raises(ValueError, match=r"^nu must be finite and in 0\.\.inf, not -0\.1$"):
        device.drifted(1.0, -0.1, 0.0)
    for method in (device.program, device.drift_coefficients):
        with pytest.raises(TypeError, match=r"^rng must be a numpy\.random\.Generator, not 3$"):
            method(1.0, 3)
