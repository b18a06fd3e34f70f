"""Error of the products of the default array, all together and effect by effect.

The path is the one of a tile: pulse lengths, currents, truncated counts, the bit-true combine
with the coefficients of a three-current calibration. Where one part of the converter is to act
alone, the same formulas run without truncation.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.counter import ArrayCounter
from golden.array.crossbar import Crossbar
from golden.array.device import Ideal, PcmLike
from golden.array.drift_error import gaussian_weights
from golden.convert.calibrate import measure, solve
from golden.convert.oscillator import NOMINAL_GAIN_MHZ_PER_UA, OscillatorBank
from golden.formats import NmpuFormats
from golden.nmpu import Coefficients, combine
from golden.presets import hermes

__all__ = ["SECONDS", "VOLTAGE_V", "Residual", "breakdown", "chip_metrics", "chip_workload",
           "dense_workload", "relative_error", "residual"]

SECONDS = 25.0
"""Age of the array since its first read."""

VOLTAGE_V = 0.1
"""Read voltage, of the published 0.1..0.4 V. At 0.2 V a dense 256 x 256 array of 25 µS devices
asks more than the 100 µA that an oscillator follows: shown as a row of its own."""

CHIP_SPARSITY = 0.3
VECTORS = 2048
_ROWS = _COLUMNS = 256
_WINDOW = 128
_CALIBRATION_NS = 512.0


def dense_workload(rng):
    """Gaussian weights clipped at two sigma, uniform inputs: (rows, columns), (vectors, rows)."""
    return (gaussian_weights(_ROWS, _COLUMNS, rng),
            rng.integers(-127, 127, (VECTORS, _ROWS), endpoint=True))


def chip_workload(rng):
    """Uniform weights and inputs, 30 % of each 0 (Le Gallo et al. 2023, Methods)."""
    weights = rng.uniform(-1, 1, (_ROWS, _COLUMNS)) * (rng.random((_ROWS, _COLUMNS))
                                                       >= CHIP_SPARSITY)
    x = rng.integers(-127, 127, (VECTORS, _ROWS), endpoint=True)
    return weights, x * (rng.random(x.shape) >= CHIP_SPARSITY)


def relative_error(y, exact):
    """``norm(y - Wx)/norm(Wx)``, in %."""
    return 100 * float(np.linalg.norm(y - exact) / np.linalg.norm(exact))


@dataclass(frozen=True)
class Residual:
    """Errors against ideal weights and against the best-fitting weights, in % of three scales.

    Attributes
    ----------
    total, linear, residual : float
        Of eqs. 2-4 of Le Gallo et al. 2023, as norms over that of ``Wx``.
    of_largest, of_swing : float
        Standard deviation of the residual over the largest ``|Wx|`` and over the distance from
        the smallest to the largest ``Wx``.
    """

    total: float
    linear: float
    residual: float
    of_largest: float
    of_swing: float


def residual(x, y, weights):
    """Split errors into those of a matrix and the rest.

    ``W_hat`` is the least-squares fit over all vectors. It swallows one vector's worth of noise
    per row, so the residual is scaled by ``sqrt(n/(n - rows))``.
    """
    x = np.asarray(x, np.float64)
    exact = x @ weights
    fitted = x @ np.linalg.lstsq(x, y, rcond=None)[0]
    rest = (y - fitted) * np.sqrt(len(x) / (len(x) - x.shape[1]))
    scale = np.linalg.norm(exact)
    return Residual(
        *(100 * float(np.linalg.norm(part) / scale) for part in (y - exact, fitted - exact, rest)),
        100 * float(rest.std() / np.abs(exact).max()), 100 * float(rest.std() / np.ptp(exact)))


class _Bench:
    """One draw of weights, inputs and converters."""

    def __init__(self, seed, workload=dense_workload, voltage_v=VOLTAGE_V):
        work_rng, bank_rng = np.random.default_rng(seed).spawn(2)
        self.weights, self.x = workload(work_rng)
        self.exact = self.x @ self.weights
        self.seed, self.voltage_v = seed, voltage_v
        bits = hermes.readout.counter_bits
        self.ideal_bank = OscillatorBank.ideal(_COLUMNS, bits)
        self.bank = OscillatorBank.sample(_COLUMNS, bits, bank_rng)

    def unit(self, device):
        """Counts that ``x w = 1`` adds."""
        return NOMINAL_GAIN_MHZ_PER_UA * self.voltage_v * device.g_max_us * 1e-3

    def array(self, device, seconds=SECONDS):
        array = Crossbar.from_weights(self.weights, device=device, w_max=1.0,
                                      rng=np.random.default_rng([self.seed, 1]))
        array.advance(seconds)
        return array

    def through_currents(self, device, scale=1.0, bend=0.0, real=None):
        """Without counters: a continuous number of periods, corrected if ``real`` is given."""
        i = self.array(device).currents_ua(
            self.x, window_clocks=_WINDOW, read_voltage_v=self.voltage_v, seed=self.seed)
        periods = NOMINAL_GAIN_MHZ_PER_UA * scale * i / (1 + bend * i) * _WINDOW / 1000
        if real is not None:
            periods = periods * real["scale"] + real["offset"]
        return (periods[:, 0] - periods[:, 1]) / self.unit(device)

    def through_counts(self, device, bank):
        """Truncated counts through the bit-true combine."""
        counter = ArrayCounter(crossbar=self.array(device), bank=bank,
                               read_voltage_v=self.voltage_v)
        counts = counter.counts(self.x, window_clocks=_WINDOW, seed=self.seed)
        raw = combine(counts, self.coefficients(bank), hermes)
        return raw * 2.0**-NmpuFormats.of(hermes).combined.fmt.frac_bits / self.unit(device)

    def coefficients(self, bank):
        """What a calibration with three currents finds, in the formats of the tile."""
        currents, counts = measure(bank, window_ns=_CALIBRATION_NS)
        law = solve(currents, counts, window_ns=_CALIBRATION_NS, counter_bits=bank.counter_bits)
        scale, offset = law.affine(window_ns=_WINDOW)
        zero = np.zeros(_COLUMNS)
        return Coefficients.from_real(hermes, scale=scale, offset=offset, norm_scale=zero,
                                      norm_bias=zero)

    def error(self, y):
        return relative_error(y, self.exact)


_OFF = {"programming_scale": 0.0, "drift_scale": 0.0, "read_scale": 0.0}


def breakdown(seed):
    """Errors in % of ``norm(Wx)`` by name, in the order of a table."""
    bench, ideal = _Bench(seed), Ideal()
    gain = bench.bank.gain_mhz_per_ua / NOMINAL_GAIN_MHZ_PER_UA
    bend = bench.bank.nonlinearity_per_ua
    # Gains alone: the scale of the calibrated tile without what it does about B and truncation.
    quantised = {"scale": np.round(128 / gain) / 128, "offset": 0.0}
    chord = {"scale": 1 + 100 * bend, "offset": 0.0}
    rows = {
        "programming alone": bench.through_currents(PcmLike(**{**_OFF, "programming_scale": 1.0})),
        "drift alone": bench.through_currents(PcmLike(**{**_OFF, "drift_scale": 1.0})),
        "read noise alone": bench.through_currents(PcmLike(**{**_OFF, "read_scale": 1.0})),
        "gain spread, not corrected": bench.through_currents(ideal, gain),
        "gain spread, corrected by U(1,7)": bench.through_currents(ideal, gain, real=quantised),
        "bend alone, scaled to its chord": bench.through_currents(ideal, 1.0, bend, real=chord),
        "truncation alone": bench.through_counts(ideal, bench.ideal_bank),
        "converter alone": bench.through_counts(ideal, bench.bank),
    }
    errors = {name: bench.error(y) for name, y in rows.items()}
    errors["root of the squares of the four"] = float(np.sqrt(sum(
        errors[f"{name} alone"]**2 for name in ("programming", "drift", "read noise",
                                               "converter"))))
    y = bench.through_counts(PcmLike(), bench.bank)
    errors["everything"] = bench.error(y)
    errors["everything, one gain for the tile"] = bench.error(
        y * np.abs(bench.exact).sum() / np.abs(y).sum())
    double = _Bench(seed, voltage_v=2 * VOLTAGE_V)
    errors["everything at 0.2 V"] = double.error(double.through_counts(PcmLike(), double.bank))
    return errors


def chip_metrics(seed):
    """`Residual` of the default array on the workload of the chip's publication."""
    bench = _Bench(seed, chip_workload)
    return residual(bench.x, bench.through_counts(PcmLike(), bench.bank), bench.weights)
