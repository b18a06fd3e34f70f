"""Calibration of a tile's converters over its registers: what to write, and what the sums say.

The macro applies a known current of ``code * lsb_ua`` to every column while all rows rest. The tile
counts it in ``repeats`` windows, the code growing by ``step`` from one to the next, and adds the
counts of one polarity; see registers REFERENCE, MEASURE and SUM. Three currents and two polarities
make six runs.

Source of the procedure: Khaddam-Aljameh et al., HERMES-Core, IEEE JSSC 57(4), 1027-1038, 2022,
section III-D. Codes, steps and what read modes make of the offset are ours.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from golden.array.checks import check_integer, check_integers, check_number
from golden.config import VECTOR_BITS
from golden.convert.calibrate import CURRENTS_UA, DITHER_UA, check_currents, gain_spread, solve
from golden.convert.linearity import linearity, sweep
from golden.convert.oscillator import CURRENT_LIMIT_UA, NOMINAL_GAIN_MHZ_PER_UA, OscillatorBank
from golden.convert.pulse import window_clocks
from golden.registers import MOST_REPEATS, REGISTERS, pack
from golden.requantise import quantise

__all__ = ["Plan", "Report", "Run", "calibrate", "correct", "correction", "golden_sums", "plan",
           "report"]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One measurement of the tile.

    Parameters
    ----------
    code : int
        Of the first window.
    step : int
        Added from window to window.
    repeats : int
        Windows.
    negative : bool
        The current flows into polarity N, otherwise P.
    """

    code: int
    step: int
    repeats: int
    negative: bool

    @property
    def codes(self):
        """The code of every window."""
        return self.code + self.step * np.arange(self.repeats)

    @property
    def mean_code(self):
        """Exact: a whole number of halves."""
        return self.code + self.step * (self.repeats - 1) / 2

    @property
    def writes(self):
        """Pairs (byte address, word), the last of which starts the run."""
        return tuple((REGISTERS[name].offset, word) for name, word in (
            ("REFERENCE", pack("REFERENCE", code=self.code, step=self.step)),
            ("MEASURE", pack("MEASURE", repeats=self.repeats, negative=self.negative, start=1))))


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The runs of one calibration.

    Parameters
    ----------
    runs : tuple of six Run
        Low current into P, into N, then the middle and the largest current.
    lsb_ua : float
        Current of code 1.
    input_bits : int
        What SETTINGS must hold meanwhile: it chooses the window.
    clock_ns : float
    """

    runs: tuple[Run, ...]
    lsb_ua: float
    input_bits: int
    clock_ns: float

    @property
    def currents_ua(self):
        """Mean currents, float64 array (3,)."""
        return self.lsb_ua * np.array([run.mean_code for run in self.runs[::2]])

    @property
    def window_ns(self):
        """Window of a measurement: that of one phase."""
        return window_clocks(self.input_bits) * self.clock_ns


def plan(config, *, lsb_ua, currents_ua=CURRENTS_UA, repeats=64, dither_ua=DITHER_UA,
         input_bits=None, clock_ns=1.0):
    """The runs that measure the converters of a tile.

    As in `golden.convert.calibrate.measure` the repeats step evenly over ``dither_ua`` up to each
    current, in whole codes: the last window has the largest code not above the current, and the
    mean is known exactly. If ``dither_ua`` has fewer codes than there are repeats, the step is one
    code and the span accordingly longer.

    Parameters
    ----------
    config : TileConfig
    lsb_ua : float
        Current of code 1 in µA, a property of the macro; greater than 0.
    currents_ua : sequence of 3 float
        Rising.
    repeats : int
        Windows for each current and column, 1..`golden.registers.MOST_REPEATS`.
    dither_ua : float
        At least 0; with 0 all repeats have the same current.
    input_bits : int, optional
        Chooses the window; default the widest input, which counts most finely.
    clock_ns : float
        Clock of the tile, greater than 0.

    Returns
    -------
    Plan

    Raises
    ------
    TypeError, ValueError
        If an argument is of the wrong type or range, or a code does not fit ``reference_bits``.
    """
    lsb_ua = check_number("lsb_ua", lsb_ua, above=0)
    clock_ns = check_number("clock_ns", clock_ns, above=0)
    dither_ua = check_number("dither_ua", dither_ua, minimum=0)
    repeats = check_integer("repeats", repeats, low=1, high=MOST_REPEATS)
    currents_ua = check_currents(currents_ua)
    widths = [bits for bits in VECTOR_BITS if bits <= config.drive.input_bits]
    input_bits = widths[0] if input_bits is None else input_bits
    if input_bits not in widths:
        raise ValueError(f"input_bits must be one of {', '.join(map(str, widths))}, "
                         f"not {input_bits!r}")

    step = max(round(dither_ua / (lsb_ua * repeats)), 1) if dither_ua else 0
    # A current that is a whole number of codes may come out of the division a hair below.
    last = [math.floor(current / lsb_ua * (1 + 1e-12)) for current in currents_ua]
    bits, span = config.readout.reference_bits, step * (repeats - 1)
    if last[2] >= 1 << bits:
        raise ValueError(f"currents_ua must end below {lsb_ua * (1 << bits):g}, what {bits} bits "
                         f"of {lsb_ua:g} reach, not at {currents_ua[2]:g}")
    if last[0] <= span:
        raise ValueError(f"currents_ua must start at {lsb_ua * (span + 1):g} or above, for "
                         f"{repeats} repeats in steps of {lsb_ua * step:g}, not at "
                         f"{currents_ua[0]:g}")
    if not last[0] < last[1] < last[2]:
        raise ValueError(f"currents_ua must differ by at least {lsb_ua:g}, one code, not "
                         f"{currents_ua.tolist()}")
    return Plan(runs=tuple(Run(code=code - span, step=step, repeats=repeats, negative=negative)
                           for code in last for negative in (False, True)),
                lsb_ua=lsb_ua, input_bits=int(input_bits), clock_ns=clock_ns)


def golden_sums(plan, bank):
    """What a tile reads back of a golden bank: sums of whole counts, int64 (3, 2, columns)."""
    sums = np.empty((len(plan.runs), bank.columns), np.int64)
    for total, run in zip(sums, plan.runs, strict=True):
        current = np.zeros((run.repeats, 2, bank.columns))
        current[:, int(run.negative)] = plan.lsb_ua * run.codes[:, None]
        total[:] = bank.counts(current, window_ns=plan.window_ns)[:, int(run.negative)].sum(axis=0)
    return sums.reshape(3, 2, bank.columns)


def calibrate(plan, sums, config):
    """The law of every oscillator from the sums of all runs.

    Parameters
    ----------
    plan : Plan
    sums : int array, (3, 2, columns)
        As read from SUM after each run, in the order of ``plan.runs``.
    config : TileConfig

    Returns
    -------
    golden.convert.calibrate.Calibration

    Raises
    ------
    TypeError, ValueError
        If ``sums`` are of the wrong type or shape, more than that many windows can count, if no
        oscillator could have counted so, or if a counter was full in the last window: by its law,
        for the sum alone does not tell.
    """
    sums = check_integers("sums", sums)
    shape = (3, 2, config.array.columns)
    if sums.shape != shape:
        raise ValueError(f"sums must have shape {shape}, not {sums.shape}")
    repeats = plan.runs[0].repeats
    top = repeats * ((1 << config.readout.counter_bits) - 1)
    if sums.min() < 0 or sums.max() > top:
        raise ValueError(f"sums must be from 0 to {top}, not {sums.min()} to {sums.max()}")
    found = solve(plan.currents_ua, sums / repeats, window_ns=plan.window_ns,
                  counter_bits=config.readout.counter_bits)
    highest_ua = plan.lsb_ua * plan.runs[-1].codes[-1]
    periods = plan.window_ns / 1000.0 * (
        found.gain_mhz_per_ua * highest_ua / (1.0 + found.nonlinearity_per_ua * highest_ua)
        + found.offset_mhz)
    full = (1 << config.readout.counter_bits) - 1
    if periods.max() >= full:
        polarity, column = np.unravel_index(periods.argmax(), periods.shape)
        raise ValueError(f"counts of {'PN'[polarity]} of column {column} must stay below the full "
                         f"counter of {full} up to {highest_ua:g} µA, not reach "
                         f"{periods.max():.1f}")
    return found


def correction(calibration, settings, *, clock_ns=1.0, limit_ua=CURRENT_LIMIT_UA):
    """Scale and offset of a read in the mode of ``settings``.

    A vector is read in windows ``T_k`` of weight ``w_k``. Where its current is ``i_k``, an
    oscillator counts ``n_k = T_k (A i_k/(1 + B i_k) + C) - 1/2`` in the mean, and the tile adds
    ``sum_k w_k (s n_k + o)``. That should be ``35 sum_k w_k T_k i_k``, with 35 MHz/µA the nominal
    gain. The scale does not depend on a window: it is that of one phase. With E the half of the
    largest bend per unit of time, see `golden.convert.calibrate.Calibration.affine`, the constants
    are cancelled by

        o sum_k w_k = - sum_k w_k (s (C T_k - 1/2) + E T_k)
        o = - s (C T - 1/2) - E T                        T = (sum_k w_k T_k)/(sum_k w_k)

    which is the offset of a single read in the mean window T: every read drops half a count
    whatever its length, and C and the bend grow with it. T is 128 clocks for one phase of 8-bit
    inputs, 136/9 for split ones and 6 for bit-serial ones.

    In four phases each oscillator is driven in two. In the others it has no current, so it counts
    ``trunc(max(C T, 0))`` exactly and neither bends nor drops half a count in the mean:

        o = (- s (C T - 1/2) - E T - s trunc(max(C T, 0)))/2

    Parameters
    ----------
    calibration : golden.convert.calibrate.Calibration
    settings : golden.settings.Settings
        Its ``read_mode`` and ``input_bits`` count.
    clock_ns, limit_ua : float
        Clock of the tile; end of the linear range.

    Returns
    -------
    scale, offset : float64 array, (2, columns)
    """
    clock_ns = check_number("clock_ns", clock_ns, above=0)
    mode = settings.mode
    reads = mode.reads(np.zeros((0, 1), np.int64))
    weights = np.array([read.weight for read in reads])
    windows_ns = clock_ns * np.array([read.window_clocks for read in reads])
    scale, offset = calibration.affine(window_ns=float(np.average(windows_ns, weights=weights)),
                                       limit_ua=limit_ua)
    if mode.phases == 4:
        resting = np.trunc(np.maximum(calibration.offset_mhz[..., None] * windows_ns / 1000.0, 0))
        offset = (offset - scale * np.average(resting, axis=-1, weights=weights)) / 2.0
    return scale, offset


def correct(coefficients, scale, offset, config):
    """``coefficients`` with another scale and offset, to nearest in their formats.

    Parameters
    ----------
    coefficients : golden.nmpu.Coefficients
    scale, offset : float64 array, (2, columns)
        As `correction` gives them.
    config : TileConfig

    Returns
    -------
    golden.nmpu.Coefficients

    Raises
    ------
    ValueError
        If one does not fit; the message names it.
    """
    return replace(coefficients, scale=quantise(scale, config.nmpu.scale, name="scale"),
                   offset=quantise(offset, config.nmpu.offset, name="offset")).validate(config)


@dataclass(frozen=True, kw_only=True)
class Report:
    """A bank before and after, over a ramp from 0 to the end of the linear range.

    Attributes
    ----------
    gain_sigma_before, gain_sigma_after : float
        Standard deviation over all oscillators, relative to the mean.
    gain_worst_after : float
        Largest relative distance of an oscillator from the nominal gain.
    inl_before, inl_after : float
        Largest end-point INL: in counts of each oscillator, and in corrected counts.
    error_after : float
        Largest distance of a corrected count from the nominal line, in counts.
    """

    gain_sigma_before: float
    gain_sigma_after: float
    gain_worst_after: float
    inl_before: float
    inl_after: float
    error_after: float


PIECE = 32
"""Columns that `report` sweeps at once, in some 50 MB."""


def report(bank, scale, offset, *, window_ns, points=20001):
    """What scale and offset make of a bank.

    The gain of an oscillator is that of the line through its first and its last transition. A line
    scales its INL and changes no more of it. The first ramp point, no current, is left out of
    ``error_after``: an oscillator at rest does not drop half a count.

    Parameters
    ----------
    bank : OscillatorBank
    scale, offset : array of float, (2, columns)
        What the tile applies to a count in ``window_ns``, see `golden.nmpu.Coefficients.real`.
    window_ns : float
    points : int
        Of the ramp; it resolves INL to ``35 * 100/points * window_ns/1000`` counts.

    Returns
    -------
    Report
    """
    nominal = NOMINAL_GAIN_MHZ_PER_UA * window_ns / 1000.0
    slope, inl = np.empty((2, 2, bank.columns))
    error = 0.0
    for start in range(0, bank.columns, PIECE):
        part = np.s_[:, start:start + PIECE]
        current_ua, counts = sweep(_columns(bank, part), window_ns=window_ns, points=points)
        for place in np.ndindex(counts.shape[1:]):
            found = linearity(current_ua, counts[:, *place])
            here = place[0], start + place[1]
            inl[here] = np.abs(found.inl).max()
            slope[here] = ((found.codes[-1] - found.codes[0])
                           / (found.transition_ua[-1] - found.transition_ua[0]))
        corrected = scale[part] * counts[1:] + offset[part]
        error = max(error, np.abs(corrected - nominal * current_ua[1:, None, None]).max())
    gain = slope * scale
    return Report(gain_sigma_before=gain_spread(slope), gain_sigma_after=gain_spread(gain),
                  gain_worst_after=float(np.abs(gain / nominal - 1.0).max()),
                  inl_before=float(inl.max()), inl_after=float((inl * scale).max()),
                  error_after=float(error))


def _columns(bank, part):
    return OscillatorBank(gain_mhz_per_ua=bank.gain_mhz_per_ua[part],
                          nonlinearity_per_ua=bank.nonlinearity_per_ua[part],
                          offset_mhz=bank.offset_mhz[part], counter_bits=bank.counter_bits,
                          current_limit_ua=bank.current_limit_ua)
