"""The near-memory processing unit in exact integers: one function per hardware stage.

Everything is int64; every stage proves its range against `golden.formats` before it returns. All
functions are batched: leading axes are free, the last axis is the column.
"""

from dataclasses import dataclass
from numbers import Integral

import numpy as np

from golden.array.checks import check_integers
from golden.formats import NmpuFormats
from golden.readout import capture
from golden.requantise import quantise, requantise

__all__ = ["Coefficients", "accumulate", "check_exponent", "clip_sums", "combine", "finish",
           "gather", "normalise", "process", "residual"]

SHAPES = {"scale": 2, "offset": 2, "norm_scale": 1, "norm_bias": 1}


@dataclass(frozen=True, kw_only=True)
class Coefficients:
    """One bank of the coefficient memory, as raw integers.

    Parameters
    ----------
    scale, offset : int64 array, (2, columns)
        Of polarity P (row 0) and N (row 1), in ``config.nmpu.scale`` and ``.offset``.
    norm_scale, norm_bias : int64 array, (columns,)
        In ``config.nmpu.norm_scale`` and ``.norm_bias``.
    exponent : int
        Of ``config.exponents``: scales and offsets count ``2**exponent`` times.
    """

    scale: np.ndarray
    offset: np.ndarray
    norm_scale: np.ndarray
    norm_bias: np.ndarray
    exponent: int = 0

    @classmethod
    def from_real(cls, config, *, scale, offset, norm_scale, norm_bias):
        """Real coefficients in the formats of ``config``; `ValueError` if one overflows."""
        given = {"scale": scale, "offset": offset, "norm_scale": norm_scale,
                 "norm_bias": norm_bias}
        return cls(**{name: quantise(value, getattr(config.nmpu, name), name=name)
                      for name, value in given.items()}).validate(config)

    @classmethod
    def random(cls, config, rng):
        """Random magnitudes rather than random numbers, so that results do not all saturate."""
        columns = config.array.columns
        raw = {}
        for name, polarities in SHAPES.items():
            fmt = getattr(config.nmpu, name)
            shape = (2, columns) if polarities == 2 else (columns,)
            value = rng.integers(fmt.min, fmt.max, shape, endpoint=True)
            raw[name] = value >> rng.integers(0, fmt.width, shape)
        return cls(**raw).validate(config)

    def validate(self, config):
        """``self``, or `ValueError` naming the coefficient that does not fit ``config``."""
        for name, polarities in SHAPES.items():
            value, fmt = getattr(self, name), getattr(config.nmpu, name)
            shape = (2, config.array.columns) if polarities == 2 else (config.array.columns,)
            if value.shape != shape or value.dtype != np.int64:
                raise ValueError(f"{name} must be int64 of shape {shape}, not {value.dtype} of "
                                 f"{value.shape}")
            if not fmt.holds(int(value.min()), int(value.max())):
                raise ValueError(f"{name} spans {value.min()} to {value.max()}, outside {fmt}")
        check_exponent(self.exponent, config)
        return self

    def real(self, config):
        """The values that the raw integers stand for, as a dict of float64 arrays.

        Scales and offsets have the exponent in them.
        """
        return {name: getattr(self, name) * 2.0**((self.exponent if polarities == 2 else 0)
                                                  - getattr(config.nmpu, name).frac_bits)
                for name, polarities in SHAPES.items()}


def check_exponent(exponent, config):
    """``exponent``, or `ValueError` if no bank of a tile of ``config`` can have it."""
    allowed = config.exponents
    if not isinstance(exponent, Integral) or isinstance(exponent, bool) or exponent not in allowed:
        raise ValueError(f"exponent must be from 0 to {allowed[-1]}, not {exponent!r}")
    return int(exponent)


def combine(counts, coefficients, config):
    """``(s_p n_p + o_p) - (s_n n_n + o_n)``.

    Parameters
    ----------
    counts : int array, (..., 2, columns)

    Returns
    -------
    int64 array, (..., columns), raw in ``NmpuFormats.combined``
    """
    formats = NmpuFormats.of(config)
    counts, _ = capture(counts, counter_bits=config.readout.counter_bits)
    product = formats.product.check(counts * coefficients.scale, "product")
    frac = formats.combined.fmt.frac_bits
    branch = ((product << (frac - config.nmpu.scale.frac_bits))
              + (coefficients.offset << (frac - config.nmpu.offset.frac_bits)))
    return formats.combined.check(branch[..., 0, :] - branch[..., 1, :], "combined readout")


def clip_sums(words, config):
    """Words of the stream of partial sums to what accumulators may start from.

    Parameters
    ----------
    words : int array, (..., columns)
        Raw in ``NmpuFormats.accumulated``.

    Returns
    -------
    sums : int64 array, same shape, raw in ``NmpuFormats.partial``
    clipped : bool
        A word was outside.
    """
    words, partial = check_integers("words", words), NmpuFormats.of(config).partial
    sums = np.clip(words, partial.low, partial.high)
    return sums, bool((sums != words).any())


def gather(combined, weights, config, *, exponent=0, start=None):
    """The weighted sum over the reads of one result: (..., reads, columns) -> (..., columns).

    Every readout counts its weight times ``2**exponent``, the exponent of its bank.

    Parameters
    ----------
    start : int array, (..., columns), optional
        What it is added to: partial sums of `clip_sums`, or what another job left.
    """
    exponent = check_exponent(exponent, config)
    if combined.shape[-2] != len(weights):
        raise ValueError(f"weights must be {combined.shape[-2]}, one per read, not {len(weights)}")
    if any(weight != 1 for weight in weights):
        combined = combined * np.asarray(weights, np.int64)[:, None]
    formats = NmpuFormats.of(config)
    total = combined.sum(axis=-2) << exponent
    if start is not None:
        total = total + formats.accumulated.check(_like("start", start, total), "start")
    return formats.accumulated.check(total, "accumulator")


def _like(name, given, wanted):
    given = check_integers(name, given)
    if given.shape != wanted.shape:
        raise ValueError(f"{name} must be {wanted.shape}, not {given.shape}")
    return given


def normalise(accumulated, coefficients, config, *, bypass=False):
    """``norm_scale * accumulated + norm_bias``, raw in ``NmpuFormats.normalised``.

    With ``bypass`` the scale is 1 and the bias 0: ``accumulated`` itself, in the other format.
    """
    formats = NmpuFormats.of(config)
    frac = formats.normalised.fmt.frac_bits
    if bypass:
        return formats.normalised.check(
            accumulated << (frac - formats.accumulated.fmt.frac_bits), "normalised number")
    product_frac = formats.accumulated.fmt.frac_bits + config.nmpu.norm_scale.frac_bits
    return formats.normalised.check(
        (accumulated * coefficients.norm_scale << (frac - product_frac))
        + (coefficients.norm_bias << (frac - config.nmpu.norm_bias.frac_bits)), "normalised number")


def residual(received, config, *, scale, shift):
    """Signed bytes times ``scale << shift``, raw in ``NmpuFormats.residual``."""
    received = check_integers("residual", received)
    if received.size and not -128 <= received.min() <= received.max() <= 127:
        raise ValueError(f"residual must be from -128 to 127, not {received.min()} to "
                         f"{received.max()}")
    return NmpuFormats.of(config).residual.check(received * scale << shift, "residual")


def accumulate(counts, coefficients, settings, config, *, start=None):
    """Counts of all reads of a result to its accumulated number.

    Parameters
    ----------
    counts : int array, (..., reads, 2, columns)
        Those of every vector of the result, in the order they were taken.
    start : int array, (..., columns), optional
        See `gather`.

    Returns
    -------
    int64 array, (..., columns), raw in ``NmpuFormats.accumulated``
    """
    settings.validate(config)
    weights = settings.weights * settings.reads
    if counts.shape[-3] != len(weights):
        raise ValueError(f"counts must hold {len(weights)} reads, not {counts.shape[-3]}")
    return gather(combine(counts, coefficients, config), weights, config,
                  exponent=coefficients.exponent, start=start)


def finish(accumulated, coefficients, settings, config, *, received=None):
    """An accumulated number to its result: affine, ReLU, plus residual, ReLU, narrowed.

    The order is that of the published unit: Le Gallo et al., Nature Electronics 6, 680-693, 2023,
    section II.

    Parameters
    ----------
    received : int array, (..., columns)
        Signed bytes, given with ``settings.residual`` and only then.

    Returns
    -------
    int64 array, (..., columns), in ``settings.output_bits`` signed bits
    """
    settings.validate(config)
    if (received is not None) != settings.residual:
        raise ValueError("residuals must be given with settings.residual, and only then")
    z = normalise(accumulated, coefficients, config, bypass=settings.bypass)
    if settings.relu_first:
        z = np.maximum(z, 0)
    if settings.residual:
        z = z + residual(_like("residual", received, z), config, scale=settings.residual_scale,
                         shift=settings.residual_shift)
    return requantise(NmpuFormats.of(config).activated.check(z, "activated number"),
                      shift=settings.shift, bits=settings.output_bits, relu=settings.relu,
                      rounding=config.nmpu.rounding)


def process(counts, coefficients, settings, config, *, start=None, received=None):
    """The whole unit, counts of all reads of a result to the result: `accumulate`, `finish`."""
    return finish(accumulate(counts, coefficients, settings, config, start=start), coefficients,
                  settings, config, received=received)
