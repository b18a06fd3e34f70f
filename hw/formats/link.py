"""Connecting streams whose payloads must have the same format, not just the same width."""

from amaranth.lib import wiring

__all__ = ["link"]


def link(m, source, sink):
    """Connect stream ``source`` to stream ``sink``.

    Raises
    ------
    TypeError
        If the payload shapes differ, where `amaranth.lib.wiring.connect` compares widths only.
    """
    if source.payload.shape() != sink.payload.shape():
        raise TypeError(f"payload mismatch: {source.payload.shape()!r} drives "
                        f"{sink.payload.shape()!r}")
    wiring.connect(m, source, sink)
