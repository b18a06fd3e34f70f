"""Which coefficient bank the next result uses, and when the other one is free."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["BankExchange"]


class BankExchange(wiring.Component):
    """Exchanges the banks between two results, and tells when nobody uses the old one.

    A result that is pinned to a bank makes that the bank in use. If an exchange waits and the
    result is pinned to the other bank, its start is that exchange; so neither ever waits for the
    other. It may start only if ``allowed``: in the other bank not while reads of it drain from an
    exchange, or the drift engine writes there.

    Members
    -------
    swap : In(1)
        Ask for the exchange.
    between : In(1)
        No result is under way: the next window, if one opens in the next clock, starts one.
    pins : In(1)
        A pinned result is loaded in this clock.
    pinned : In(1)
        The next result is pinned.
    pinned_bank : In(1)
    rewriting : In(1)
        The drift engine writes the bank that is not in use, or waits to.
    uses_bank : In(2)
        Banks that windows behind the opening still need.
    allowed : Out(1)
        The next result may start.
    bank : Out(1)
        Of the next result.
    pending : Out(1)
        An exchange was asked for, and the old bank is still needed or in use.
    closed : Out(1)
        The bank that is not in use is needed all the same.
    """

    swap: In(1)
    between: In(1)
    pins: In(1)
    pinned: In(1)
    pinned_bank: In(1)
    rewriting: In(1)
    uses_bank: In(2)
    allowed: Out(1)
    bank: Out(1)
    pending: Out(1)
    closed: Out(1)

    def elaborate(self, platform):
        m = Module()
        exchanged = Signal()
        other_used = self.uses_bank.bit_select(~self.bank, 1)
        m.d.comb += [
            # While an exchange waits, the engine waits for it and does not write yet.
            self.allowed.eq(~self.pinned | (self.pinned_bank == self.bank)
                            | (~exchanged & (self.pending | ~self.rewriting))),
            self.closed.eq(self.pending | other_used),
        ]
        with m.If(self.pins):
            m.d.sync += self.bank.eq(self.pinned_bank)
            with m.If(self.pending & (self.pinned_bank != self.bank)):
                m.d.sync += exchanged.eq(1)
        with m.Elif(self.between & self.pending & ~exchanged):
            m.d.sync += [self.bank.eq(~self.bank), exchanged.eq(1)]
        with m.If(exchanged & ~other_used):
            m.d.sync += [self.pending.eq(0), exchanged.eq(0)]
        # Later, so that a request in the very clock in which the last one is done counts.
        with m.If(self.swap):
            m.d.sync += self.pending.eq(1)
        return m
