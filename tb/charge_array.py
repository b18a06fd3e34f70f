"""The array of `sim_models/charge_oscillators.v`, as golden sees it."""

import numpy as np

from tb.bits import pack
from tb.integer_array import IntegerArray

__all__ = ["ChargeArray"]


class ChargeArray(IntegerArray):
    """An `IntegerArray` that the bench can be told; ``coarser`` bits make counts smaller.

    Every count is an edge to simulate.
    """

    def __init__(self, config, rng, *, coarser=0):
        super().__init__(config, rng)
        self._coarser = coarser

    def shift(self, longest=127):
        return super().shift(longest) + self._coarser

    def connect(self, dut):
        """Put conductances and shift on the bench's ports."""
        dut.conductance.value = pack(np.ravel(self._conductance), 8)
        dut.shift.value = self.shift()
