"""What an array adds to its devices: wires, output noise, polarity, kind of read noise."""

from dataclasses import dataclass

import numpy as np

from golden.array.checks import check_number

__all__ = ["IR_DROP_UNIT", "ArrayEffects", "ir_drop_fraction", "ir_drop_profile"]

IR_DROP_UNIT = 5.7143e5
"""Published: ``1/(0.35 ohm * 5e-6 S)``, wire conductance per cell over device conductance."""


@dataclass(frozen=True, kw_only=True)
class ArrayEffects:
    """Effects of the array, all off by default.

    Parameters
    ----------
    read_noise : str
        ``"fresh"``: every read draws its own (read to read). ``"frozen"``: each device keeps one
        draw for ever, a spread from device to device that no averaging removes.
    ir_drop_scale : float
        Factor on the voltage drop along the columns: 1 as published, see `ir_drop_fraction`.
    output_noise : float
        Standard deviation of what each read adds to the difference of P and N, in units of one
        device at ``g_max_us`` driven for the whole window. Published: 0.04 (Rasch et al., Nature
        Communications 14:5282, 2023). Half of it goes to P and half,
        negated, to N.
    polarity_asymmetry : float
        Relative excess of the conductance seen with the other polarity of the read voltage,
        greater than -1: factor ``1 + asymmetry`` on everything that reaches N in a read of both
        device polarities. That there is an asymmetry is published (Le Gallo et al., Nature
        Electronics 6, 680-693, 2023), its size is not: the default is 0.

    Raises
    ------
    TypeError, ValueError
        If a field is of the wrong type or out of range.
    """

    read_noise: str = "fresh"
    ir_drop_scale: float = 0.0
    output_noise: float = 0.0
    polarity_asymmetry: float = 0.0

    def __post_init__(self):
        if self.read_noise not in ("fresh", "frozen"):
            raise ValueError(f"read_noise must be 'fresh' or 'frozen', not {self.read_noise!r}")
        check_number("ir_drop_scale", self.ir_drop_scale, minimum=0)
        check_number("output_noise", self.output_noise, minimum=0)
        check_number("polarity_asymmetry", self.polarity_asymmetry, above=-1)


def ir_drop_profile(rows):
    """``1 - (1 - j/n)^2`` for the rows ``j = 0..n - 1``; row 0 is next to the converter."""
    return 1.0 - (1.0 - np.arange(rows) / rows) ** 2


def ir_drop_fraction(load, rows):
    """``c = a (a (0.05 a - 0.2) + 0.5)`` with ``a = load rows/5.7143e5``.

    Steady state of a column of wire resistances as printed in Rasch et al., Nature
    Communications 14:5282, 2023: the drop is ``c sum_j w_j x_j (1 - (1 - j/n)^2)``. Its unit
    contains 0.35 ohm per cell and devices of 5 µS, whatever ``g_max_us`` is here.

    Parameters
    ----------
    load : array of float
        ``sum_j |w_j| |x_j|`` of a column, weights and inputs in units of full scale.
    rows : int
        Rows of the array.
    """
    a = load * (rows / IR_DROP_UNIT)
    return a * (a * (0.05 * a - 0.2) + 0.5)
