"""Pauses of the streams and buses that cocotbext-axi drives."""

__all__ = ["pauses"]


def pauses(rng, longest):
    """Pause for up to ``longest`` clocks at a time, for ever; 0 never pauses."""
    while True:
        yield from [True] * int(rng.integers(0, longest, endpoint=True))
        yield False
