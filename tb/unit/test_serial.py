"""golden.network.serial: the layers of a network in one array, against the same layers apart."""

from itertools import pairwise

import numpy as np
import pytest

from golden.array.device import Ideal, PcmLike
from golden.chain_checker import Refusal, check_chain
from golden.config import ArrayConfig, TileConfig
from golden.network.digits import Layer, accuracy, load_images, load_network
from golden.network.serial import SerialNetwork
from golden.nmpu import process
from golden.presets import small


def layers(*sizes, seed=0):
    rng = np.random.default_rng(seed)
    return [Layer(name=f"layer{k}", weights=rng.normal(size=(i, o)) * (k + 1),
                  gamma=rng.uniform(0.5, 2, o), beta=rng.normal(size=o), mean=rng.normal(size=o),
                  variance=rng.uniform(0.5, 2, o), relu=o != sizes[-1])
            for k, (i, o) in enumerate(pairwise(sizes))]


NETWORK = layers(30, 12, 5, 3)
IMAGES = np.random.default_rng(3).normal(size=(24, 30))


def programmed(device=None, seed=1):
    return SerialNetwork(NETWORK, IMAGES, config=small, device=device or PcmLike(), seed=seed)


def test_each_layer_is_processed_from_its_counts():
    network = programmed()
    run = network.run(IMAGES)
    x = network.inputs(IMAGES)
    for k, (where, settings) in enumerate(zip(network.places, network.settings, strict=True)):
        assert (run.inputs[k][:, :x.shape[1]] == np.clip(x, -127, 127)).all()
        assert not run.inputs[k][:, where.rows:].any()
        wanted = process(run.counts[k][:, None], network.coefficients, settings, small)
        np.testing.assert_array_equal(run.results[k], wanted[:, where.part])
        x = run.results[k]
    np.testing.assert_array_equal(run.logits, x[:, :3])


def test_columns_of_no_output_give_nothing():
    for where, results in zip(programmed().places, programmed().run(IMAGES).results, strict=True):
        assert results[:, :where.outputs].any(axis=0).all()
        assert not results[:, where.outputs:].any()


def test_every_layer_reaches_the_full_conductance():
    network = SerialNetwork(NETWORK, IMAGES, config=small, device=Ideal(), seed=1)
    g_us = network._array.conductances_us()
    for where in network.places:
        assert g_us[:, :, where.part].max() == pytest.approx(Ideal().g_max_us)


def test_ideal_devices_give_the_layers_to_a_few_steps():
    network = programmed(Ideal())
    run, x = network.run(IMAGES), network.inputs(IMAGES) * network._scales[0]
    for k, (layer, where) in enumerate(zip(NETWORK, network.places, strict=True)):
        slope, bias = layer.scale_and_bias()
        y = slope * (x @ layer.weights) + bias
        y = np.maximum(y, 0) if layer.relu else y
        steps = np.clip(y / network._scales[k + 1], -128, 127)
        error = np.abs(run.results[k][:, :where.outputs] - steps)
        assert error.mean() <= 3 and error.max() <= 15 and np.abs(steps).max() > 100
        x = run.results[k][:, :where.outputs] * network._scales[k + 1]


def test_images_do_not_depend_on_those_beside_them():
    network = programmed()
    whole, part = network.run(IMAGES), network.run(IMAGES[:7])
    np.testing.assert_array_equal(whole.logits[:7], part.logits)
    for k in range(3):
        np.testing.assert_array_equal(
            whole.counts[k][5:9], network.counts(k, whole.inputs[k][5:9], first=5))


def test_same_seed_same_counts_and_each_age_its_own():
    first, again, other = programmed(), programmed(), programmed(seed=2)
    np.testing.assert_array_equal(first.run(IMAGES).counts, again.run(IMAGES).counts)
    assert (first.run(IMAGES).counts[0] != other.run(IMAGES).counts[0]).any()
    before = first.run(IMAGES).counts[0]
    first.advance(86400)
    assert first.run(IMAGES).counts[0].sum() < 0.9 * before.sum()


def test_order_of_the_windows():
    run = programmed().run(IMAGES)
    order = run.windows(batch=2)
    assert order[:8] == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (0, 2), (0, 3)]
    assert len(order) == 72
    pulses, counts = run.in_order(batch=2)
    for k in (0, 3, 4, 6, 71):
        layer, image = order[k]
        np.testing.assert_array_equal(pulses[k], run.inputs[layer][image])
        np.testing.assert_array_equal(counts[k], run.counts[layer][image])
    with pytest.raises(ValueError, match="^images must be a multiple of 5, not 24$"):
        run.windows(batch=5)


def test_the_tile_takes_the_chain():
    chain = [d.words(small) for d in programmed().descriptors(batch=4)]
    assert check_chain(chain, small, 0, 2, unlocked=False) == (Refusal.NONE, 0)


@pytest.mark.parametrize("images", [np.zeros((3, 1)), np.full((1, 30), np.nan)])
def test_images_refused(images):
    with pytest.raises(ValueError, match="^images must "):
        programmed().run(images)


def test_digits():
    digits = load_images()
    config = TileConfig(array=ArrayConfig(rows=512, columns=1024))
    network = SerialNetwork(load_network(), digits.train_x, config=config, device=PcmLike(), seed=1)
    network.advance(25)
    assert [(p.rows, p.first_column, p.columns) for p in network.places] == [
        (64, 0, 512), (512, 512, 256), (256, 768, 64)]
    chain = [d.words(config) for d in network.descriptors(batch=16)]
    assert check_chain(chain, config, 0, 2, unlocked=False) == (Refusal.NONE, 0)
    run = network.run(digits.test_x[:100])
    assert accuracy(run.logits, digits.test_y[:100]) >= 0.97
    assert max(counts.max() for counts in run.counts) < 4095
