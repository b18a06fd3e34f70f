"""The deciding half of program-and-verify, in exact integers: what hardware will compute.

Source of the loop: Le Gallo et al., Nature Electronics 6, 680-693, 2023, section IV and Methods:
at most 30 rounds of read and pulse; stop within 5 counts of the target; otherwise a square pulse
of 125..700 µA whose current is changed in proportion to the error. The factor of proportion, the
first current, the step of the current and the rounding are not public; ours are stated below.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_integer, check_integers
from golden.qformat import QFormat
from golden.requantise import Rounding, round_shift

__all__ = ["VerifySettings", "first_current", "verify_step"]


@dataclass(frozen=True, kw_only=True)
class VerifySettings:
    """Parameters of the loop.

    Parameters
    ----------
    max_rounds : int
        Most pulses per cell, 0..255. Published: 30 iterations.
    margin : int
        Converged if ``|read - target| < margin``, in counts, 1..4095. Published: 5.
    low, high : int
        Bounds of the pulse current in µA, 0..4095. Published: 125 and 700.
    start : int
        Current register before the first pulse, in µA, ``low..high``. Ours: the SET current.
    gain : int
        µA per count of error, raw in ``gain_format``. Ours: 2.
    gain_format : QFormat
        Unsigned. Ours: U(4,4).
    rounding : Rounding
        Of the change of current to whole µA. Ours: half to even.

    Raises
    ------
    TypeError, ValueError
        If a field is of the wrong type or range, or if an error of ``margin`` counts would not
        move the current.
    """

    max_rounds: int = 30
    margin: int = 5
    low: int = 125
    high: int = 700
    start: int = 125
    gain: int = 32
    gain_format: QFormat = QFormat(False, 4, 4)
    rounding: Rounding = Rounding.HALF_EVEN

    def __post_init__(self):
        check_integer("max_rounds", self.max_rounds, low=0, high=255)
        check_integer("margin", self.margin, low=1, high=4095)
        check_integer("high", self.high, low=0, high=4095)
        check_integer("low", self.low, low=0, high=self.high)
        check_integer("start", self.start, low=self.low, high=self.high)
        if not isinstance(self.gain_format, QFormat) or self.gain_format.signed:
            raise TypeError(f"gain_format must be an unsigned QFormat, not {self.gain_format!r}")
        check_integer("gain", self.gain, low=0, high=self.gain_format.max)
        object.__setattr__(self, "rounding", Rounding(self.rounding))
        if self.change(self.margin) == 0 or self.change(-self.margin) == 0:
            raise ValueError(f"gain must move the current at an error of {self.margin} counts, "
                             f"not {self.gain} in {self.gain_format}")

    def change(self, error):
        """Change of current, in µA, for an error in counts."""
        return round_shift(np.asarray(error, np.int64) * self.gain, self.gain_format.frac_bits,
                           self.rounding)


def first_current(magnitude, settings):
    """The current register before the loop: ``start``, and ``high`` for cells of target 0.

    A cell of target 0 has no polarity; it is left RESET and meets the loop there.
    """
    return np.where(check_integers("magnitude", magnitude) == 0, settings.high, settings.start)


def verify_step(magnitude, read, current, settings):
    """One verdict and the next current.

    Parameters
    ----------
    magnitude, read : int array
        Target and read in counts, both with the sign of the weight taken out.
    current : int array
        Current register, in µA.
    settings : VerifySettings

    Returns
    -------
    error : int64 array
        ``read - magnitude``.
    good : bool array
        Whether the cell is within the margin.
    current : int64 array
        Unchanged where good; else ``error * gain`` higher, rounded and clipped. More current
        leaves less conductance, so too much conductance asks for more current.
    """
    error = check_integers("read", read) - check_integers("magnitude", magnitude)
    good = np.abs(error) < settings.margin
    changed = np.clip(current + settings.change(error), settings.low, settings.high)
    return error, good, np.where(good, current, changed)
