from dataclasses import replace

import numpy as np
import pytest

from golden.network import digits


@pytest.fixture(scope="module")
def data():
    return digits.load_images()


@pytest.fixture(scope="module")
def layers():
    return digits.load_network()


def with_noise(layers, scale, rng):
    return tuple(
        replace(layer, weights=layer.weights + rng.normal(
            0, scale * np.abs(layer.weights).max(), layer.weights.shape))
        for layer in layers)


def int8_inputs(layers, x, train_x):
    for layer in layers:
        step = train_x.max() / 127
        x = digits.forward([layer], np.clip(np.rint(x / step), 0, 127) * step)
        train_x = digits.forward([layer], train_x)
    return x


def test_split_is_complete_and_disjoint(data):
    assert data.train_x.shape == (1297, 64) and data.test_x.shape == (500, 64)
    rows = np.vstack([data.train_x, data.test_x])
    assert len(np.unique(rows, axis=0)) == 1797  # no two scans are equal, so none is in both
    assert rows.min() == 0 and rows.max() == 1


def test_split_is_stratified(data):
    train, test = np.bincount(data.train_y), np.bincount(data.test_y)
    assert train.sum() == 1297 and test.sum() == 500
    assert np.abs(test - (train + test) * 500 / 1797).max() < 1


def test_split_is_reproducible(data):
    for first, second in zip(data, digits.load_images(), strict=True):
        np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(data.test_y[:8], [0, 2, 1, 1, 2, 7, 7, 0])


def test_network_shape(layers):
    assert tuple(layer.name for layer in layers) == digits.NAMES
    assert (layers[0].weights.shape[0], *(len(layer.beta) for layer in layers)) == digits.SIZES
    assert [layer.relu for layer in layers] == [True, True, False]
    assert digits.NETWORK_FILE.stat().st_size < 600_000


def test_accuracy(layers, data):
    assert digits.accuracy(digits.forward(layers, data.train_x), data.train_y) == 1.0
    assert digits.accuracy(digits.forward(layers, data.test_x), data.test_y) == 0.99


def test_accuracy_survives_programming_noise(layers, data):
    rng = np.random.default_rng(1)
    draws = (with_noise(layers, 0.045, rng) for _ in range(20))
    noisy = [digits.accuracy(digits.forward(draw, data.test_x), data.test_y) for draw in draws]
    assert np.mean(noisy) > 0.99 - 0.005


def test_accuracy_survives_int8_activations(layers, data):
    logits = int8_inputs(layers, data.test_x, data.train_x)
    assert digits.accuracy(logits, data.test_y) > 0.99 - 0.002


def test_no_weight_is_an_outlier(layers):
    for layer in layers:
        assert np.abs(layer.weights).max() < 2.51 * layer.weights.std()


def test_fold_equals_batchnorm(layers, data):
    x = data.test_x
    for layer in layers:
        z = x @ layer.weights
        normal = (z - layer.mean) / np.sqrt(layer.variance + digits.EPS)
        explicit = layer.gamma * normal + layer.beta
        k, b = layer.scale_and_bias()
        error = np.abs(k * z + b - explicit).max()
        assert error <= 1e-12 * np.abs(explicit).max()
        x = digits.forward([layer], x)
    np.testing.assert_array_equal(k, 1.0)  # the last layer has no BatchNorm
    np.testing.assert_array_equal(b, layers[-1].beta)


def test_saving_what_was_loaded_gives_the_same_bytes(layers, tmp_path):
    digits.save_network(layers, tmp_path / "copy.npz")
    assert (tmp_path / "copy.npz").read_bytes() == digits.NETWORK_FILE.read_bytes()


def test_saving_refuses_to_round(layers, tmp_path):
    fine = replace(layers[0], weights=layers[0].weights + 1e-9)
    with pytest.raises(ValueError, match="^weights of hidden1 must be exact in float16$"):
        digits.save_network([fine], tmp_path / "fine.npz")


def one_bit_flipped(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1:]


@pytest.mark.parametrize("damage", [
    pytest.param(lambda content: b"", id="empty"),
    pytest.param(lambda content: b"digits", id="text"),
    pytest.param(lambda content: content[:100_000], id="cut short"),
    pytest.param(one_bit_flipped, id="flipped bit"),
])
def test_damaged_file(damage, tmp_path):
    path = tmp_path / "digits.npz"
    path.write_bytes(damage(digits.NETWORK_FILE.read_bytes()))
    with pytest.raises(ValueError) as caught:
        digits.load_network(path)
    wanted = f"{path} must hold the trained network 64 -> 512 -> 256 -> 10 as an npz file ("
    assert str(caught.value).startswith(wanted)


def test_missing_and_wrong_file(layers, tmp_path):
    path = tmp_path / "other.npz"
    with pytest.raises(ValueError, match="must hold the trained network.*FileNotFoundError"):
        digits.load_network(path)
    narrow = replace(layers[0], weights=layers[0].weights[:32])
    digits.save_network([narrow, *layers[1:]], path)
    with pytest.raises(ValueError, match=r"hidden1 must have shape \(64, 512\), not \(32, 512\)"):
        digits.load_network(path)
    digits.save_network(layers[:2], path)
    with pytest.raises(ValueError, match=r"logits\.weights"):
        digits.load_network(path)


@pytest.mark.parametrize(("change", "message"), [
    ({"weights": np.zeros(10)}, r"^weights of logits must have two axes, not 1$"),
    ({"beta": np.zeros(9)}, r"^beta of logits must have shape \(10,\), not \(9,\)$"),
    ({"mean": np.full(10, np.nan)}, r"^mean of logits must be finite$"),
    ({"variance": np.full(10, -1.0)}, r"^variance of logits must not be negative$"),
])
def test_layer_checks(layers, change, message):
    with pytest.raises(ValueError, match=message):
        replace(layers[-1], **change)
