"""A network in one array, layer beside layer, and a tile that runs it by itself."""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_reals
from golden.array.crossbar import Crossbar
from golden.convert.calibrate import measure, solve
from golden.convert.oscillator import OscillatorBank
from golden.convert.pulse import READ_VOLTAGE_V, WINDOW_CLOCKS
from golden.host.chain import jobs
from golden.host.network import lay_out
from golden.network.mapping import WINDOW_NS
from golden.reference import to_input
from golden.tile import run_tile

__all__ = ["SerialNetwork", "SerialRun"]


@dataclass(frozen=True, kw_only=True, eq=False)
class SerialRun:
    """What the tile does with images, layer by layer.

    Parameters
    ----------
    inputs : list of int64 array, (images, rows of the array)
        Pulses of each layer; rows beyond those of the layer are 0.
    counts : list of int64 array, (images, 2, columns of the array)
        Of all columns, as the macro gives them in each window.
    results : list of int64 array, (images, columns of the layer)
        What leaves each layer.
    logits : int64 array, (images, outputs)
    """

    inputs: list
    counts: list
    results: list
    logits: np.ndarray

    def windows(self, *, batch):
        """(layer, image) of every window, in the order of the pins."""
        images = len(self.logits)
        if images % batch:
            raise ValueError(f"images must be a multiple of {batch}, not {images}")
        return [(layer, image) for start in range(0, images, batch)
                for layer in range(len(self.inputs)) for image in range(start, start + batch)]

    def in_order(self, *, batch):
        """Pulses (windows, rows) and counts (windows, 2, columns), in the order of the pins."""
        layers, images = np.array(self.windows(batch=batch)).T
        return np.stack(self.inputs)[layers, images], np.stack(self.counts)[layers, images]


class SerialNetwork:
    """Layers side by side in one array, programmed once and aged together.

    Every draw comes from ``seed``; the read noise is the same for the same layer and image,
    whatever the batch. A layer is read in one phase, a whole one in a window.

    Parameters
    ----------
    layers : sequence of Layer
    calibration : float array, (images, inputs)
        Fixes the activation scales.
    config : TileConfig
    device : Device
    seed : int

    Attributes
    ----------
    places : list of golden.host.chain.Place
    settings : list of Settings
    coefficients : Coefficients
        Of all columns; those of no output give 0.
    """

    def __init__(self, layers, calibration, *, config, device, seed):
        self.config = config
        self._seed = seed
        converters, programming = np.random.default_rng(seed).spawn(2)
        self._bank = OscillatorBank.sample(config.array.columns, config.readout.counter_bits,
                                           converters)
        correction = solve(
            *measure(self._bank, window_ns=WINDOW_NS), window_ns=WINDOW_NS,
            counter_bits=config.readout.counter_bits).affine(window_ns=WINDOW_NS)
        plan = lay_out(layers, calibration, config, correction=correction,
                       g_max_us=device.g_max_us)
        self.places, self.settings, self.coefficients = (
            plan.places, plan.settings, plan.coefficients)
        self._scales = plan.scales
        self._array = Crossbar.from_weights(plan.shares, device=device, rng=programming, w_max=1.0)

    def descriptors(self, *, batch):
        """The chain, for batches of so many images."""
        return jobs(self.places, self.settings, self.config, images=batch)

    def advance(self, seconds):
        """Age the array."""
        self._array.advance(seconds)

    def inputs(self, images):
        """Images (n, inputs) in real units to the bytes of the x stream."""
        images, wanted = check_reals("images", images), self.places[0].inputs
        if images.ndim != 2 or images.shape[1] != wanted:
            raise ValueError(f"images must have shape (n, {wanted}), not {images.shape}")
        return to_input(images / self._scales[0], input_bits=8)

    def counts(self, layer, lengths, *, first=0):
        """The analog half: pulses (images, rows) of a layer to counts (images, 2, columns).

        ``first`` is the number of the first image.
        """
        age = int(np.float64(self._array.time_s).view(np.uint64))
        current = self._array.currents_ua(
            lengths, window_clocks=WINDOW_CLOCKS, read_voltage_v=READ_VOLTAGE_V,
            seed=[self._seed, layer, age], first=first)
        return self._bank.counts(current, window_ns=WINDOW_NS)

    def run(self, images):
        """The whole chain on the bit-true tile: real images (n, inputs) to `SerialRun`."""
        x = self.inputs(images)
        inputs, counts, results = [], [], []
        for layer, (where, settings) in enumerate(zip(self.places, self.settings, strict=True)):
            padded = np.zeros((len(x), self.config.array.rows), np.int64)
            padded[:, :x.shape[1]] = x
            run = run_tile(padded, lambda read, layer=layer: self.counts(layer, read.lengths),
                           self.coefficients, settings, self.config)
            x = run.results[:, where.part]
            inputs.append(run.reads[0].lengths)
            counts.append(run.counts[:, 0])
            results.append(x)
        return SerialRun(inputs=inputs, counts=counts, results=results,
                         logits=x[:, :self.places[-1].outputs])
