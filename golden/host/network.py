"""What a network in one array asks of it: conductances, coefficients, settings."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from golden.host.chain import place
from golden.network.mapping import activation_scales, map_layer
from golden.nmpu import Coefficients

__all__ = ["Layout", "lay_out"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """Layers side by side in one array; see `golden.host.chain`.

    Parameters
    ----------
    places : list of golden.host.chain.Place
    settings : list of Settings
        Of each layer.
    shares : float64 array, (rows, columns)
        Of the largest conductance, with the sign of the weight: each layer uses all of it.
    coefficients : Coefficients
        Of all columns; those of no output give 0.
    scales : list of float
        What one step of each layer's input, and of the last output, is worth.
    """

    places: list
    settings: list
    shares: np.ndarray
    coefficients: Coefficients
    scales: list


def lay_out(layers, calibration, config, *, correction, g_max_us):
    """Place layers in one array, each read in one phase and in one window.

    Parameters
    ----------
    layers : sequence of Layer
    calibration : float array, (images, inputs)
        Fixes the activation scales.
    config : TileConfig
    correction, g_max_us
        As `golden.network.mapping.map_layer`.

    Returns
    -------
    Layout

    Raises
    ------
    ValueError
        As `golden.host.chain.place` and `golden.network.mapping.map_layer`.
    """
    places, scales = place(layers, config), activation_scales(layers, calibration)
    shares = np.zeros((config.array.rows, config.array.columns))
    real = {"scale": correction[0], "offset": correction[1],
            "norm_scale": np.zeros(config.array.columns),
            "norm_bias": np.zeros(config.array.columns)}
    settings = []
    for layer, where, (i, o) in zip(layers, places, pairwise(scales), strict=True):
        (job,) = map_layer(layer, config, in_scale=i, out_scale=o, correction=correction,
                           g_max_us=g_max_us)
        columns = slice(where.first_column, where.first_column + where.outputs)
        shares[:where.inputs, columns] = layer.weights / job.w_max
        for name in ("norm_scale", "norm_bias"):
            real[name][columns] = job.real[name][:where.outputs]
        settings.append(job.settings)
    return Layout(places=places, settings=settings, shares=shares, scales=scales,
                  coefficients=Coefficients.from_real(config, **real))
