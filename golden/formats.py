"""Every intermediate format of the NMPU, proven from the configuration.

Each stage's exact lowest and highest raw integer follow from those of the stage before, so no
intermediate can wrap whatever the counts and coefficients are. The generator takes its signal
widths from here, and the golden model checks its arrays against the same bounds.
"""

from dataclasses import dataclass

from golden.qformat import QFormat

__all__ = ["RESIDUAL_SCALE_BITS", "RESIDUAL_SHIFT_BITS", "Interval", "NmpuFormats"]

RESIDUAL_SCALE_BITS = 8
RESIDUAL_SHIFT_BITS = 6
"""Widths of the scale and of the shift that residuals are given."""


@dataclass(frozen=True)
class Interval:
    """The raw integers ``low .. high`` in a format that holds them all."""

    low: int
    high: int
    fmt: QFormat

    @classmethod
    def of(cls, low, high, *, frac_bits):
        return cls(low, high, QFormat.holding(low, high, frac_bits=frac_bits))

    def check(self, raw, name):
        """``raw`` unchanged, after proving that every integer of it is inside."""
        if raw.size and (raw.min() < self.low or raw.max() > self.high):
            raise OverflowError(f"{name} spans {raw.min()} to {raw.max()}, outside "
                                f"{self.low} to {self.high}")
        return raw


@dataclass(frozen=True)
class NmpuFormats:
    """Intervals of the intermediates, in the order of the data.

    Parameters
    ----------
    product : Interval
        Count times scale; raw has ``scale.frac_bits``.
    combined : Interval
        ``(s_p n_p + o_p) - (s_n n_n + o_n)``, aligned to the finer of scale and offset.
    accumulated : Interval
        Combined readouts times their weights and the power of two of the bank's exponent, added;
        the weights together are at most ``max_reads``, and none is negative. Its format has
        ``accumulator_bits``.
    partial : Interval
        A partial sum from another tile: half of what the accumulator holds.
    normalised : Interval
        ``norm_scale * accumulated + norm_bias``, or ``accumulated`` alone, aligned to the finer of
        product and bias.
    residual : Interval
        A signed byte times its scale of 8 bits, shifted up by at most ``residual_shift``: as far
        as it is no larger than a normalised number.
    activated : Interval
        A normalised number and a residual added.
    """

    product: Interval
    combined: Interval
    accumulated: Interval
    partial: Interval
    normalised: Interval
    residual: Interval
    residual_shift: int
    activated: Interval

    @classmethod
    def of(cls, config):
        """The formats of ``config`` (a `TileConfig`); `ValueError` if one cannot be held."""
        nmpu = config.nmpu
        count_max = (1 << config.readout.counter_bits) - 1
        product_max = count_max * nmpu.scale.max
        product = Interval(0, product_max, QFormat(
            False, product_max.bit_length() - nmpu.scale.frac_bits, nmpu.scale.frac_bits))

        frac = max(nmpu.scale.frac_bits, nmpu.offset.frac_bits)
        up, offset_up = frac - nmpu.scale.frac_bits, frac - nmpu.offset.frac_bits
        spread = (product.high << up) + ((nmpu.offset.max - nmpu.offset.min) << offset_up)
        combined = Interval.of(-spread, spread, frac_bits=frac)

        largest = spread << config.exponents[-1]
        read = QFormat.holding(-largest, largest, frac_bits=frac)
        needed = Interval.of(-largest * nmpu.max_reads, largest * nmpu.max_reads, frac_bits=frac)
        if needed.fmt.width > nmpu.accumulator_bits:
            raise ValueError(
                f"nmpu.accumulator_bits must be at least {needed.fmt.width} to hold "
                f"{nmpu.max_reads} reads of {read}, not {nmpu.accumulator_bits}")
        accumulated = Interval(needed.low, needed.high,
                               QFormat(True, nmpu.accumulator_bits - frac, frac))
        half = largest * (nmpu.max_reads // 2)
        partial = Interval.of(-half, half, frac_bits=frac)

        product_frac = frac + nmpu.norm_scale.frac_bits
        frac = max(product_frac, nmpu.norm_bias.frac_bits)
        up, bias_up = frac - product_frac, frac - nmpu.norm_bias.frac_bits
        low = (accumulated.high * nmpu.norm_scale.min << up) + (nmpu.norm_bias.min << bias_up)
        high = (accumulated.low * nmpu.norm_scale.min << up) + (nmpu.norm_bias.max << bias_up)
        # Without normalisation the accumulator itself, which a scale below 1 would keep smaller.
        up = frac - accumulated.fmt.frac_bits
        low, high = min(low, accumulated.low << up), max(high, accumulated.high << up)
        if max(-low, high) >= 1 << 61:
            raise ValueError(
                f"nmpu.norm_scale {nmpu.norm_scale} and nmpu.norm_bias {nmpu.norm_bias} on "
                f"{accumulated.fmt} need more than the 62 bits allowed")
        normalised = Interval.of(low, high, frac_bits=frac)
        residual, shift = _residual(normalised, enough=(1 << RESIDUAL_SHIFT_BITS) - 1)
        activated = normalised if not nmpu.residual else Interval.of(
            normalised.low + residual.low, normalised.high + residual.high, frac_bits=frac)
        return cls(product, combined, accumulated, partial, normalised, residual, shift, activated)


def _residual(normalised, *, enough):
    """The residual of the largest shift, up to ``enough``, and that shift."""
    largest = 128 * ((1 << RESIDUAL_SCALE_BITS) - 1)
    shift = max(min((normalised.high // largest).bit_length() - 1, enough), 0)
    return Interval.of(-largest << shift, largest << shift,
                       frac_bits=normalised.fmt.frac_bits), shift
