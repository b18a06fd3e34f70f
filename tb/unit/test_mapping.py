"""golden.network.mapping: the formula, the cuts and the refusals."""

import numpy as np
import pytest

from golden.network.digits import Layer
from golden.network.mapping import activation_scales, map_layer
from golden.presets import small
from golden.reference import process_real, to_input

IDEAL = np.ones((2, 32)), np.zeros((2, 32))
# 35 MHz/uA * 0.2 V * 25 uS = 175 MHz: a full device adds 0.175 counts per ns.
COUNTS_PER_CLOCK = 0.175


def layer(inputs, outputs, *, relu=False, seed=0):
    rng = np.random.default_rng(seed)
    return Layer(name="layer", weights=rng.normal(size=(inputs, outputs)),
                 gamma=rng.uniform(0.5, 2, outputs), beta=rng.normal(size=outputs),
                 mean=rng.normal(size=outputs), variance=rng.uniform(0.5, 2, outputs), relu=relu)


def map_to_small(a_layer, **changes):
    return map_layer(a_layer, small, **{
        "in_scale": 0.01, "out_scale": 0.5, "g_max_us": 25.0, "correction": IDEAL, **changes})


def ideal_counts(job, vectors):
    """Exact charge of ideal devices, in counts, not truncated: (vectors, 2, columns)."""
    weights = np.stack(job.blocks)[np.arange(len(vectors)) % len(job.blocks)] / job.w_max
    products = vectors[:, :, None] * weights * COUNTS_PER_CLOCK
    return np.stack([np.maximum(products, 0).sum(1), np.maximum(-products, 0).sum(1)], axis=1)


@pytest.mark.parametrize(("inputs", "outputs", "reads", "jobs"), [
    (20, 10, 1, 1), (32, 32, 1, 1), (33, 32, 2, 1), (70, 33, 3, 2), (5, 64, 1, 2)])
def test_exact_counts_give_the_layer(inputs, outputs, reads, jobs):
    """With nothing rounded, the mapped layer is the layer, whatever the cuts."""
    a_layer = layer(inputs, outputs, relu=True, seed=inputs)
    x = np.random.default_rng(1).integers(-127, 128, (9, inputs))
    mapped = map_to_small(a_layer)
    assert len(mapped) == jobs
    results = []
    for job in mapped:
        assert job.settings.reads == len(job.blocks) == reads
        counts = ideal_counts(job, job.vectors(x)).reshape(9, reads, 2, 32)
        results.append(process_real(counts, job.real, job.settings, small)
                       [:, :job.outputs.stop - job.outputs.start])
    k, b = a_layer.scale_and_bias()
    wanted = np.maximum(k * ((0.01 * x) @ a_layer.weights) + b, 0) / 0.5
    np.testing.assert_allclose(np.concatenate(results, axis=1), wanted, rtol=1e-9, atol=1e-9)


def test_coefficients_use_their_range():
    """The exponent is the largest that fits: doubled, a coefficient would overflow."""
    job, = map_to_small(layer(20, 10))
    largest = max(np.abs(job.real["norm_scale"]).max() / (127 / 128),
                  np.abs(job.real["norm_bias"]).max() / (2**15 - 1 / 16))
    assert 0.5 < largest <= 1.005


def test_gain_scales_the_product_alone():
    plain, = map_to_small(layer(20, 10))
    double, = map_to_small(layer(20, 10), gain=2.0)
    unit = 2.0 ** (plain.settings.shift - double.settings.shift)
    np.testing.assert_allclose(double.real["norm_scale"] * unit, 2 * plain.real["norm_scale"])
    np.testing.assert_allclose(double.real["norm_bias"] * unit, plain.real["norm_bias"])


def test_correction_is_passed_on():
    rng = np.random.default_rng(0)
    correction = rng.uniform(0.8, 1.2, (2, 32)), rng.uniform(-5, 5, (2, 32))
    job, = map_to_small(layer(20, 10), correction=correction)
    np.testing.assert_array_equal(job.real["scale"], correction[0])
    np.testing.assert_array_equal(job.real["offset"], correction[1])
    assert np.abs(job.coefficients.scale / 128 - correction[0]).max() <= 1 / 256


def test_too_many_reads():
    with pytest.raises(ValueError, match=r"^reads must be from 1 to 128 in one_phase of 8-bit "
                                         r"inputs, not 129$"):
        map_to_small(layer(128 * 32 + 1, 4))


def test_no_exponent():
    with pytest.raises(ValueError, match=r"^no power of two brings slopes of .* into S\(1,7\) and"):
        map_to_small(layer(20, 10), in_scale=1e9)


def test_activation_scales():
    a_layer = Layer(name="one", weights=np.array([[2.0]]), gamma=np.ones(1), beta=np.zeros(1),
                    mean=np.zeros(1), variance=np.ones(1) - 2.0**-17, relu=True)
    # Largest input 1 and output 2, 127 steps each; the negative input becomes 0.
    np.testing.assert_allclose(activation_scales([a_layer], np.array([[1.0], [-3.0]])),
                               [3 / 127, 2 / 127])


def test_to_input():
    # To nearest, ties to even, clipped to the magnitude that the row drivers can hold.
    np.testing.assert_array_equal(to_input([0.5, 1.5, -2.5, 126.6, 400, -400], input_bits=8),
                                  [0, 2, -2, 127, 127, -127])
    np.testing.assert_array_equal(to_input([9, -9], input_bits=4), [7, -7])


def test_calibration_set_must_say_something():
    a_layer = layer(20, 10)
    with pytest.raises(ValueError, match=r"^x must be finite and in -inf\.\.inf, not nan$"):
        activation_scales([a_layer], np.full((2, 20), np.nan))
    with pytest.raises(ValueError, match=r"^x must make some input and some output of every layer"):
        activation_scales([a_layer], np.zeros((2, 20)))


def test_inputs_are_integers_of_the_layer():
    job, = map_to_small(layer(20, 10))
    with pytest.raises(ValueError, match=r"^x must have shape \(images, 20\), not \(3, 19\)$"):
        job.vectors(np.zeros((3, 19), int))
    with pytest.raises(TypeError, match=r"^x must hold integers that fit in int64, not float64$"):
        job.vectors(np.zeros((3, 20)))
    with pytest.raises(ValueError, match=r"^y must be finite and in -inf\.\.inf, not nan$"):
        to_input([np.nan], input_bits=8)
