"""One read of an array: mean and variance of every current as products of fixed shape."""

import numpy as np

from golden.array.checks import check_integer, check_integers, check_number
from golden.array.effects import ir_drop_fraction, ir_drop_profile
from golden.array.noise import MAX_VECTORS, ReadNoise
from golden.array.spans import BLOCK, check_span, pieces

__all__ = ["SIDES", "Plane", "currents_in_pieces"]

SIDES = ("both", "plus", "minus")


class Plane:
    """What a read needs to know of an array at one age.

    Parameters
    ----------
    g_us, variance : array of float64, (2, rows, columns)
        Mean and variance of plus and minus conductances, in µS and µS^2.
    effects : ArrayEffects
    g_max_us : float
        Unit of the output noise and of the load that makes the voltage drop.
    precision : str
        Type of all products.
    """

    def __init__(self, g_us, variance, effects, g_max_us, precision):
        self.rows, self.columns = g_us.shape[1:]
        self.effects, self.g_max_us, self.precision = effects, g_max_us, precision
        self.mean = self._by_side(g_us)
        self.variance = self._by_side(variance) if variance.any() else None
        self.far = None
        if effects.ir_drop_scale:
            self.far = self._by_side(g_us * ir_drop_profile(self.rows)[:, None])

    def _by_side(self, pair):
        # For each choice of sides the matrices of (P + N)/2 and (P - N)/2: two products with
        # rows x columns, where P and N by themselves take four.
        plus, minus = (side.astype(self.precision) / 2 for side in pair)
        return {"both": (plus + minus, plus - minus), "plus": (plus, plus),
                "minus": (minus, -minus)}


def currents_in_pieces(plane, x, *, window_clocks, read_voltage_v, seed, first=0, rows=None,
                       columns=None, sides="both"):
    """Arguments of `Crossbar.currents_ua`, checked; iterator of (slice of the batch,
    µA (2, piece, columns))."""
    window_clocks = check_integer("window_clocks", window_clocks, low=1, high=1 << 16)
    read_voltage_v = check_number("read_voltage_v", read_voltage_v, above=0)
    first = check_integer("first", first, low=0, high=MAX_VECTORS)
    rows = check_span("rows", rows, plane.rows)
    columns = check_span("columns", columns, plane.columns)
    if sides not in SIDES:
        raise ValueError(f"sides must be one of {', '.join(SIDES)}, not {sides!r}")
    noise = ReadNoise(seed, plane.columns)
    x = np.asarray(x)
    check_integers("x", np.empty(0, x.dtype))
    if x.ndim != 2 or x.shape[1] != rows.stop - rows.start:
        raise ValueError(f"x must have shape (batch, {rows.stop - rows.start}), not {x.shape}")
    for extreme in (x.min(initial=0).item(), x.max(initial=0).item()):
        if abs(extreme) >= window_clocks:
            limit = window_clocks - 1
            raise ValueError(f"x must be in {-limit}..{limit} clocks, not {extreme}")
    return _read(plane, x, window_clocks, read_voltage_v, noise, first, rows, columns, sides)


def _read(plane, x, window_clocks, read_voltage_v, noise, first, rows, columns, sides):
    effects, kind = plane.effects, np.dtype(plane.precision).type
    floor = (effects.output_noise * plane.g_max_us * window_clocks) ** 2 / 2
    noisy = floor > 0 or plane.variance is not None
    other = effects.polarity_asymmetry if sides == "both" else 0.0
    signed, length, scratch = np.zeros((3, BLOCK, x.shape[1]), kind)
    current, sigma, work = np.zeros((3, 2, BLOCK, columns.stop - columns.start), kind)
    normal = np.empty((2, BLOCK, plane.columns), np.float32)

    def product(matrices, a, b, out):
        half_sum, half_difference = matrices[sides]
        np.matmul(a, half_sum[rows, columns], out=work[0])
        np.matmul(b, half_difference[rows, columns], out=work[1])
        np.add(work[0], work[1], out=out[0])
        np.subtract(work[0], work[1], out=out[1])

    for batch, place in pieces(first, len(x)):
        # The other vectors of the block are 0 or those of the piece before; no row sees another.
        signed[place] = x[batch]
        np.abs(signed, out=length)
        product(plane.mean, length, signed, current)
        if plane.far is not None:
            load = (current[0] + current[1]) / kind(plane.g_max_us * max(window_clocks - 1, 1))
            product(plane.far, length, signed, sigma)
            sigma *= kind(effects.ir_drop_scale) * ir_drop_fraction(load, plane.rows)
            current -= sigma
        if plane.variance is not None:
            np.multiply(length, signed, out=scratch)
            np.multiply(length, length, out=length)
            product(plane.variance, length, scratch, sigma)
            # The difference of two products may be a hair below 0.
            np.abs(sigma, out=sigma)
        elif noisy:
            sigma[:] = 0
        if other:
            current[1] *= kind(1 + other)
            sigma[1] *= kind((1 + other) ** 2)
        if noisy:
            if floor:
                sigma += kind(floor)
            np.sqrt(sigma, out=sigma)
            normals = normal.reshape(-1)[:2 * (place.stop - place.start) * plane.columns]
            normals = normals.reshape(2, -1, plane.columns)
            noise.fill(first + batch.start, normals)
            sigma[:, place] *= normals[..., columns]
            current[:, place] += sigma[:, place]
        current *= kind(read_voltage_v / window_clocks)
        # np.clip is three times as fast as np.maximum with a number.
        np.clip(current, 0, None, out=current)
        yield batch, current[:, place]
