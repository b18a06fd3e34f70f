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
            assert run.counts.shape[1] == 1, "one phase, so one read"
            np.testing.assert_array_equal(run.counts[:, 0], network.counts(job, job.vectors(x)))
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


def test_columns_without_outputs_do_not_count():
    """The last layer uses 10 columns; what the other 246 hold must not change its readout."""
    network = programmed()
    inputs = network.inputs(DIGITS.train_x[:50])
    for jobs in network.jobs[:-1]:
        inputs = network.join(jobs, [network.run(job, inputs).results for job in jobs])
    values = network.readouts(DIGITS.train_x[:50])
    (job,) = network.jobs[-1]
    counts = network.counts(job, job.vectors(inputs))[..., :10]
    alone = np.abs(counts[:, 0] - counts[:, 1]).mean()
    assert values[-1] == pytest.approx(alone, rel=0.1)


def test_refused_calibration_changes_nothing():
    network = programmed()
    network.calibrate(DIGITS.train_x[:20], [2 * v for v in network.readouts(DIGITS.train_x[:20])])
    before = [job.settings.shift for jobs in network.jobs for job in jobs]
    for reference in ([1.0, 2.0], [1.0, 0.0, 1.0], [1e30, 1.0, 1.0]):
        with pytest.raises(ValueError, match="^(reference must hold 3 readouts above 0|no power)"):
            network.calibrate(DIGITS.train_x[:20], reference)
        assert [job.settings.shift for jobs in network.jobs for job in jobs] == before


@pytest.mark.parametrize("images", [np.zeros((3, 1)), np.full((1, 64), np.nan)])
def test_images_refused(images):
    with pytest.raises(ValueError, match="^images must "):
        programmed().integers(images)


def test_each_age_has_its_noise():
    networks = [programmed(), programmed()]
    for network, seconds in zip(networks, (1e7, 1e7 + 0.5), strict=True):
        network.advance(seconds)
    (job,) = networks[0].jobs[-1]
    x = np.full((5, 256), 60)
    counts = [network.counts(job, x) for network in networks]
    assert (counts[0] != counts[1]).mean() > 0.2
