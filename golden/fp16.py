"""The digital path in binary16, in the order of operations of the HERMES chip's unit.

What the integer path is measured against, beside float64. Source of the order: Le Gallo et al.,
Nature Electronics 6, 680-693, 2023, section II: counts to FP16, two fused multiply-adds that
remove gain and offset, P - N, an affine step per channel, an optional ReLU, the input from
another core (INT8 to FP16, scaled) added, a second optional ReLU, INT8 out. Rounding of its
operations and of its conversions is not public. Ours: every operation is IEEE 754 binary16, to
nearest, ties to even; results are rounded by one of `Rounding` and saturate; NaN becomes 0.
"""

from dataclasses import dataclass

import numpy as np

from golden.requantise import Rounding

__all__ = ["Fp16Coefficients", "fma16", "from_fp16", "process_fp16", "to_fp16"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Fp16Coefficients:
    """Per column, already rounded to float16.

    Parameters
    ----------
    scale, offset : array, (2, columns)
        Of P and N: ``scale count + offset``.
    norm_scale, norm_bias : array, (columns,)
        Of the affine step; the step of the INT8 result is folded into both.

    Raises
    ------
    ValueError
        If a shape is wrong, or a number is not finite after it was rounded to float16.
    """

    scale: np.ndarray
    offset: np.ndarray
    norm_scale: np.ndarray
    norm_bias: np.ndarray

    def __post_init__(self):
        columns = np.shape(self.norm_scale)[-1] if np.ndim(self.norm_scale) else 0
        for name, shape in (("scale", (2, columns)), ("offset", (2, columns)),
                            ("norm_scale", (columns,)), ("norm_bias", (columns,))):
            value = np.asarray(getattr(self, name), np.float64)
            if value.shape != shape or columns == 0:
                raise ValueError(f"{name} must have shape {shape}, not {value.shape}")
            half = to_fp16(value)
            if not np.isfinite(half).all():
                bad = value[~np.isfinite(half)].flat[0]
                raise ValueError(f"{name} must round to a finite float16, at most 65504, not "
                                 f"{bad:g}")
            object.__setattr__(self, name, half)


def to_fp16(x):
    """Real or integer numbers to nearest float16, ties to even; 65520 and more to infinity."""
    with np.errstate(over="ignore"):
        return np.asarray(x, np.float64).astype(np.float16)


def fma16(a, b, c):
    """``a b + c`` of float16 numbers with one rounding.

    Computed in float64 and rounded to float16, which is the same, although the float64 sum
    itself may be rounded. ``a b`` has 22 bits and is exact; it is a multiple of ``2^q``, below
    ``2^(q+22)``, with q at least -48; c is a multiple of ``2^-24``.

    - q >= -24: the sum is a multiple of ``2^-24``. Below ``2^29`` it is exact; above, both
      roundings give infinity.
    - q < -24: a sum below ``2^(q+53)`` is exact. Otherwise ``|c| > 2^(q+52) >= 2^4`` while
      ``|a b| < 2^-30 |c|``: the sum, exact or in float64, lies within ``2^-29 |c|`` of the
      float16 number c, far from the nearest tie at ``2^-13 |c|`` or more, and both give c.

    float32 would not do: its 24 bits lose a small c that decides a tie of ``a b``.
    """
    a, b, c = (np.asarray(v, np.float16).astype(np.float64) for v in (a, b, c))
    # inf * 0 and inf - inf are NaN, as IEEE 754 has it.
    with np.errstate(invalid="ignore"):
        return to_fp16(a * b + c)


def from_fp16(x, *, bits=8, rounding=Rounding.HALF_EVEN):
    """float16 to signed integers: rounded, saturated, NaN to 0.

    Exact: a float16 number times 2 is exact in float64, and so are floor and comparison.
    """
    x = np.nan_to_num(np.asarray(x, np.float16).astype(np.float64), nan=0.0, posinf=1e6,
                      neginf=-1e6)
    floor = np.floor(x)
    dropped = x - floor
    tie_up = {
        Rounding.FLOOR: np.False_,
        Rounding.HALF_UP: np.True_,
        Rounding.HALF_AWAY: x >= 0,
        Rounding.HALF_EVEN: floor % 2 == 1,
    }[Rounding(rounding)]
    up = np.False_ if Rounding(rounding) is Rounding.FLOOR else (
        (dropped > 0.5) | ((dropped == 0.5) & tie_up))
    limit = 1 << (bits - 1)
    return np.clip(floor + up, -limit, limit - 1).astype(np.int64)


def _relu(x):
    # NaN compares false and becomes 0, as does -0.
    return np.where(x > 0, x, np.float16(0))


def process_fp16(counts, coefficients, *, relu=False, received=None, received_scale=None,
                 relu_after=False, output_bits=8, rounding=Rounding.HALF_EVEN):
    """Counts of one read to results.

    A count above 2048 has no exact float16 and is rounded: 2049 to 2048, 4095 to 4096.

    Parameters
    ----------
    counts : int array, (..., 2, columns)
    coefficients : Fp16Coefficients
    relu : bool
        Activation before the sum with what was received.
    received : int array, (..., columns), optional
        INT8 results of another tile, -128..127.
    received_scale : float or array, (columns,), optional
        What one step of them is worth in steps of the result; needed with ``received``.
    relu_after : bool
        Activation after that sum.
    output_bits : int
        Width of the result.
    rounding : Rounding
        Of the last conversion.

    Returns
    -------
    results : int64 array, (..., columns)
    y : float16 array, (..., columns)
        The same before the conversion.

    Raises
    ------
    ValueError
        If counts do not have the shape of the coefficients, or of ``received`` and
        ``received_scale`` only one is given, or a received number is no INT8.
    """
    counts = np.asarray(counts, np.int64)
    if counts.ndim < 2 or counts.shape[-2:] != coefficients.scale.shape:
        raise ValueError(f"counts must have shape (..., {coefficients.scale.shape[0]}, "
                         f"{coefficients.scale.shape[1]}), not {counts.shape}")
    if (received is None) != (received_scale is None):
        raise ValueError("received and received_scale must be given together")
    branch = fma16(to_fp16(counts), coefficients.scale, coefficients.offset)
    x = fma16(branch[..., 1, :], -1, branch[..., 0, :])
    y = fma16(coefficients.norm_scale, x, coefficients.norm_bias)
    if relu:
        y = _relu(y)
    if received is not None:
        received = np.asarray(received, np.int64)
        if received.size and not -128 <= received.min() <= received.max() <= 127:
            raise ValueError(f"received must be in -128..127, not {received.min()} to "
                             f"{received.max()}")
        # Scaled first and added then: two roundings, as two operations of the pipeline.
        y = fma16(fma16(to_fp16(received), to_fp16(received_scale), 0), 1, y)
    if relu_after:
        y = _relu(y)
    return from_fp16(y, bits=output_bits, rounding=rounding), y
