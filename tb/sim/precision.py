"""What golden says of the same network: the cost of fixed point, and accuracy over drift time."""

import numpy as np

from golden.array.device import PcmLike
from golden.network.digits import accuracy, forward, load_images, load_network
from golden.network.inference import ProgrammedNetwork
from golden.presets import hermes

__all__ = ["TIMES", "accuracy_over_time", "fixed_point_against_float", "float_accuracy"]

TIMES = {"25 s": 25.0, "1 h": 3600.0, "1 d": 86400.0, "30 d": 30 * 86400.0,
         "1 y": 365 * 86400.0, "10 y": 3650 * 86400.0}
"""Ages of the array, in seconds since the first read after programming."""


def _programmed(digits, seed):
    return ProgrammedNetwork(load_network(), digits.train_x, config=hermes, device=PcmLike(),
                             seed=seed)


def float_accuracy():
    """Share of test images that the trained network itself, without an array, gets right."""
    digits = load_images()
    return accuracy(forward(load_network(), digits.test_x), digits.test_y)


def fixed_point_against_float(*, seeds, seconds):
    """Both peripheries on the same arrays and draws, for every programming seed.

    Returns
    -------
    fixed, real : float64 array, (seeds,)
        Accuracy over all test images.
    logits : tuple of float64 arrays, (images, outputs)
        Fixed and real logits of the first seed, in steps of the result.
    """
    digits = load_images()
    fixed, real, logits = [], [], None
    for seed in seeds:
        network = _programmed(digits, seed)
        network.advance(seconds)
        pair = network.integers(digits.test_x), network.reals(digits.test_x)
        logits = logits or pair
        fixed.append(accuracy(pair[0], digits.test_y))
        real.append(accuracy(pair[1], digits.test_y))
    return np.array(fixed), np.array(real), logits


def accuracy_over_time(*, seeds):
    """Accuracy of the bit-true tile at each of `TIMES`, uncorrected and with one gain per layer.

    The gain is what the ratio of mean absolute readouts on 100 training images says; the host
    folds it into the coefficients.

    Returns
    -------
    plain, corrected : float64 array, (times, seeds)
    """
    digits = load_images()
    calibration = digits.train_x[:100]
    plain, corrected = np.empty((2, len(TIMES), len(seeds)))
    for column, seed in enumerate(seeds):
        network = _programmed(digits, seed)
        reference, age = network.readouts(calibration), 0.0
        uncorrected = network.jobs
        for row, seconds in enumerate(TIMES.values()):
            network.advance(seconds - age)
            age = seconds
            network.jobs = uncorrected
            plain[row, column] = accuracy(network.integers(digits.test_x), digits.test_y)
            network.calibrate(calibration, reference)
            corrected[row, column] = accuracy(network.integers(digits.test_x), digits.test_y)
    return plain, corrected
