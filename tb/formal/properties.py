"""All properties, in the order of the page."""

from tb.formal import axi_lite, counters, idle, passage, streams, windows

__all__ = ["PROPERTIES"]

PROPERTIES = {claim.name: claim for claim in (
    *streams.PROPERTIES, *passage.PROPERTIES, *windows.PROPERTIES, *axi_lite.PROPERTIES,
    *counters.PROPERTIES, *idle.PROPERTIES)}
