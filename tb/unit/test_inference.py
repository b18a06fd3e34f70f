"""golden.network.inference: one network, two peripheries, the same draws."""

import numpy as np
import pytest

from golden.array.device import Ideal, PcmLike
from golden.network.digits import accuracy, load_images, load_network
from golden.network.inference import ProgrammedNetwork
from golden.presets import hermes

DIGITS = load_images()
IMAGES, LABELS = DIGITS.test_x[:100], DIGITS.test_y[:100]


def programmed(seed=1, device=None):
    return ProgrammedNetwork(load_network(), DIGITS.train_x, config=hermes,
                             device=device or PcmLike(), seed=seed)


def test_same_seed_same_integers():
    first, again = programmed().integers(IMAGES), programmed().integers(IMAGES)
    np.testing.assert_array_equal(first, again)
    assert (first != programmed(seed=2).integers(IMAGES)).any()


def test_asking_twice_changes_nothing():
    network = programmed()
    np.testing.assert_array_equal(network.integers(IMAGES), network.integers(IMAGES))


def test_counts_do_not_depend_on_who_asks():
    """The RTL's agent asks job by job; golden runs all at once: same counts, same results."""
    network = programmed()
    network.advance(25)
    x = network.inputs(IMAGES)
    for jobs in network.jobs:
        runs = [network.run(job, x) for job in jobs]
        for job, run in zip(jobs, runs, strict=True):
            np.testing.assert_array_equal(run.counts, network.counts(job, job.vectors(x)))
        x = network.join(jobs, [run.results for run in runs])
    np.testing.assert_array_equal(x, network.integers(IMAGES))


def test_layers_are_cut_as_the_array_demands():
    shapes = [(job.name, job.settings.reads, job.outputs) for jobs in programmed().jobs
              for job in jobs]
    assert shapes == [
        ("hidden1[0:256]", 1, slice(0, 256)), ("hidden1[256:512]", 1, slice(256, 512)),
        ("hidden2", 2, slice(0, 256)), ("logits", 1, slice(0, 10))]


@pytest.mark.parametrize("device", [Ideal(), PcmLike()])
def test_fixed_point_stays_close_to_float(device):
    """Three layers of rounding to 8 bits: logits within a few steps, images classified alike."""
    network = programmed(device=device)
    network.advance(25)
    fixed, real = network.integers(IMAGES), network.reals(IMAGES)
    assert np.abs(fixed - real).max() <= 6
    assert np.abs(fixed - real).mean() < 1
    assert accuracy(fixed, LABELS) >= 0.97


def test_calibration_restores_the_readouts():
    network = programmed()
    calibration = DIGITS.train_x[:50]
    reference = network.readouts(calibration)
    before = network.integers(IMAGES)
    network.advance(86400.0)
    faded = network.readouts(calibration)
    # The gain needed after a day is about 1.5 (published drift exponents of 0.05 and more).
    ratio = np.array(reference) / faded
    assert ((ratio > 1.4) & (ratio < 1.65)).all()
    uncorrected = network.integers(IMAGES)
    network.calibrate(calibration, reference)
    corrected = network.integers(IMAGES)
    assert np.abs(corrected - before).mean() < 0.35 * np.abs(uncorrected - before).mean()
