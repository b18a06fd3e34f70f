"""All properties, in the order of the page."""

from tb.formal import (
    axi_lite,
    chains,
    counters,
    flushes,
    idle,
    jobs,
    passage,
    pulses,
    safe,
    streams,
    windows,
)

__all__ = ["PROPERTIES"]

PROPERTIES = {claim.name: claim for claim in (
    *streams.PROPERTIES, *passage.PROPERTIES, *windows.PROPERTIES, *axi_lite.PROPERTIES,
    *counters.PROPERTIES, *idle.PROPERTIES, *pulses.PROPERTIES, *safe.PROPERTIES,
    *flushes.PROPERTIES, *jobs.PROPERTIES, *chains.PROPERTIES)}
