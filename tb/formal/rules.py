"""The rules of a stream: what was offered and not taken is offered again, and is the same."""

from amaranth.hdl import Value

__all__ = ["keeps", "kept", "taken", "waiting"]


def waiting(wrapper, stream):
    """In the clock before, something was offered and not taken."""
    return wrapper.before(stream.valid & ~stream.ready)


def _again(wrapper, stream):
    payload = Value.cast(stream.payload)
    return stream.valid & (payload == wrapper.before(payload))


def keeps(wrapper, stream):
    """Demand the rules of a stream that a block gives."""
    waits = waiting(wrapper, stream)
    wrapper.require(_again(wrapper, stream), when=waits)
    wrapper.reach(waits)


def kept(wrapper, stream):
    """Assume them of a stream that a block is given."""
    wrapper.assume(_again(wrapper, stream), when=waiting(wrapper, stream))


def taken(stream):
    """Something passes in this clock."""
    return stream.valid & stream.ready
