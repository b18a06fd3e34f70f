"""The tile's own bus: an access takes one clock and is answered in the next."""

from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.registers import ADDRESS_BITS

__all__ = ["RegisterBus"]


class RegisterBus(wiring.Signature):
    """One access at a time, seen from the side that asks.

    Members
    -------
    access : Out(1)
        An access, in this clock and in neither of the two after it.
    write : Out(1)
    address : Out(ADDRESS_BITS)
    data : Out(32)
        Of a write.
    read : In(32)
        Answer to a read, in the clock after ``access``.
    refused : In(1)
        The access is not allowed and did nothing; in the clock after ``access``.
    """

    def __init__(self):
        super().__init__({
            "access": Out(1), "write": Out(1), "address": Out(ADDRESS_BITS), "data": Out(32),
            "read": In(32), "refused": In(1)})
