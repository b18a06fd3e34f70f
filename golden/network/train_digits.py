"""Train the digit classifier for noisy weights and write ``digits.npz``.

Run ``OMP_NUM_THREADS=1 python -m golden.network.train_digits``. Same seed, same machine, same
file; another BLAS may add up in another order and end at slightly different weights.

Every forward pass in training adds fresh Gaussian noise to the weights, as programming the array
will, and every step clips the weights of a layer to a multiple of their standard deviation: the
noise is relative to the largest weight, so a few outliers would drown all the others.
Cross-validation inside the training images chose the label smoothing and rejected shifted images.
"""

import itertools
from dataclasses import replace

import numpy as np

from golden.network.digits import (
    EPS,
    NAMES,
    NETWORK_FILE,
    SIZES,
    Layer,
    accuracy,
    forward,
    load_images,
    save_network,
)

SEED = 1
EPOCHS = 100
BATCH = 64
LEARNING_RATE = 2e-3
WEIGHT_NOISE = 0.07  # of the largest weight of the layer
CLIP = 2.5  # standard deviations of the weights of the layer
SMOOTHING = 0.1  # share of the label spread over all classes


def initial_parameters(rng, sizes):
    """One dict per layer: float32 ``weights`` (He), ``beta``, and ``gamma`` where hidden."""
    parameters, last = [], len(sizes) - 2
    for k, (inputs, outputs) in enumerate(itertools.pairwise(sizes)):
        layer = {"weights": rng.normal(0, np.sqrt(2 / inputs), (inputs, outputs)),
                 "beta": np.zeros(outputs)}
        if k != last:
            layer["gamma"] = np.ones(outputs)
        parameters.append({key: value.astype(np.float32) for key, value in layer.items()})
    return parameters


def gradients(parameters, x, target, rng):
    """Gradients of the cross-entropy under one draw of weight noise, shaped as the parameters."""
    kept = []
    for layer in parameters:
        noise = rng.standard_normal(layer["weights"].shape, dtype=np.float32)
        weights = layer["weights"] + WEIGHT_NOISE * np.abs(layer["weights"]).max() * noise
        z = x @ weights
        if "gamma" not in layer:
            kept.append((x, weights, None, None, None))
            x = z + layer["beta"]
            continue
        spread = np.sqrt(z.var(axis=0) + np.float32(EPS))
        normal = (z - z.mean(axis=0)) / spread
        y = layer["gamma"] * normal + layer["beta"]
        kept.append((x, weights, normal, spread, y > 0))
        x = np.maximum(y, 0)
    odds = np.exp(x - x.max(axis=1, keepdims=True))
    delta = (odds / odds.sum(axis=1, keepdims=True) - target) / len(x)
    result = []
    for layer in reversed(parameters):
        x, weights, normal, spread, alive = kept.pop()
        gradient = {}
        if "gamma" in layer:
            delta = delta * alive
            gradient["gamma"] = (delta * normal).sum(axis=0)
        gradient["beta"] = delta.sum(axis=0)
        if "gamma" in layer:
            delta = layer["gamma"] / spread * (
                delta - delta.mean(axis=0) - normal * (delta * normal).mean(axis=0))
        gradient["weights"] = x.T @ delta
        delta = delta @ weights.T
        result.append(gradient)
    return result[::-1]


def adam(parameters, gradient, state, rate, step):
    """Update the parameters in place; ``state`` holds both moments under the same keys."""
    for layer, slopes, moments in zip(parameters, gradient, state, strict=True):
        for key, g in slopes.items():
            first, second = moments[key]
            first += 0.1 * (g - first)
            second += 0.001 * (g * g - second)
            unbiased = np.sqrt(second / (1 - 0.999**step)) + 1e-8
            layer[key] -= rate / (1 - 0.9**step) * first / unbiased


def train(x, y, rng, sizes=SIZES):
    """Train on images (images, 64) with labels (images,) and return the parameters."""
    parameters = initial_parameters(rng, sizes)
    state = [{key: np.zeros((2, *value.shape), np.float32) for key, value in layer.items()}
             for layer in parameters]
    x = x.astype(np.float32)
    labels = np.eye(sizes[-1], dtype=np.float32)[y]
    targets = (1 - SMOOTHING) * labels + SMOOTHING / sizes[-1]
    per_epoch = len(x) // BATCH
    steps = EPOCHS * per_epoch
    for step in range(1, steps + 1):
        if step % per_epoch == 1:
            batches = rng.permutation(len(x))[:per_epoch * BATCH].reshape(per_epoch, BATCH)
        batch = batches[(step - 1) % per_epoch]
        rate = LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
        gradient = gradients(parameters, x[batch], targets[batch], rng)
        adam(parameters, gradient, state, rate, step)
        for layer in parameters:
            bound = CLIP * layer["weights"].std()
            np.clip(layer["weights"], -bound, bound, out=layer["weights"])
    return parameters


def freeze(parameters, x, names=NAMES):
    """Layers with float16 weights and the exact BatchNorm statistics of x, without noise."""
    layers = []
    for name, layer in zip(names, parameters, strict=True):
        weights = layer["weights"].astype(np.float16).astype(np.float64)
        beta = layer["beta"].astype(np.float64)
        zero = np.zeros_like(beta)
        frozen = Layer(name=name, relu="gamma" in layer, weights=weights, gamma=zero + 1,
                       beta=beta, mean=zero, variance=zero + (1 - EPS))
        if frozen.relu:
            z = x @ weights
            frozen = replace(frozen, gamma=layer["gamma"].astype(np.float64),
                             mean=z.mean(axis=0), variance=z.var(axis=0))
        layers.append(frozen)
        x = forward([frozen], x)
    return tuple(layers)


def main():
    data = load_images()
    print(f"seed {SEED}, {EPOCHS} epochs of {len(data.train_x)} images")
    parameters = train(data.train_x, data.train_y, np.random.default_rng(SEED))
    layers = freeze(parameters, data.train_x)
    print(f"train accuracy {accuracy(forward(layers, data.train_x), data.train_y):.4f}")
    print(f"test accuracy  {accuracy(forward(layers, data.test_x), data.test_y):.4f}")
    save_network(layers)
    print(f"wrote {NETWORK_FILE} ({NETWORK_FILE.stat().st_size} bytes)")


if __name__ == "__main__":
    main()
