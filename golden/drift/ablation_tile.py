"""Which representation of the gain, and which estimate: error of products over ten years.

One tile of Gaussian weights on drifting devices, behind converters of the published spread that are
calibrated as `golden.convert.calibrate` does. The engine takes its reference right after
programming, on the same noisy hardware; at each age it measures again. The gain is then kept in
five ways. Products are those of random inputs; nothing is rounded after the coefficients, so the
error ``norm(y - c x W)/norm(c x W)``, with ``c`` counts per unit, is that of array, converters,
estimate and coefficients.

Inputs are at most `LARGEST`, because larger ones drive the oscillators beyond their linear range.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.crossbar import Crossbar
from golden.array.drift_error import gaussian_weights
from golden.convert.calibrate import measure, solve
from golden.convert.oscillator import NOMINAL_GAIN_MHZ_PER_UA, OscillatorBank
from golden.convert.pulse import READ_VOLTAGE_V, WINDOW_CLOCKS
from golden.drift.engine import KINDS, DriftEngine
from golden.drift.measure import calibration_vectors
from golden.nmpu import Coefficients
from golden.presets import hermes
from golden.qformat import QFormat
from golden.requantise import quantise

__all__ = ["LARGEST", "REPEATS", "REPRESENTATIONS", "AblationTile", "Row", "represent"]

LARGEST = 63
"""Of random inputs: 256 rows of the mean weight then draw about 60 of the 100 µA of a column."""

CONSTANT = 40
"""Of constant inputs, for the same reason."""

REPEATS = 256
"""Vectors of a measurement."""

WINDOW_NS = float(WINDOW_CLOCKS)

REPRESENTATIONS = {
    "U(1,7), saturating": (QFormat(False, 1, 7), 0),
    "U(2,6), saturating": (QFormat(False, 2, 6), 0),
    "U(2,7), saturating": (QFormat(False, 2, 7), 0),
    "U(1,7) and exponent": (QFormat(False, 1, 7), 1),
    "U(1,7) and gain register": None,
}
"""Format of the scale and the largest exponent; the offset is that of the configuration. The gain
register multiplies the combined readout of the base coefficients."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What becomes of the products.

    Attributes
    ----------
    error : float
    saturated : int
        Scales and offsets, of all ``4 * columns``, that do not fit.
    exponent : int
    """

    error: float
    saturated: int
    exponent: int


def represent(base, gains, betas, name):
    """Scales and offsets as a representation holds them.

    Parameters
    ----------
    base : dict of float64 arrays, (2, columns)
        ``scale`` and ``offset`` before they are quantised.
    gains, betas : float64 array, (columns,)
    name : str
        Of `REPRESENTATIONS`.

    Returns
    -------
    scale, offset : float64 array, (2, columns)
    saturated, exponent : int
    """
    fmt, top = REPRESENTATIONS[name] or (hermes.nmpu.scale, 0)
    formats = (fmt, hermes.nmpu.offset)
    wanted = [quantise(base[key], f, name=key) * 2.0**-f.frac_bits * gains
              for key, f in zip(("scale", "offset"), formats, strict=True)]
    wanted[1][0] += betas
    if REPRESENTATIONS[name] is None:
        return *wanted, 0, 0
    for exponent in range(top + 1):
        raw = [np.floor(value * 2.0**(f.frac_bits - exponent) + 0.5)
               for value, f in zip(wanted, formats, strict=True)]
        saturated = sum(int(((r < f.min) | (r > f.max)).sum())
                        for r, f in zip(raw, formats, strict=True))
        if not saturated:
            break
    return *(np.clip(r, f.min, f.max) * 2.0**(exponent - f.frac_bits)
             for r, f in zip(raw, formats, strict=True)), saturated, exponent


class AblationTile:
    """An array, its converters and random inputs, all of one seed; the reference is taken.

    Parameters
    ----------
    device : Device
    seed : int
    inputs : str
        Of `golden.drift.measure.INPUTS`: what the engine drives. Slot 1 is slot 0 negated.
    method : str
        Of `golden.drift.engine.METHODS`.
    minimum : int
        As of `golden.drift.engine.DriftEngine`.
    """

    def __init__(self, device, *, seed, inputs="stored", method="column", minimum=0):
        weight_rng, array_rng, bank_rng, x_rng = np.random.default_rng(seed).spawn(4)
        rows, columns = hermes.array.rows, hermes.array.columns
        weights = gaussian_weights(rows, columns, weight_rng)
        self._array = Crossbar.from_weights(weights, device=device, rng=array_rng, w_max=1.0)
        self._bank = OscillatorBank.sample(columns, hermes.readout.counter_bits, bank_rng)
        scale, offset = solve(
            *measure(self._bank, window_ns=WINDOW_NS), window_ns=WINDOW_NS,
            counter_bits=hermes.readout.counter_bits).affine(window_ns=WINDOW_NS)
        self.base = {"scale": scale, "offset": offset}
        self._seed, self._method = seed, method

        x = x_rng.integers(-LARGEST, LARGEST, (REPEATS + hermes.drift.vectors, rows),
                           endpoint=True)
        self._x = x[hermes.drift.vectors:]
        count = NOMINAL_GAIN_MHZ_PER_UA * READ_VOLTAGE_V * device.g_max_us * 1e-3
        self._exact = count * (self._x @ weights)
        what = {"constant": {"value": CONSTANT}, "one_hot": {"value": 127},
                "stored": {"stored": x[:hermes.drift.vectors]}}[inputs]
        first = calibration_vectors(hermes, inputs, repeats=REPEATS, **what)
        self._slots = (first, -first) if method == "fit" else (first,)
        self._engine = DriftEngine(hermes, Coefficients.from_real(
            hermes, **self.base, norm_scale=np.zeros(columns), norm_bias=np.zeros(columns)),
            minimum=minimum)
        self._measure("reference")

    def largest_current_ua(self):
        """Of any oscillator in a calibration or a product; the linear range ends at 100 µA."""
        return max(float(self._currents(x, 0).max()) for x in (*self._slots, self._x))

    def _currents(self, x, *salt):
        return self._array.currents_ua(
            x, window_clocks=WINDOW_CLOCKS, read_voltage_v=READ_VOLTAGE_V,
            seed=[self._seed, int(self._array.time_s), *salt])

    def _counts(self, x, *salt):
        return self._bank.counts(self._currents(x, *salt), window_ns=WINDOW_NS)

    def _measure(self, kind):
        for slot, x in enumerate(self._slots):
            self._engine.measure(kind, slot, self._counts(x, KINDS.index(kind), slot)[:, None],
                                 absolute=self._method != "fit")

    def at(self, age_s):
        """Age the array to ``age_s`` and estimate.

        Returns
        -------
        gains, betas : float64 array, (columns,), or None if refused
        refusal : Refusal
        """
        self._array.advance(age_s - self._array.time_s)
        self._measure("now")
        estimate, refusal = self._engine.estimate(self._method)
        if estimate is None:
            return None, None, refusal
        return (estimate.gains * 2.0**-hermes.drift.gain.frac_bits,
                estimate.betas * 2.0**-hermes.nmpu.offset.frac_bits, refusal)

    def rows(self, gains, betas, names=tuple(REPRESENTATIONS)):
        """Name of a representation to `Row`, all of the same counts."""
        counts = self._counts(self._x, len(KINDS), 0)
        rows = {}
        for name in names:
            scale, offset, saturated, exponent = represent(self.base, gains, betas, name)
            branch = counts * scale + offset
            error = np.linalg.norm(branch[:, 0] - branch[:, 1] - self._exact)
            rows[name] = Row(error=float(error / np.linalg.norm(self._exact)),
                             saturated=saturated, exponent=exponent)
        return rows
