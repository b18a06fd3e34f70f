"""Conditions of a Liberty file: how likely a cell is in a state."""

import itertools

import numpy as np

from tb.power.expression import Expression

__all__ = ["Condition"]


class Condition:
    """That the pins of a cell fulfil an expression.

    Parameters
    ----------
    text : str
        As `Expression` takes it.
    complements : dict
        Pins that are the inverse of another one by name; they have no probability of their own.

    Members
    -------
    pins : tuple of str
        Pins that it depends on.
    """

    def __init__(self, text, complements=None):
        complements, expression = complements or {}, Expression(text)
        names = expression.pins
        self.pins = tuple(sorted({complements.get(name, name) for name in names}))
        states = np.array(list(itertools.product((False, True), repeat=len(self.pins))))
        values = dict(zip(self.pins, states.T, strict=True))
        values |= {name: ~values[complements[name]] for name in complements if name in names}
        self._states = states[expression(values)]

    def probability(self, ones):
        """How likely it is, were the pins independent.

        Parameters
        ----------
        ones : dict of float array, (instances,)
            Probability of a one by pin.

        Returns
        -------
        float array, (instances,)
        """
        each = np.array([ones[pin] for pin in self.pins])
        return np.where(self._states[:, :, None], each, 1 - each).prod(axis=1).sum(axis=0)
