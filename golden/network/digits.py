"""The digit classifier that runs through the tile: images, trained layers, float64 answer.

The images are the 1797 real 8x8 scans that scikit-learn carries. The network is committed as
``digits.npz``; ``train_digits`` writes it.
"""

import itertools
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

__all__ = ["EPS", "NAMES", "NETWORK_FILE", "SIZES", "Digits", "Layer", "accuracy", "forward",
           "load_images", "load_network", "save_network"]

NETWORK_FILE = Path(__file__).with_name("digits.npz")
NAMES = ("hidden1", "hidden2", "logits")
SIZES = (64, 512, 256, 10)
# A power of two: a variance of 1 - EPS then folds to a scale of exactly one.
EPS = 2.0**-17

_FIELDS = ("weights", "gamma", "beta", "mean", "variance")


class Digits(NamedTuple):
    """Images as rows of 64 pixels in 0..1, and their labels 0..9.

    ``train_x`` is (1297, 64) float64, ``test_x`` (500, 64); ``train_y`` and ``test_y`` are int64.
    """

    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray


def load_images():
    """Split the images into 1297 for training and 500 for testing, the same ones every time."""
    # Imported here: it takes a second, and whoever only wants the network does not need it.
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        x / 16, y.astype(np.int64), test_size=500, stratify=y, random_state=2025)
    return Digits(train_x, train_y, test_x, test_y)


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """A matrix multiply, BatchNorm of its outputs, and maybe a ReLU.

    A layer without BatchNorm has gamma 1, mean 0, variance ``1 - EPS``, and its bias as beta.

    Attributes
    ----------
    name : str
    weights : ndarray, (inputs, outputs) float64
    gamma, beta, mean, variance : ndarray, (outputs,) float64
    relu : bool
    """

    name: str
    weights: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    relu: bool

    def __post_init__(self):
        if self.weights.ndim != 2:
            raise ValueError(f"weights of {self.name} must have two axes, not "
                             f"{self.weights.ndim}")
        for field in _FIELDS:
            array = getattr(self, field)
            if field != "weights" and array.shape != self.weights.shape[1:]:
                raise ValueError(f"{field} of {self.name} must have shape "
                                 f"{self.weights.shape[1:]}, not {array.shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"{field} of {self.name} must be finite")
        if self.variance.min() < 0:
            raise ValueError(f"variance of {self.name} must not be negative")

    def scale_and_bias(self):
        """Fold the BatchNorm into ``k`` and ``b``, (outputs,) each: ``y = k * (x @ w) + b``."""
        k = self.gamma / np.sqrt(self.variance + EPS)
        return k, self.beta - k * self.mean


def forward(layers, x):
    """Logits (images, outputs) of images (images, inputs), all in float64."""
    for layer in layers:
        k, b = layer.scale_and_bias()
        x = k * (x @ layer.weights) + b
        if layer.relu:
            x = np.maximum(x, 0)
    return x


def accuracy(logits, labels):
    """Share of images whose largest logit (images, classes) is at their label (images,)."""
    return float((logits.argmax(axis=1) == labels).mean())


def save_network(layers, path=NETWORK_FILE):
    """Write the layers; the weights must already be exact in float16."""
    arrays = {f"{layer.name}.{field}": getattr(layer, field)
              for layer in layers for field in _FIELDS}
    for layer in layers:
        key = f"{layer.name}.weights"
        half = arrays[key].astype(np.float16)
        if not np.array_equal(half, arrays[key]):
            raise ValueError(f"weights of {layer.name} must be exact in float16")
        arrays[key] = half
    # Not compressed: the bytes then do not depend on the version of zlib.
    np.savez(path, **arrays)


def load_network(path=NETWORK_FILE):
    """Read the trained layers, first to last, as a tuple of three `Layer`.

    Raises
    ------
    ValueError
        If the file is missing, is damaged, or holds anything else than this network.
    """
    try:
        with np.load(path) as arrays:
            layers = tuple(
                Layer(name=name, relu=name != NAMES[-1],
                      **{field: arrays[f"{name}.{field}"].astype(np.float64)
                         for field in _FIELDS})
                for name in NAMES)
        for layer, shape in zip(layers, itertools.pairwise(SIZES), strict=True):
            if layer.weights.shape != shape:
                raise ValueError(f"weights of {layer.name} must have shape {shape}, not "
                                 f"{layer.weights.shape}")
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        sizes = " -> ".join(map(str, SIZES))
        raise ValueError(f"{path} must hold the trained network {sizes} as an npz file "
                         f"({type(error).__name__}: {error})") from error
    return layers
