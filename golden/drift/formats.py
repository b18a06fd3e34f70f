"""Every intermediate format of the drift engine, proven from the configuration.

As in `golden.formats` each bound follows exactly from those before it; signal widths of the
hardware are those of these formats.
"""

from dataclasses import dataclass

from golden.formats import Interval, NmpuFormats

__all__ = ["DriftFormats"]


@dataclass(frozen=True)
class DriftFormats:
    """Intervals of the intermediates, in the order of the data.

    Parameters
    ----------
    sum : Interval
        Sum of a column over ``drift.max_repeats`` accumulated readouts, signed or absolute; raw
        has the fraction of ``NmpuFormats.accumulated``.
    difference : Interval
        Of two sums.
    total : Interval
        Absolute sums, or absolute differences of signed sums, added over all columns.
    scaled : Interval
        A scale times a gain, plus half a step of the largest shift.
    shifted : Interval
        An offset times a gain, plus the beta of polarity P and half a step of the largest shift.
    line : Interval
        What beta is shifted out of: a sum, less a gain times a sum, plus half a step.
    """

    sum: Interval
    difference: Interval
    total: Interval
    scaled: Interval
    shifted: Interval
    line: Interval

    @classmethod
    def of(cls, config):
        """The formats of ``config``, a `golden.config.TileConfig` with a drift engine."""
        accumulated, nmpu, gain = NmpuFormats.of(config).accumulated, config.nmpu, config.drift.gain
        most = accumulated.high * config.drift.max_repeats
        columns, frac = config.array.columns, accumulated.fmt.frac_bits
        half = 1 << (gain.frac_bits + config.exponents[-1] - 1)
        one = 1 << gain.frac_bits
        reads = config.drift.max_repeats * nmpu.max_reads

        def spans(name, low, high, frac_bits):
            if max(-low, high) >= 1 << 61:
                raise ValueError(f"drift.max_repeats {config.drift.max_repeats} and drift.gain "
                                 f"{gain} need more than the 62 bits allowed for the {name}")
            return Interval.of(low, high, frac_bits=frac_bits)

        return cls(
            sum=spans("sum", -most, most, frac),
            difference=spans("difference", -2 * most, 2 * most, frac),
            total=spans("total", 0, 2 * most * columns, frac),
            scaled=spans("scaled coefficient", 0, nmpu.scale.max * gain.max + half,
                         nmpu.scale.frac_bits + gain.frac_bits),
            shifted=spans("scaled coefficient", nmpu.offset.min * (gain.max + one),
                          nmpu.offset.max * (gain.max + one) + half,
                          nmpu.offset.frac_bits + gain.frac_bits),
            line=spans("offset of a line", -most * (gain.max + one),
                       most * (gain.max + one)
                       + (reads << (frac - nmpu.offset.frac_bits + gain.frac_bits)),
                       frac + gain.frac_bits))
