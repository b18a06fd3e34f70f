"""Faults, the safe state, and the way out of it."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.faults import FAULTS
from golden.registers import WATCHDOG_BITS

__all__ = ["FLUSH_CLOCKS", "Supervisor"]

FLUSH_CLOCKS = 4
"""Clocks of a flush: one to reach the parts, and room for the macro to drop what it was doing."""


class Supervisor(wiring.Component):
    """Puts the tile into the safe state when something goes wrong, and flushes it on request.

    While ``flush`` is 1 everything between the streams is in its reset state: no row is driven, no
    gate open, no pulse fired. A fault raises it in the next clock; ``recover`` raises it for
    `FLUSH_CLOCKS`, and ends the safe state unless a fault comes in the same clock. Without a fault
    it is an abort.

    Parameters
    ----------
    watchdog_bits : int
        Width of ``limit``.

    Members
    -------
    conversion_waits, pulse_waits : In(1)
        Counts are due and the macro does not hand them over; a pulse is wanted and the macro is not
        ready. For more than ``limit`` clocks without a break, each is a fault.
    limit : In(watchdog_bits)
        0: never.
    coefficient_parity, descriptor_parity, pulse_limit : In(1)
        Faults.
    recover : In(1)
    flush, safe : Out(1)
        ``safe``: because of a fault.
    fault : Out(1)
        One clock.
    code : Out(4)
        Of the first fault since reset or ``recover``: its place in `golden.faults.FAULTS`.
    """

    def __init__(self, *, watchdog_bits=WATCHDOG_BITS):
        super().__init__({
            "conversion_waits": In(1), "pulse_waits": In(1), "limit": In(watchdog_bits),
            "coefficient_parity": In(1), "descriptor_parity": In(1), "pulse_limit": In(1),
            "recover": In(1),
            "flush": Out(1), "safe": Out(1), "fault": Out(1), "code": Out(4),
        })

    def elaborate(self, platform):
        m = Module()
        left = Signal(range(FLUSH_CLOCKS + 1))
        hung = {name: self._watchdog(m, name, waits) for name, waits in (
            ("conversion", self.conversion_waits), ("pulse", self.pulse_waits))}
        found = {"conversion": hung["conversion"], "pulse": hung["pulse"],
                 "coefficient_parity": self.coefficient_parity,
                 "descriptor_parity": self.descriptor_parity, "pulse_limit": self.pulse_limit}
        code = 0
        for name, happens in reversed(found.items()):
            code = Mux(happens, FAULTS.index(name), code)

        m.d.comb += [
            self.flush.eq(self.safe | (left != 0)),
            # In a flush nothing is told twice: what was wrong then is reset.
            self.fault.eq((code != 0) & ~self.flush),
        ]
        with m.If(left != 0):
            m.d.sync += left.eq(left - 1)
        with m.If(self.fault):
            m.d.sync += [self.safe.eq(1), self.code.eq(code)]
        with m.If(self.recover):
            m.d.sync += left.eq(FLUSH_CLOCKS)
            with m.If(~self.fault):
                m.d.sync += [self.safe.eq(0), self.code.eq(0)]
        return m

    def _watchdog(self, m, name, waits):
        """Whether ``waits`` has lasted too long; the count stops there, so it does not wrap."""
        clocks = Signal.like(self.limit, name=f"{name}_clocks")
        over = Signal(name=f"{name}_hung")
        m.d.comb += over.eq((self.limit != 0) & waits & (clocks >= self.limit))
        with m.If(~waits | self.flush):
            m.d.sync += clocks.eq(0)
        with m.Elif(~over & ~clocks.all()):
            m.d.sync += clocks.eq(clocks + 1)
        return over
