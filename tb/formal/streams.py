"""A stream that has offered something keeps offering it until it is taken."""

from hw.drive.input_buffer import InputBuffer
from tb.formal.plant import Plant
from tb.formal.property import Property

__all__ = ["PROPERTIES"]


def waiting(wrapper, stream):
    """In the clock before, something was offered and not taken."""
    return wrapper.before(stream.valid & ~stream.ready)


def steady(wrapper, stream):
    """Offered still, and the same."""
    payload = stream.payload.as_value() if hasattr(stream.payload, "as_value") else stream.payload
    return stream.valid & (payload == wrapper.before(payload))


def keeps(wrapper, stream):
    """Demand the rules of a stream that a block gives."""
    waits = waiting(wrapper, stream)
    wrapper.require(steady(wrapper, stream), when=waits)
    wrapper.reach(waits)


def kept(wrapper, stream):
    """Assume the rules of a stream that a block is given."""
    wrapper.assume(steady(wrapper, stream), when=waiting(wrapper, stream))


def input_buffer(wrapper):
    keeps(wrapper, wrapper.add(InputBuffer(rows=4, width=8)).o)


PROPERTIES = (
    Property(name="stream_input_buffer",
             sentence="A vector in the input buffer is offered, unchanged, until it is taken.",
             build=input_buffer,
             plant=Plant(InputBuffer, "self.i.ready.eq(~whole)", "self.i.ready.eq(1)")),
)
