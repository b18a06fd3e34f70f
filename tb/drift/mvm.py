"""Products of a golden tile that ages: errors with every method, through engines and converters."""

from dataclasses import replace

import numpy as np

from golden.array.crossbar import Crossbar
from golden.array.devices import make_device
from golden.array.drift_error import gaussian_weights
from golden.convert.oscillator import NOMINAL_GAIN_MHZ_PER_UA, OscillatorBank
from golden.convert.pulse import READ_VOLTAGE_V, WINDOW_CLOCKS
from golden.drift.engine import DriftEngine
from golden.drift.statistics import statistics
from golden.formats import NmpuFormats
from golden.host.batchnorm import fold, moments
from golden.host.calibration import calibrate, correction, golden_sums, plan
from golden.nmpu import Coefficients, combine, gather
from golden.presets import hermes
from golden.settings import Settings
from tb.drift.recipes import MVM, separating_vector

__all__ = ["ERRORS", "LARGEST", "MvmTile", "sums_gain", "sweep"]

LARGEST = 63
"""Of random inputs: 256 rows of the mean weight then draw about 60 of the 100 µA of a column."""

VECTORS = 256
"""Random inputs of an error."""

BATCHES, BATCH, SHIFT = 4, 256, 2
"""Of AdaBS: batches of random inputs, their size, bits cut off a readout."""

LSB_UA = 0.1
"""Of the known currents that calibrate the converters."""

ERRORS = ("none", "tile", "column", "fit", "adabs", "array", "float")
"""Methods through the whole tile; then the tile's gain on the products of the array itself, without
converters, as the published table has it; then on the converters' counts, in float64."""


def sums_gain(reference, now):
    """The float64 ratio of the sums that an engine compares: of the tile, and of each column."""
    then, present = (m.sums.astype(np.float64) for m in (reference, now))
    return then.sum() / present.sum(), then / present


def _seed(number, *salt):
    return [number, *(int(np.float64(part).view(np.uint64)) for part in salt)]


class MvmTile:
    """Gaussian weights on an array behind calibrated converters; one engine per method.

    Parameters
    ----------
    device : str
        Of `golden.array.devices.DEVICES`.
    seed : int
        Of every draw.
    methods : sequence of str
        Engines to keep.

    Attributes
    ----------
    engines : dict of str to DriftEngine
    exact : float64 array, (vectors, columns)
        Products of `x` in counts.
    """

    def __init__(self, device, seed, methods=tuple(MVM)):
        self.config, self._seed = hermes, seed
        device = make_device(device)
        weight_rng, array_rng, bank_rng, x_rng, stored_rng = np.random.default_rng(seed).spawn(5)
        rows, columns = hermes.array.rows, hermes.array.columns
        weights = gaussian_weights(rows, columns, weight_rng)
        self.array = Crossbar.from_weights(weights, device=device, rng=array_rng, w_max=1.0)
        self.bank = OscillatorBank.sample(columns, hermes.readout.counter_bits, bank_rng)
        runs = plan(hermes, lsb_ua=LSB_UA)
        scale, offset = correction(calibrate(runs, golden_sums(runs, self.bank), hermes),
                                   Settings())
        self.real = {"scale": scale, "offset": offset, "norm_scale": np.full(columns, 0.5),
                     "norm_bias": np.zeros(columns)}
        self.base = Coefficients.from_real(hermes, **self.real)
        self.x = x_rng.integers(-LARGEST, LARGEST, (VECTORS, rows), endpoint=True)
        self._replayed = x_rng.integers(-LARGEST, LARGEST, (BATCHES * BATCH, rows), endpoint=True)
        self.stored = separating_vector(weights, LARGEST, stored_rng)[None]
        self._unit_ua = READ_VOLTAGE_V * device.g_max_us / WINDOW_CLOCKS
        self._count = NOMINAL_GAIN_MHZ_PER_UA * self._unit_ua * WINDOW_CLOCKS * 1e-3
        self.exact = self._count * (self.x @ weights)
        self.engines = {
            name: DriftEngine(hermes, self.base, minimum=MVM[name].minimum(hermes, columns))
            for name in methods}

    def currents_ua(self, x, *salt):
        return self.array.currents_ua(x, window_clocks=WINDOW_CLOCKS,
                                      read_voltage_v=READ_VOLTAGE_V,
                                      seed=_seed(self._seed, self.array.time_s, *salt))

    def counts(self, x, *salt):
        return self.bank.counts(self.currents_ua(x, *salt), window_ns=float(WINDOW_CLOCKS))

    def calibration_counts(self, method, slot):
        """Counts of a measurement of a method, (repeats, 2, columns), and its vectors."""
        x = MVM[method].vectors(slot, self.config, self.stored)
        return self.counts(x, 1 + list(MVM).index(method), slot), x

    def measure(self, kind):
        """Every engine measures; the measurements of slot 0, by method."""
        return {name: [engine.measure(kind, slot, self.calibration_counts(name, slot)[0][:, None],
                                      absolute=MVM[name].absolute)
                       for slot in range(len(MVM[name].slots))][0]
                for name, engine in self.engines.items()}

    def readouts(self, counts, coefficients):
        """Readouts in counts, as the fixed point has them before it normalises."""
        raw = combine(counts, coefficients, self.config)
        frac = NmpuFormats.of(self.config).combined.fmt.frac_bits
        return raw * 2.0 ** (coefficients.exponent - frac)

    def error(self, y):
        return float(np.linalg.norm(y - self.exact) / np.linalg.norm(self.exact))

    def moments(self):
        """Mean and variance of the columns' readouts over replayed random inputs, in counts."""
        counts = self.counts(self._replayed, 8)[:, None]
        raw = gather(combine(counts, self.base, self.config), [1], self.config)
        parts = [moments(statistics(part, self.config, shift=SHIFT), self.config)
                 for part in np.split(raw, BATCHES)]
        return tuple(np.mean(part, axis=0) for part in zip(*parts, strict=True))

    def renewed(self, reference, counts):
        """Products through a BatchNorm that gives every column the moments of the reference."""
        (mean0, variance0), (mean, variance) = reference, self.moments()
        norm_scale, norm_bias, shift = fold(
            self.config, gamma=np.sqrt(variance0), beta=mean0, mean=mean, variance=variance,
            eps=0.0, unit=1.0, out_scale=1.0)
        base = replace(self.base, norm_scale=norm_scale, norm_bias=norm_bias)
        real = base.real(self.config)
        exponent = shift - NmpuFormats.of(self.config).normalised.fmt.frac_bits
        return (self.readouts(counts, base) * real["norm_scale"]
                + real["norm_bias"]) * 2.0**-exponent


def sweep(device, seed, ages_s):
    """One array through all ages.

    Returns
    -------
    dict
        ``error``: float64 (ages, `ERRORS`); ``gain``: (ages,) of the tile in float64;
        ``gain_error``: largest relative distance of an engine's gain from the ratio of the same
        sums; ``refused``: (ages, methods of `MVM`) bool.
    """
    tile = MvmTile(device, seed)
    first, moments0 = tile.measure("reference"), tile.moments()
    errors, gains, refused, worst = [], [], [], 0.0
    now = 0.0
    in_use = dict.fromkeys(MVM, tile.base)
    for age_s in ages_s:
        tile.array.advance(age_s - now)
        now = age_s
        present = tile.measure("now")
        counts, row = tile.counts(tile.x, 0), {}
        row["none"] = tile.error(tile.readouts(counts, tile.base))
        gain = sums_gain(first["tile"], present["tile"])[0]
        refusals, found = [], {}
        for name, engine in tile.engines.items():
            estimate, _ = engine.estimate(name)
            coefficients, refusal = engine.update(name)
            refusals.append(int(refusal))
            # A refused update leaves the coefficients as they were.
            in_use[name] = coefficients or in_use[name]
            row[name] = tile.error(tile.readouts(counts, in_use[name]))
            if name != "fit" and estimate is not None:
                wanted = sums_gain(first[name], present[name])[name == "column"]
                found[name] = estimate.gains * 2.0**-hermes.drift.gain.frac_bits
                worst = max(worst, float(np.abs(found[name] / wanted - 1).max()))
        row["adabs"] = tile.error(tile.renewed(moments0, counts))
        current = tile.currents_ua(tile.x, 0)
        products = (current[:, 0] - current[:, 1]).astype(np.float64) * (
            tile._count / tile._unit_ua)
        row["array"] = tile.error(products * found.get("tile", 1.0))
        branch = counts * tile.real["scale"] + tile.real["offset"]
        row["float"] = tile.error((branch[:, 0] - branch[:, 1]) * gain)
        errors.append([row[name] for name in ERRORS])
        gains.append(gain)
        refused.append(refusals)
    return {"error": np.array(errors), "gain": np.array(gains), "gain_error": worst,
            "refused": np.array(refused)}
