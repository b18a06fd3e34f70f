"""The digits network on ageing arrays, one drift engine per job and method.

Jobs take turns on one tile, each with arrays, coefficients and sums of its own. A job that
accumulates reads of several arrays is calibrated through all of them in turn, calibration vector
``k`` on array ``k % reads``, and gets one set of gains: the readouts are added before anything
could tell them apart.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from golden.array.devices import make_device
from golden.convert.oscillator import NOMINAL_GAIN_MHZ_PER_UA
from golden.convert.pulse import READ_VOLTAGE_V, WINDOW_CLOCKS
from golden.drift.engine import DriftEngine
from golden.drift.statistics import statistics
from golden.host.batchnorm import fold, renew
from golden.network.digits import EPS, load_network
from golden.network.inference import ProgrammedNetwork
from golden.network.mapping import WINDOW_NS, activation_scales
from golden.nmpu import combine, gather
from golden.presets import hermes
from golden.reference import process_real, to_input
from golden.tile import run_tile
from tb.drift.mvm import LARGEST, sums_gain
from tb.drift.recipes import NETWORK, separating_vector

__all__ = ["BATCHES", "DriftNetwork"]

BATCHES, BATCH, SHIFT = 12, 100, 4
"""Of AdaBS: training images replayed, bits cut off a readout."""


class DriftNetwork(ProgrammedNetwork):
    """With engines, which have their reference.

    Parameters
    ----------
    digits : golden.network.digits.Digits
    device : str
        Of `golden.array.devices.DEVICES`.
    seed : int
    methods : sequence of str
        Engines to keep.

    Attributes
    ----------
    engines : dict of (method, name of a job) to DriftEngine
    stored : dict of (method, name of a job) to int64 array, (vectors, rows)
        Its stored calibration vectors.
    in_use : dict of (method, name of a job) to Coefficients
        Of the last update that was not refused.
    refused : int
        Updates so far that were.
    """

    def __init__(self, digits, device, seed, methods=tuple(NETWORK)):
        layers = load_network()
        device = make_device(device)
        super().__init__(layers, digits.train_x, config=hermes, device=device, seed=seed)
        self.layers, self.methods, self._g_max_us = layers, methods, device.g_max_us
        self._train = digits.train_x
        self.scales = activation_scales(layers, digits.train_x)
        self.all_jobs = [job for jobs in self.jobs for job in jobs]
        self.stored, x = {}, digits.train_x[:hermes.drift.vectors]
        rng = np.random.default_rng([seed, 1])
        for jobs, layer, scale in zip(self.jobs, layers, self.scales, strict=False):
            for job in jobs:
                images = job.vectors(to_input(x / scale, input_bits=8))
                for name in methods:
                    self.stored[name, job.name] = images[:hermes.drift.vectors]
                if "fit" in methods:
                    used = np.concatenate(job.blocks)[:job.inputs, :job.used]
                    self.stored["fit", job.name] = job.vectors(
                        separating_vector(used, LARGEST, rng)[None])
            k, b = layer.scale_and_bias()
            x = k * (x @ layer.weights) + b
            x = np.maximum(x, 0) if layer.relu else x
        self.engines = {(name, job.name): DriftEngine(
            hermes, job.coefficients, minimum=NETWORK[name].minimum(hermes, job.used))
            for name in methods for job in self.all_jobs}
        self.in_use = {(name, job.name): job.coefficients
                       for name in methods for job in self.all_jobs}
        self.refused, self._floats = 0, {}
        self._first = self.measure("reference")

    @property
    def age_s(self):
        return next(iter(self._arrays.values()))[0].time_s

    def calibration(self, method, job, slot):
        """Vectors of a measurement and what they count, (repeats, 2, columns)."""
        x = NETWORK[method].vectors(slot, self.config, self.stored[method, job.name])
        counts = np.empty((len(x), 2, self.config.array.columns), np.int64)
        arrays = self._arrays[job.name]
        salt = [list(NETWORK).index(method), slot, int(np.float64(self.age_s).view(np.uint64))]
        for read, array in enumerate(arrays):
            part = slice(read, None, len(arrays))
            current = array.currents_ua(
                x[part], window_clocks=WINDOW_CLOCKS, read_voltage_v=READ_VOLTAGE_V,
                seed=[self._seed, *job.name.encode(), read, *salt])
            counts[part] = self._bank.counts(current, window_ns=WINDOW_NS)
        return x, counts

    def measure(self, kind):
        """Every engine of every job; the measurements of slot 0."""
        return {(name, job.name): [
            self.engines[name, job.name].measure(
                kind, slot, self.calibration(name, job, slot)[1][:, None],
                absolute=NETWORK[name].absolute)
            for slot in range(len(NETWORK[name].slots))][0]
            for name in self.methods for job in self.all_jobs}

    def update(self):
        """Measure and correct; a refused update leaves the coefficients as they were."""
        present = self.measure("now")
        for key, engine in self.engines.items():
            coefficients, _ = engine.update(key[0])
            self.refused += coefficients is None
            self.in_use[key] = coefficients or self.in_use[key]
            if key[0] == "tile":
                used = self._first[key].sums >= engine.minimum
                then, now = (replace(m, sums=m.sums[used]) for m in
                             (self._first[key], present[key]))
                self._floats[key[1]] = sums_gain(then, now)[0]

    def corrected(self, method):
        """The jobs with the coefficients of a method; ``none`` leaves them."""
        if method == "none":
            return self.jobs
        return [[replace(job, coefficients=self.in_use[method, job.name]) for job in jobs]
                for jobs in self.jobs]

    def logits(self, images, jobs):
        """Of the bit-true tile, with the given jobs."""
        x = self.inputs(images)
        for part in jobs:
            x = self.join(part, [self.run(job, x).results for job in part])
        return x

    def real_logits(self, images):
        """With a float64 periphery and the float64 gain of the tile from the same sums."""
        x = self.inputs(images)
        for jobs in self.jobs:
            results = []
            for job in jobs:
                gain = self._floats[job.name]
                real = job.real | {k: gain * job.real[k] for k in ("scale", "offset")}
                counts = self.counts(job, job.vectors(x)).reshape(
                    len(x), job.settings.reads, 2, -1)
                results.append(process_real(counts, real, job.settings, self.config))
            y = self.join(jobs, results)
            x = to_input(y, input_bits=8)
        return y

    def adabs(self):
        """Jobs with their BatchNorm renewed from replayed training images, layer by layer.

        The last layer has no BatchNorm: it gets the gain of the tile.
        """
        x, renewed = self.inputs(self._train[:BATCHES * BATCH]), []
        for jobs, layer, scales in zip(self.jobs, self.layers, pairwise(self.scales),
                                       strict=True):
            part = ([self._renewed(job, layer, scales, x) for job in jobs] if layer.relu else
                    [replace(job, coefficients=self.in_use["tile", job.name]) for job in jobs])
            renewed.append(part)
            if layer.relu:
                x = self.join(part, [self.run(job, x).results for job in part])
        return renewed

    def _renewed(self, job, layer, scales, x):
        run = run_tile(job.vectors(x), lambda read: self.counts(job, read.lengths),
                       job.coefficients, job.settings, self.config)
        counts = run.counts.reshape(len(x), job.settings.reads, 2, -1)
        raw = gather(combine(counts, job.coefficients, self.config),
                     job.settings.weights * job.settings.reads, self.config)
        batches = [statistics(part, self.config, shift=SHIFT)
                   for part in np.split(raw, BATCHES)]
        count = NOMINAL_GAIN_MHZ_PER_UA * READ_VOLTAGE_V * self._g_max_us * 1e-3
        part, unit = job.outputs, scales[0] * job.w_max / count
        mean, variance = renew(layer.mean[part], layer.variance[part], batches, self.config,
                               unit=unit)
        norm_scale, norm_bias, shift = fold(
            self.config, gamma=layer.gamma[part], beta=layer.beta[part], mean=mean,
            variance=variance, eps=EPS, unit=unit, out_scale=scales[1])
        rest = self.config.array.columns - job.used
        return replace(job, settings=replace(job.settings, shift=shift), coefficients=replace(
            job.coefficients, norm_scale=np.pad(norm_scale, (0, rest)),
            norm_bias=np.pad(norm_bias, (0, rest))))
