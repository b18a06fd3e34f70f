"""What a job is told."""

__all__ = ["DESTINATIONS"]

DESTINATIONS = ("none", "y", "activations", "sums")
"""Where the results of a job go: nowhere, so that the sums stay in the accumulators; the y stream;
the activation buffer; the stream of partial sums, as which the accumulated numbers leave."""
