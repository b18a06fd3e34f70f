"""INL and DNL of a column: how far its counts are from evenly spaced.

Definitions: end-point INL and DNL of an analog-to-digital converter, as in IEEE Std 1241. With
``T_k`` the current at which the counter first shows ``k``, and the mean step between the first
and the last of them ``Q = (T_last - T_first)/(last - first)``:

    DNL_k = (T_{k+1} - T_k)/Q - 1            INL_k = (T_k - T_first)/Q - (k - first)

Both in counts; INL is 0 at both ends by definition.
"""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_integer, check_integers, check_reals
from golden.convert.oscillator import OscillatorBank

__all__ = ["Linearity", "linearity", "sweep"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Linearity:
    """Of one oscillator.

    Attributes
    ----------
    codes : int64 array, (n,)
        Counts ``first .. last`` whose transition was seen.
    transition_ua : float64 array, (n,)
    inl : float64 array, (n,)
        In counts.
    dnl : float64 array, (n - 1,)
        In counts; -1 is a missing code.
    """

    codes: np.ndarray
    transition_ua: np.ndarray
    inl: np.ndarray
    dnl: np.ndarray


def linearity(current_ua, counts):
    """INL and DNL from a ramp.

    Parameters
    ----------
    current_ua : array of float, (points,)
        Rising.
    counts : array of int, (points,)
        Not falling, with at least three different values.

    Returns
    -------
    Linearity
        As fine as the ramp: a transition is taken at the first current that shows the code.
    """
    current_ua = check_reals("current_ua", current_ua)
    counts = check_integers("counts", counts)
    if current_ua.ndim != 1 or counts.shape != current_ua.shape:
        raise ValueError(f"counts must have the shape of current_ua, {current_ua.shape} with one "
                         f"axis, not {counts.shape}")
    if (np.diff(current_ua) <= 0).any():
        raise ValueError("current_ua must rise from point to point")
    if (np.diff(counts) < 0).any():
        raise ValueError("counts must not fall while the current rises")
    if counts.size == 0 or counts[-1] - counts[0] < 2:
        raise ValueError("counts must rise by at least 2 over the ramp")
    codes = np.arange(counts[0] + 1, counts[-1] + 1)
    transition_ua = current_ua[np.searchsorted(counts, codes, side="left")]
    step = (transition_ua[-1] - transition_ua[0]) / (len(codes) - 1)
    if step == 0:
        raise ValueError("counts must not rise all at one point")
    return Linearity(codes=codes, transition_ua=transition_ua,
                     inl=(transition_ua - transition_ua[0]) / step - np.arange(len(codes)),
                     dnl=np.diff(transition_ua) / step - 1.0)


def sweep(bank, *, window_ns, points=20001, limit_ua=None):
    """Ramp all oscillators together from 0 to the end of the linear range.

    Parameters
    ----------
    bank : OscillatorBank
    window_ns : float
    points : int
        3..1048576.
    limit_ua : float, optional
        Default: the current limit of the bank.

    Returns
    -------
    current_ua : float64 array, (points,)
    counts : int64 array, (points, 2, columns)
    """
    if not isinstance(bank, OscillatorBank):
        raise TypeError(f"bank must be an OscillatorBank, not {bank!r}")
    points = check_integer("points", points, low=3, high=1 << 20)
    current_ua = np.linspace(0.0, bank.current_limit_ua if limit_ua is None else limit_ua, points)
    every = np.broadcast_to(current_ua[:, None, None], (points, 2, bank.columns))
    return current_ua, bank.counts(every, window_ns=window_ns)
