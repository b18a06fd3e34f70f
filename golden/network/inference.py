"""A mapped network on programmed arrays: the same images through integers and through float64."""

from itertools import pairwise

import numpy as np

from golden.array.checks import check_reals
from golden.array.crossbar import Crossbar
from golden.convert.calibrate import measure, solve
from golden.convert.oscillator import OscillatorBank
from golden.convert.pulse import READ_VOLTAGE_V, WINDOW_CLOCKS
from golden.network.mapping import WINDOW_NS, activation_scales, map_layer
from golden.reference import process_real, to_input
from golden.tile import run_tile

__all__ = ["ProgrammedNetwork"]


def _bits(number):
    """A float's 64 bits as an integer: different ages draw different noise."""
    return int(np.float64(number).view(np.uint64))


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
        images, wanted = check_reals("images", images), self._layers[0].weights.shape[0]
        if images.ndim != 2 or images.shape[1] != wanted:
            raise ValueError(f"images must have shape (n, {wanted}), not {images.shape}")
        return to_input(images / self._scales[0], input_bits=8)

    def counts(self, job, lengths):
        """The analog half of a job: pulse lengths (vectors, rows) to counts (vectors, 2, columns).

        Vectors come image by image, ``job.settings.reads`` each.
        """
        arrays = self._arrays[job.name]
        counts = np.empty((len(lengths), 2, self.config.array.columns), np.int64)
        for read, array in enumerate(arrays):
            current = array.currents_ua(
                lengths[read::len(arrays)], window_clocks=WINDOW_CLOCKS,
                read_voltage_v=READ_VOLTAGE_V,
                seed=[self._seed, *job.name.encode(), read, _bits(array.time_s)])
            counts[read::len(arrays)] = self._bank.counts(current, window_ns=WINDOW_NS)
        return counts

    def run(self, job, x):
        """A job on the bit-true tile: (images, inputs) integers to `golden.tile.TileRun`."""
        return run_tile(job.vectors(x), lambda read: self.counts(job, read.lengths),
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
        return np.concatenate([result[:, :job.used]
                               for job, result in zip(jobs, results, strict=True)], axis=1)

    def calibrate(self, images, reference):
        """Fold one drift gain per layer into the coefficients.

        Parameters
        ----------
        images : float array, (images, inputs)
            Calibration inputs.
        reference : list of float
            What `readouts` gave for them right after programming.

        Raises
        ------
        ValueError
            If there is no positive reference and readout for every layer, or a coefficient with
            its gain does not fit; the coefficients are then as before.
        """
        now = self.readouts(images)
        if len(reference) != len(now) or not min(*reference, *now) > 0:
            raise ValueError(f"reference must hold {len(now)} readouts above 0, as those now "
                             f"({now!r}), not {reference!r}")
        self.jobs = self._map([then / value for then, value in zip(reference, now, strict=True)])

    def readouts(self, images):
        """Mean absolute readout of each layer, in counts, each fed with its proper inputs.

        The inputs of a layer are those of the undrifted float network, so that the layers are
        measured apart. Columns that the layer does not use are left out: they hold nothing but
        noise.
        """
        values, x = [], images
        for jobs, layer, scale in zip(self.jobs, self._layers, self._scales, strict=False):
            inputs, absolute = to_input(x / scale, input_bits=8), []
            for job in jobs:
                counts = self.counts(job, job.vectors(inputs))[..., :job.used]
                absolute.append(np.abs(counts[:, 0] - counts[:, 1]))
            values.append(float(np.concatenate(absolute, axis=1).mean()))
            k, b = layer.scale_and_bias()
            x = k * (x @ layer.weights) + b
            x = np.maximum(x, 0) if layer.relu else x
        return values
