"""Inputs to pulse lengths: sign and magnitude, one clock per unit of magnitude."""

import numpy as np

from golden.array.checks import check_integer, check_integers

READ_VOLTAGE_V = 0.2
"""Of the published 0.1..0.4 V (Le Gallo et al., Nature Electronics 6, 680, 2023)."""

WINDOW_CLOCKS = 128
"""Window of 8-bit inputs, at one clock per nanosecond (Khaddam-Aljameh et al., see below)."""


def window_clocks(input_bits):
    """Clocks of the integration window: ``2^(input_bits - 1)``, 128 for 8 bits.

    Source: Khaddam-Aljameh et al., IEEE JSSC 57(4), 1027-1038, 2022: 8-bit sign-magnitude
    inputs, 7 magnitude bits as pulse width at 1 GHz, 128 ns of integration. Other widths
    follow the same rule by our choice.

    Raises
    ------
    TypeError, ValueError
        If ``input_bits`` is not an integer in 2..8.
    """
    return 1 << (check_integer("input_bits", input_bits, low=2, high=8) - 1)


def pulse_lengths(x, *, input_bits):
    """Signed pulse lengths of integer inputs.

    Sign-magnitude has as many negative as positive values, so the most negative
    two's-complement number has no magnitude and is clipped by one: -128 gives -127.

    Parameters
    ----------
    x : array of int, any shape
    input_bits : int
        Width of an input with its sign, 2..8.

    Returns
    -------
    lengths : array of int64
        Clocks, with the sign of the input, in ``-(2^(input_bits-1) - 1)..2^(input_bits-1) - 1``.
    clipped : array of bool
        True where the input did not fit.

    Raises
    ------
    TypeError, ValueError
        If ``x`` is not of integers or ``input_bits`` not an integer in 2..8.
    """
    limit = window_clocks(input_bits) - 1
    x = check_integers("x", x)
    lengths = np.clip(x, -limit, limit)
    return lengths, lengths != x
