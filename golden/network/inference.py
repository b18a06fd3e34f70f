"""A mapped network on programmed arrays: the same images through integers and through float64."""

from itertools import pairwise

import numpy as np

from golden.array.crossbar import Crossbar
from golden.convert.calibrate import measure, solve
from golden.convert.oscillator import OscillatorBank
from golden.network.mapping import READ_VOLTAGE_V, WINDOW_NS, activation_scales, map_layer
from golden.reference import process_real, to_input
from golden.tile import run_tile

__all__ = ["ProgrammedNetwork"]


class ProgrammedNetwork:
    """Layers mapped onto one tile, each job's arrays programmed once and aged together.

    The converters are calibrated from what they count at three known currents. Every draw comes
    from ``seed``: the converters, the programming of each array, and the read
    noise of each job, which is the same for the same job and image whoever asks. So the RTL and
    this model see the same counts for the same activations.

    Parameters
    ----------
    layers : sequence of Layer
    calibration : float array, (images, inputs)
        Fixes the activation scales.
    config : TileConfig
    device : Device
    seed : int
    """

    def __init__(self, layers, calibration, *, config, device, seed):
        self.config = config
        self._layers = layers
        self._device = device
        self._seed = seed
        self._scales = activation_scales(layers, calibration)
        converters, programming = np.random.default_rng(seed).spawn(2)
        self._bank = OscillatorBank.sample(config.array.columns, config.readout.counter_bits,
                                           converters)
        self._correction = solve(
            *measure(self._bank, window_ns=WINDOW_NS), window_ns=WINDOW_NS,
            counter_bits=config.readout.counter_bits).affine(window_ns=WINDOW_NS)
        self.jobs = self._map([1.0] * len(layers))
        self._arrays = {
            job.name: [Crossbar.from_weights(block, device=device, rng=programming,
                                             w_max=job.w_max) for block in job.blocks]
            for jobs in self.jobs for job in jobs}

    def _map(self, gains):
        return [map_layer(layer, self.config, in_scale=i, out_scale=o, gain=gain,
                          correction=self._correction, g_max_us=self._device.g_max_us)
                for layer, (i, o), gain in zip(self._layers, pairwise(self._scales), gains,
                                               strict=True)]

    def advance(self, seconds):
        """Age every array."""
        for arrays in self._arrays.values():
            for array in arrays:
                array.advance(seconds)

    def inputs(self, images):
        """Images (n, inputs) in real units to the integers of the first layer."""
        return to_input(images / self._scales[0], input_bits=8)

    def counts(self, job, lengths):
        """The analog half of a job: pulse lengths (vectors, rows) to counts (vectors, 2, columns).

        Vectors come image by image, ``job.settings.reads`` each.
        """
        arrays = self._arrays[job.name]
        counts = np.empty((len(lengths), 2, self.config.array.columns), np.int64)
        for read, array in enumerate(arrays):
            current = array.currents_ua(
                lengths[read::len(arrays)], window_clocks=int(WINDOW_NS),
                read_voltage_v=READ_VOLTAGE_V,
                seed=[self._seed, *job.name.encode(), read, int(array.time_s)])
            counts[read::len(arrays)] = self._bank.counts(current, window_ns=WINDOW_NS)
        return counts

    def run(self, job, x):
        """A job on the bit-true tile: (images, inputs) integers to `golden.tile.TileRun`."""
        return run_tile(job.vectors(x), lambda lengths: self.counts(job, lengths),
                        job.coefficients, job.settings, self.config)

    def integers(self, images):
        """Logits (images, outputs) of the bit-true tile, in integers."""
        x = self.inputs(images)
        for jobs in self.jobs:
            x = self.join(jobs, [self.run(job, x).results for job in jobs])
        return x

    def reals(self, images):
        """Logits (images, outputs) with a float64 periphery on the same arrays and draws.

        Only the inputs of a layer are integers: the row drivers know nothing else.
        """
        x = self.inputs(images)
        for jobs in self.jobs:
            results = []
            for job in jobs:
                counts = self.counts(job, job.vectors(x))
                counts = counts.reshape(len(x), job.settings.reads, 2, -1)
                results.append(process_real(counts, job.real, job.settings, self.config))
            y = self.join(jobs, results)
            x = to_input(y, input_bits=8)
        return y

    @staticmethod
    def join(jobs, results):
        """Results (images, columns) of a layer's jobs as its outputs (images, outputs)."""
        return np.concatenate([result[:, :job.outputs.stop - job.outputs.start]
                               for job, result in zip(jobs, results, strict=True)], axis=1)

    def calibrate(self, images, reference):
        """Fold one drift gain per layer into the coefficients.

        Parameters
        ----------
        images : float array, (images, inputs)
            Calibration inputs.
        reference : list of float
            What `readouts` gave for them right after programming.
        """
        self.jobs = self._map([1.0] * len(self._layers))
        now = self.readouts(images)
        self.jobs = self._map([then / value for then, value in zip(reference, now, strict=True)])

    def readouts(self, images):
        """Mean absolute readout of each layer, in counts, each fed with its proper inputs.

        The inputs of a layer are those of the undrifted float network, so that the layers are
        measured apart.
        """
        values, x = [], images
        for jobs, layer, scale in zip(self.jobs, self._layers, self._scales, strict=False):
            total, inputs = 0.0, to_input(x / scale, input_bits=8)
            for job in jobs:
                counts = self.counts(job, job.vectors(inputs))
                total += np.abs(counts[:, 0] - counts[:, 1]).mean()
            values.append(total)
            k, b = layer.scale_and_bias()
            x = k * (x @ layer.weights) + b
            x = np.maximum(x, 0) if layer.relu else x
        return values
