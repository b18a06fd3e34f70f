"""The HERMES fits against their published values, and devices by name."""

import math
import re

import numpy as np
import pytest

from golden.array.device import Ideal, PcmLike
from golden.array.devices import DEVICES, Projected, make_device
from golden.array.hermes import HermesOneDevice, HermesTwoDevice

# x = g/g_max; sigma_prog in µS, mean and sigma of nu, Q. Worked out from AIHWKIT
# inference/noise/hermes.py, commit 4545f11b, and compared to the last digit given here.
TWO_DEVICES = [
    (0.00, "0.16603", "0.13000", "0.04000", "0.04000"),
    (0.01, "0.21237", "0.13000", "0.04000", "0.04000"),
    (0.05, "0.38132", "0.09773", "0.02935", "0.02815"),
    (0.10, "0.55772", "0.07190", "0.02124", "0.02004"),
    (0.25, "0.88876", "0.06772", "0.01052", "0.01593"),
    (0.50, "0.99101", "0.05640", "0.00900", "0.01671"),
    (1.00, "1.09270", "0.01740", "0.00480", "0.01230"),
]
ONE_DEVICE = [
    (0.00, "0.15782", "0.13000", "0.04000", "0.04000"),
    (0.01, "0.18085", "0.13000", "0.04000", "0.03972"),
    (0.05, "0.26872", "0.09773", "0.03365", "0.02717"),
    (0.10, "0.36932", "0.07190", "0.02533", "0.02176"),
    (0.25, "0.61449", "0.06772", "0.01434", "0.02059"),
    (0.50, "0.86531", "0.05640", "0.01207", "0.02170"),
    (1.00, "1.00757", "0.01740", "0.00550", "0.01680"),
]
CHECK_VALUES = ([(HermesTwoDevice(), *row) for row in TWO_DEVICES]
                + [(HermesOneDevice(), *row) for row in ONE_DEVICE])
HOUR_S = 3600.0
DAY_S = 86400.0
YEAR_S = 365 * DAY_S


@pytest.mark.parametrize(("device", "x", "sigma", "nu_mean", "nu_sigma", "q"), CHECK_VALUES)
def test_published_values(device, x, sigma, nu_mean, nu_sigma, q):
    g_us = device.g_max_us * x
    assert f"{device.programming_sigma_us(g_us):.5f}" == sigma
    assert f"{device.drift_mean(g_us):.5f}" == nu_mean
    assert f"{device.drift_sigma(g_us):.5f}" == nu_sigma
    root = math.sqrt(math.log((device.t0_s + 512e-9) / 1024e-9))
    assert f"{device.read_sigma_relative(g_us, 0.0) / root:.5f}" == q


@pytest.mark.parametrize(("device", "q", "roots"), [
    (HermesTwoDevice(), 0.0123, ("4.4154", "4.6969", "5.0162", "5.5730")),
    (HermesOneDevice(), 0.0168, ("4.3692", "4.6941", "5.0161", "5.5730")),
])
def test_read_noise_grows_with_time(device, q, roots):
    # At full conductance Q is the sum of the coefficients of the polynomial.
    for t_s, root in zip((0.0, HOUR_S, DAY_S, YEAR_S), roots, strict=True):
        assert f"{device.read_sigma_relative(device.g_max_us, t_s) / q:.4f}" == root


@pytest.mark.parametrize(("kind", "limit", "method"), [
    (HermesTwoDevice, 0.0945, "drift_mean"), (HermesTwoDevice, 0.3055, "drift_sigma"),
    (HermesOneDevice, 0.0945, "drift_mean"), (HermesOneDevice, 0.3039, "drift_sigma"),
])
def test_the_branch_changes_at_its_limit(kind, limit, method):
    # g_max 1 µS makes the target the ratio itself. At the limit the polynomial holds.
    device = kind(g_max_us=1.0)
    polynomial = {
        "drift_mean": lambda x: -0.0436 * x**2 - 0.0126 * x + 0.0736,
        "drift_sigma": (lambda x: -0.0118 * x**2 + 0.0093 * x + 0.0073)
        if kind is HermesTwoDevice else (lambda x: -0.0165 * x**2 + 0.0116 * x + 0.0104),
    }[method]
    below = np.nextafter(limit, 0)
    assert getattr(device, method)(limit) == pytest.approx(polynomial(limit), rel=1e-13)
    assert abs(getattr(device, method)(below) - polynomial(below)) > 1e-6


def test_only_the_programming_error_scales_with_g_max():
    small, large = HermesOneDevice(g_max_us=5.175), HermesOneDevice()
    assert small.programming_sigma_us(2.5875) == pytest.approx(0.5 * 0.86531, abs=1e-5)
    assert small.drift_mean(1.0) == large.drift_mean(2.0)
    assert small.read_sigma_relative(1.0, 7.0) == large.read_sigma_relative(2.0, 7.0)


@pytest.mark.parametrize("kind", [HermesOneDevice, HermesTwoDevice])
def test_larger_conductances_than_the_fit_are_refused(kind):
    assert kind().g_max_us == kind.G_MAX_US
    above = math.nextafter(kind.G_MAX_US, 99)
    message = (f"g_max_us must be at most {kind.G_MAX_US}, the largest conductance of the fit, "
               f"not {above!r}")
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        kind(g_max_us=above)


@pytest.mark.parametrize("name", DEVICES)
def test_every_device_has_a_name_and_can_be_switched_off(name):
    device = make_device(name)
    assert type(device) is DEVICES[name]
    rng = np.random.default_rng(0)
    target_us = np.linspace(0, device.g_max_us, 50)
    if not isinstance(device, Ideal):
        assert (device.program(target_us, rng) != target_us).any()
        assert device.drift_coefficients(target_us, rng).any()
        device = make_device(name, programming_scale=0, drift_scale=0, read_scale=0)
    g_us = device.program(target_us, rng)
    np.testing.assert_array_equal(g_us, target_us)
    nu = device.drift_coefficients(target_us, rng)
    np.testing.assert_array_equal(device.drifted(g_us, nu, YEAR_S), target_us)
    assert not device.read_sigma_relative(g_us, YEAR_S).any()


def test_projected_is_pcm_like_with_smaller_scales():
    projected, plain = Projected(), PcmLike()
    target_us = np.linspace(0, 25, 50)

    def run(device):
        rng = np.random.default_rng(3)
        return device.program(target_us, rng), device.drift_coefficients(target_us, rng)

    np.testing.assert_array_equal(run(projected)[0], run(plain)[0])
    np.testing.assert_allclose(run(projected)[1], run(plain)[1] / 10, rtol=1e-15)
    assert projected.read_sigma_relative(5.0, 1.0) == plain.read_sigma_relative(5.0, 1.0) / 4


@pytest.mark.parametrize("name", ["reram", None, ["pcm_like"]])
def test_unknown_names(name):
    message = ("device must be one of pcm_like, hermes_one_device, hermes_two_device, ideal, "
               f"projected, not {name!r}")
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make_device(name)
