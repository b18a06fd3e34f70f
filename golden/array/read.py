"""One read of an array: mean and variance of every current as products of fixed shape."""

import numpy as np

from golden.array.checks import check_integer, check_integers, check_number
from golden.array.effects import ir_drop_fraction, ir_drop_profile
from golden.array.noise import MAX_VECTORS, OUTPUT_TAG, READ_TAG, ReadNoise, check_seed
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
        self.scratch = {}
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
                       columns=None, sides="both", limit_ua=None):
    """Arguments of `Crossbar.currents_ua`, checked; iterator of (slice of the batch,
    µA (2, piece, columns)), clipped to ``limit_ua`` too if that is given."""
    window_clocks = check_integer("window_clocks", window_clocks, low=1, high=1 << 16)
    read_voltage_v = check_number("read_voltage_v", read_voltage_v, above=0)
    first = check_integer("first", first, low=0, high=MAX_VECTORS)
    rows = check_span("rows", rows, plane.rows)
    columns = check_span("columns", columns, plane.columns)
    check_seed("seed", seed)
    if sides not in SIDES:
        raise ValueError(f"sides must be one of {', '.join(SIDES)}, not {sides!r}")
    noises = [None if off else ReadNoise(seed, numbers, tag=tag) for off, numbers, tag in (
        (plane.variance is None, plane.columns, READ_TAG),
        (not plane.effects.output_noise, -(-plane.columns // 2), OUTPUT_TAG))]
    x = np.asarray(x)
    check_integers("x", np.empty(0, x.dtype))
    if x.ndim != 2 or x.shape[1] != rows.stop - rows.start:
        raise ValueError(f"x must have shape (batch, {rows.stop - rows.start}), not {x.shape}")
    for extreme in (x.min(initial=0).item(), x.max(initial=0).item()):
        if abs(extreme) >= window_clocks:
            limit = window_clocks - 1
            raise ValueError(f"x must be in {-limit}..{limit} clocks, not {extreme}")
    return _read(plane, x, window_clocks, read_voltage_v, noises, first, rows, columns, sides,
                 np.finfo(plane.precision).max if limit_ua is None else limit_ua)


class _Scratch:
    """Memory of one read under way: fresh memory at each call would cost a tenth of it."""

    def __init__(self, plane, rows, columns):
        kind = np.dtype(plane.precision)
        self.signed, self.length, self.product = np.zeros((3, BLOCK, rows), kind)
        self.current, self.sigma, self.work = np.zeros((3, 2, BLOCK, columns), kind)
        self.normal = np.empty(2 * BLOCK * plane.columns, np.float32)

    def normals(self, noise, first, count, columns):
        """Numbers of ``count`` vectors, (2, count, columns)."""
        numbers = self.normal[:2 * count * columns].reshape(2, count, columns)
        noise.fill(first, numbers)
        return numbers


def _read(plane, x, window_clocks, read_voltage_v, noises, first, rows, columns, sides, limit_ua):
    # A read that others interleave with keeps its memory to itself.
    key = (x.shape[1], columns.stop - columns.start)
    free = plane.scratch.setdefault(key, [])
    scratch = free.pop() if free else _Scratch(plane, *key)
    try:
        yield from _blocks(plane, x, window_clocks, read_voltage_v, noises, first, rows, columns,
                           sides, limit_ua, scratch)
    finally:
        free.append(scratch)


def _blocks(plane, x, window_clocks, read_voltage_v, noises, first, rows, columns, sides, limit_ua,
            scratch):
    effects, kind = plane.effects, np.dtype(plane.precision).type
    read_noise, output_noise = noises
    signed, length, current, sigma = (scratch.signed, scratch.length, scratch.current,
                                      scratch.sigma)
    # Half of it goes to P, and half, negated, to N: their difference is what is specified.
    output = kind(effects.output_noise * plane.g_max_us * window_clocks / 2)
    other = effects.polarity_asymmetry if sides == "both" else 0.0

    def product(matrices, a, b, out):
        half_sum, half_difference = matrices[sides]
        np.matmul(a, half_sum[rows, columns], out=scratch.work[0])
        np.matmul(b, half_difference[rows, columns], out=scratch.work[1])
        np.add(scratch.work[0], scratch.work[1], out=out[0])
        np.subtract(scratch.work[0], scratch.work[1], out=out[1])

    for batch, place in pieces(first, len(x)):
        here, count = first + batch.start, place.stop - place.start
        # The other vectors of the block are those of before; no row sees another.
        signed[place] = x[batch]
        np.abs(signed, out=length)
        product(plane.mean, length, signed, current)
        if plane.far is not None:
            load = (current[0] + current[1]) / kind(plane.g_max_us * max(window_clocks - 1, 1))
            product(plane.far, length, signed, sigma)
            sigma *= kind(effects.ir_drop_scale) * ir_drop_fraction(load, plane.rows)
            current -= sigma
        if other:
            current[1] *= kind(1 + other)
        if plane.variance is not None:
            np.multiply(length, signed, out=scratch.product)
            np.multiply(length, length, out=length)
            product(plane.variance, length, scratch.product, sigma)
            # The difference of two products may be a hair below 0.
            np.abs(sigma, out=sigma)
            np.sqrt(sigma, out=sigma)
            if other:
                sigma[1] *= kind(1 + other)
            sigma[:, place] *= scratch.normals(read_noise, here, count, plane.columns)[..., columns]
            current[:, place] += sigma[:, place]
        if output:
            pairs = -(-plane.columns // 2)
            numbers = scratch.normals(output_noise, here, count, pairs)
            # Numbers of the first half of the columns, then of the second.
            net = scratch.work[0, :count]
            start = min(columns.start, pairs), max(columns.start - pairs, 0)
            stop = min(columns.stop, pairs), max(columns.stop - pairs, 0)
            middle = stop[0] - start[0]
            np.multiply(numbers[0, :, start[0]:stop[0]], output, out=net[:, :middle])
            np.multiply(numbers[1, :, start[1]:stop[1]], output, out=net[:, middle:])
            current[0, place] += net
            current[1, place] -= net
        current *= kind(read_voltage_v / window_clocks)
        # With both ends given, np.clip is three times as fast as np.maximum.
        np.clip(current, 0, limit_ua, out=current)
        yield batch, current[:, place]
