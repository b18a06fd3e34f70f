"""``python -m golden sample``: one programmed array and its counts at several ages."""

import click
import numpy as np
from rich.console import Console

from golden.array.crossbar import Crossbar
from golden.array.drift_error import gaussian_weights
from golden.command.common import OUT, SEED, ages, any_device, npz_writer, publish
from golden.convert.oscillator import CURRENT_LIMIT_UA, OscillatorBank
from golden.convert.pulse import READ_VOLTAGE_V, WINDOW_CLOCKS

__all__ = ["sample", "sample_arrays"]

COUNTER_BITS = 12


def sample_arrays(*, device, rows, columns, vectors, ages_s, seed):
    """Everything of a sampled array, as a dict of numpy arrays.

    Weights are clipped Gaussians, inputs uniform in -127..127, converters drawn as calibration
    leaves them.
    """
    weight_rng, bank_rng, input_rng = np.random.default_rng(seed).spawn(3)
    weights = gaussian_weights(rows, columns, weight_rng)
    bank = OscillatorBank.sample(columns, COUNTER_BITS, bank_rng)
    x = input_rng.integers(-127, 127, (vectors, rows), endpoint=True)

    array = Crossbar.from_weights(weights, device=device, w_max=1.0,
                                  rng=np.random.default_rng([seed, 1]))
    target_us = np.stack([np.maximum(weights, 0), np.maximum(-weights, 0)]) * device.g_max_us

    conductances_us, currents_ua, counts, previous = [], [], [], 0.0
    for k, age in enumerate(ages_s):
        array.advance(age - previous)
        previous = age
        conductances_us.append(array.conductances_us())
        currents_ua.append(array.currents_ua(x, window_clocks=WINDOW_CLOCKS, seed=(seed, 2, k),
                                             read_voltage_v=READ_VOLTAGE_V))
        counts.append(bank.counts(currents_ua[-1], window_ns=float(WINDOW_CLOCKS)))
    return {
        "weights": weights, "target_us": target_us,
        "g_prog_us": array.g_prog_us[0], "nu": array.nu[0],
        "ages_s": np.array(ages_s), "conductances_us": np.array(conductances_us), "x": x,
        "currents_ua": np.array(currents_ua), "counts": np.array(counts),
        "gain_mhz_per_ua": bank.gain_mhz_per_ua, "offset_mhz": bank.offset_mhz,
        "nonlinearity_per_ua": bank.nonlinearity_per_ua, "seed": np.array(seed),
        "g_max_us": np.array(device.g_max_us)}


@click.command()
@click.option("--device", default="pcm_like", show_default=True, help="Name of a device.")
@click.option("--g-max-us", type=float, help="Conductance of the largest weight, in µS.")
@click.option("--rows", type=click.IntRange(1, 4096), default=256, show_default=True)
@click.option("--columns", type=click.IntRange(1, 4096), default=256, show_default=True)
@click.option("--vectors", type=click.IntRange(1, 65536), default=16, show_default=True,
              help="Input vectors read at each age.")
@click.option("--ages", "ages_text", default="0,1h,1d,1y", show_default=True,
              help="Time since the first read; units s, min, h, d, y.")
@SEED
@OUT
def sample(device, g_max_us, rows, columns, vectors, ages_text, seed, out):
    """Sample an array: conductances, exponents, currents and counts into sample.npz."""
    _, ages_s = ages(ages_text)
    arrays = sample_arrays(device=any_device(device, g_max_us=g_max_us), rows=rows,
                           columns=columns, vectors=vectors, ages_s=ages_s, seed=seed)
    path, = publish(out, {"sample.npz": npz_writer(device=np.array(device), **arrays)})
    limited = (arrays["currents_ua"] > CURRENT_LIMIT_UA).mean()
    Console(soft_wrap=True).print(
        f"{path}: {device}, {rows} x {columns}, {vectors} vectors at {len(ages_s)} ages, counts "
        f"{arrays['counts'].min()} to {arrays['counts'].max()}, {100 * limited:.1f} % of the "
        f"currents beyond the converters' {CURRENT_LIMIT_UA:g} µA", highlight=False)
