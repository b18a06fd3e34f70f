"""A network's layers become tile jobs: weights per array, inputs per read, coefficients per column.

A layer wider than the array is cut into column blocks, one job each; one taller than the array is
cut into row blocks, which are read one after the other and accumulated before requantising.

The formula. With inputs ``x = in_scale * x_q`` and weights ``w = w_max * G/g_max``, a combined
readout counts ``c * sum(x_q * w / w_max)`` periods, where ``c = gain * V * g_max`` is the count
that one clock of one fully conducting device adds. A layer wants ``k * (x @ w) + b`` in units of
``out_scale``:

    result = (k * in_scale * w_max / (c * out_scale)) * readout + b / out_scale

The tile computes ``(norm_scale * readout + norm_bias) * 2**-e``, so both coefficients are the
factors above times ``2**e``, with the largest ``e`` that fits their formats.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_integers, check_reals
from golden.convert.oscillator import NOMINAL_GAIN_MHZ_PER_UA
from golden.convert.pulse import READ_VOLTAGE_V, WINDOW_CLOCKS
from golden.formats import NmpuFormats
from golden.nmpu import Coefficients
from golden.requantise import quantise
from golden.settings import Settings

__all__ = ["WINDOW_NS", "Job", "activation_scales", "exponent_for", "map_layer"]

WINDOW_NS = float(WINDOW_CLOCKS)
"""One clock per nanosecond."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """One column block of a layer on one tile.

    Parameters
    ----------
    name : str
    blocks : tuple of float64 array, each (rows, columns)
        Weights of the arrays behind the tile, one per read, padded with 0.
    w_max : float
        Weight that is given the full conductance.
    inputs : int
        Inputs of the layer; read ``r`` takes those from ``r * rows`` on.
    outputs : slice
        Outputs of the layer that this job computes.
    coefficients : Coefficients
    real : dict of float64 arrays
        The same coefficients before they were quantised.
    settings : Settings
    """

    name: str
    blocks: tuple
    w_max: float
    inputs: int
    outputs: slice
    coefficients: Coefficients
    real: dict
    settings: Settings

    @property
    def used(self):
        """Columns of the tile that hold outputs."""
        return self.outputs.stop - self.outputs.start

    def vectors(self, x):
        """Inputs of the layer (images, inputs) as tile vectors (images * reads, rows)."""
        x, rows = check_integers("x", x), self.blocks[0].shape[0]
        if x.ndim != 2 or x.shape[1] != self.inputs:
            raise ValueError(f"x must have shape (images, {self.inputs}), not {x.shape}")
        padded = np.zeros((len(x), rows * self.settings.reads), np.int64)
        padded[:, :self.inputs] = x
        return padded.reshape(-1, rows)


def activation_scales(layers, x):
    """What one step of each layer's input, and of the last output, is worth.

    Parameters
    ----------
    layers : sequence of Layer
    x : float array, (images, inputs)
        A calibration set; its largest activation becomes 127 steps.

    Returns
    -------
    list of float, one more than there are layers

    Raises
    ------
    ValueError
        If ``x`` is not finite, or leaves a layer without any activation.
    """
    x = check_reals("x", x)
    scales = [np.abs(x).max() / 127]
    for layer in layers:
        k, b = layer.scale_and_bias()
        x = k * (x @ layer.weights) + b
        x = np.maximum(x, 0) if layer.relu else x
        scales.append(np.abs(x).max() / 127)
    if not min(scales) > 0:
        raise ValueError("x must make some input and some output of every layer differ from 0")
    return scales


def map_layer(layer, config, *, in_scale, out_scale, g_max_us, correction, gain=1.0):
    """The jobs of a layer.

    Parameters
    ----------
    layer : Layer
    config : TileConfig
    in_scale, out_scale : float
        What one step of the inputs and of the results is worth.
    g_max_us : float
        Conductance of the largest weight.
    correction : tuple of float64 arrays, (2, columns) each
        Scale and offset that bring the tile's converters to the nominal gain, see
        `golden.convert.calibrate.Calibration.affine`.
    gain : float
        Drift gain to fold into the normalisation: it multiplies the product, never the bias.

    Returns
    -------
    list of Job

    Raises
    ------
    ValueError
        If a coefficient, or the number of reads, does not fit the configuration.
    """
    rows, columns = config.array.rows, config.array.columns
    inputs, outputs = layer.weights.shape
    reads = -(-inputs // rows)
    w_max = float(np.abs(layer.weights).max())
    k, b = layer.scale_and_bias()
    count = NOMINAL_GAIN_MHZ_PER_UA * READ_VOLTAGE_V * g_max_us * 1e-3
    slope, bias = gain * k * in_scale * w_max / (count * out_scale), b / out_scale
    exponent = exponent_for(slope, bias, config)
    scale, offset = correction

    formats = NmpuFormats.of(config)
    settings = Settings(reads=reads, relu=layer.relu,
                        shift=formats.normalised.fmt.frac_bits + exponent)
    settings.validate(config)

    jobs = []
    for start in range(0, outputs, columns):
        part = slice(start, min(start + columns, outputs))
        used = part.stop - part.start
        weights = np.zeros((reads * rows, columns))
        weights[:inputs, :used] = layer.weights[:, part]
        real = {"scale": scale, "offset": offset,
                "norm_scale": _padded(slope[part] * 2.0**exponent, columns),
                "norm_bias": _padded(bias[part] * 2.0**exponent, columns)}
        jobs.append(Job(
            name=layer.name if outputs <= columns else f"{layer.name}[{start}:{part.stop}]",
            blocks=tuple(weights.reshape(reads, rows, columns)), w_max=w_max, inputs=inputs,
            outputs=part, coefficients=Coefficients.from_real(config, **real), real=real,
            settings=settings))
    return jobs


def _padded(values, columns):
    return np.concatenate([values, np.zeros(columns - len(values))])


def exponent_for(slope, bias, config):
    """The largest ``e`` for which ``2**e`` times all slopes and biases fits their formats."""
    for exponent in range(16, -17, -1):
        try:
            quantise(slope * 2.0**exponent, config.nmpu.norm_scale)
            quantise(bias * 2.0**exponent, config.nmpu.norm_bias)
        except ValueError:
            continue
        return exponent
    raise ValueError(f"no power of two brings slopes of {slope.min():g} to {slope.max():g} and "
                     f"biases of {bias.min():g} to {bias.max():g} into {config.nmpu.norm_scale} "
                     f"and {config.nmpu.norm_bias}")
