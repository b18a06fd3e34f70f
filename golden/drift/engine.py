"""The drift engine: references and present measurements in, corrected coefficients out."""

from golden.array.checks import check_integer
from golden.drift.divide import Refusal
from golden.drift.estimate import column, fit, tile
from golden.drift.measure import measure
from golden.drift.rewrite import rewrite

__all__ = ["KINDS", "METHODS", "SLOTS", "DriftEngine"]

KINDS = ("reference", "now")
"""What a measurement is kept as, in the order of their numbers in the register."""

METHODS = ("tile", "column", "fit")
"""Estimates, in the order of their numbers in the register."""

SLOTS = 2
"""Measurements of each kind that are kept, of different calibration inputs."""


class DriftEngine:
    """What the engine keeps and does, without its clocks.

    Parameters
    ----------
    config : TileConfig
        With a drift engine.
    base : Coefficients
        As the host wrote them. Every update starts from these.
    minimum : int
        Sums below are not trusted, see `golden.drift.estimate`; 32 bits.

    Attributes
    ----------
    updates, refusals : int
        Updates done and refused.
    refusal : Refusal
        Of the last update; ``NONE`` if it was done.
    """

    def __init__(self, config, base, *, minimum=0):
        if not config.drift.engine:
            raise ValueError("config must have drift.engine, which is false")
        if base.validate(config).exponent:
            raise ValueError(f"base must have exponent 0, not {base.exponent}")
        self.config = config
        self.base = base
        self.minimum = check_integer("minimum", minimum, low=0, high=(1 << 32) - 1)
        self.updates = self.refusals = 0
        self.refusal = Refusal.NONE
        self._kept = {}

    def measure(self, kind, slot, counts, *, absolute, weights=(1,)):
        """Keep the sums of ``counts`` (repeats, reads, 2, columns) in a slot.

        What the slot held is gone, even if a counter is full now.

        Parameters
        ----------
        kind : str
            Of `KINDS`.
        slot : int
            0 or 1.

        Returns
        -------
        Measurement
        """
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
        slot = check_integer("slot", slot, low=0, high=SLOTS - 1)
        kept = measure(counts, self.base, self.config, absolute=absolute, weights=weights)
        self._kept[kind, slot] = kept
        return kept

    def update(self, method):
        """Estimate and rewrite.

        Parameters
        ----------
        method : str
            Of `METHODS`. ``tile`` and ``column`` compare the absolute sums of slot 0, ``fit``
            the signed sums of both slots.

        Returns
        -------
        coefficients : Coefficients or None
            For the bank that is not in use; None if refused.
        refusal : Refusal
        """
        if method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, not {method!r}")
        coefficients, self.refusal = self._update(method)
        if self.refusal is Refusal.NONE:
            self.updates += 1
        else:
            self.refusals += 1
        return coefficients, self.refusal

    def _update(self, method):
        estimate, refusal = self.estimate(method)
        if refusal is not Refusal.NONE:
            return None, refusal
        return rewrite(self.base, estimate, self.config)

    def estimate(self, method):
        """The estimate of an update alone: a `golden.drift.estimate.Estimate` or None, and the
        refusal. Nothing is counted."""
        slots = range(SLOTS if method == "fit" else 1)
        references, nows = ([self._kept.get((kind, slot)) for slot in slots] for kind in KINDS)
        if not self._usable(method, [*references, *nows]):
            return None, Refusal.NO_REFERENCE
        if any(kept.saturated for kept in (*references, *nows)):
            return None, Refusal.SATURATED
        if method == "fit":
            return fit(references, nows, self.config, minimum=self.minimum)
        return {"tile": tile, "column": column}[method](
            references[0], nows[0], self.config, minimum=self.minimum)

    @staticmethod
    def _usable(method, kept):
        if None in kept or not all(kept[0].alike(other) for other in kept):
            return False
        if method != "fit":
            return kept[0].absolute
        reads = kept[0].repeats * kept[0].weight
        return not kept[0].absolute and reads & (reads - 1) == 0
