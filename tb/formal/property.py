"""A property: what is claimed, of what, how far it is proven, and a mistake that breaks it."""

from collections.abc import Callable
from dataclasses import dataclass

from tb.formal.plant import Plant

__all__ = ["Property"]


@dataclass(frozen=True, kw_only=True)
class Property:
    """One claim.

    Members
    -------
    name : str
    sentence : str
        The claim in words.
    build : callable
        Fills a `Wrapper` with blocks, assumptions and what is required.
    plant : Plant
        A mistake in a block with which the claim must not hold.
    depth : int
        Clocks from reset in which the mistake must show, and what must be reachable is reached.
    mode : str
        ``reset``: from reset, one clock. ``anywhere``: the registers of the blocks hold anything in
        the beginning, so that what is far from reset is there at once. ``own_clocks``: the blocks
        have clocks of their own, and the wrapper sees every step of them.
    bounded : bool
        The claim is proven for that many clocks only; otherwise for all, by induction.
    """

    name: str
    sentence: str
    build: Callable
    plant: Plant
    depth: int = 20
    mode: str = "reset"
    bounded: bool = False
