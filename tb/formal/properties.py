"""All properties, in the order of the page."""

from tb.formal import streams

__all__ = ["PROPERTIES"]

PROPERTIES = {claim.name: claim for group in (streams,) for claim in group.PROPERTIES}
