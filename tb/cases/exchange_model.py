"""What is known of the coefficient banks."""

__all__ = ["ExchangeModel"]


class ExchangeModel:
    """One exchange per request, before the next result; and the bank that a result is pinned to.

    ``bank`` is in use; an exchange was ``asked`` for, and ``exchanged`` while the old bank drains.
    """

    def __init__(self):
        self.bank, self.asked, self.exchanged = 0, False, False
        self.count = 0

    def allowed(self, *, pinned, bank, rewriting):
        """Whether the next result may start."""
        if not pinned or bank == self.bank:
            return True
        if self.asked:  # its start is the exchange, unless there was one
            return not self.exchanged
        return not rewriting

    def closed(self, uses_bank):
        """Whether nobody may write the bank that is not in use."""
        return self.asked or bool(uses_bank >> (1 - self.bank) & 1)

    def clock(self, *, swap, between, pins, pinned_bank, uses_bank):
        """The end of a clock; ``between`` two results and with no window to come."""
        old = 1 - self.bank
        released = self.exchanged and not uses_bank >> old & 1
        before = self.bank
        if pins:
            self.bank = pinned_bank
        elif between and self.asked and not self.exchanged:
            self.bank = old
        if self.bank != before and self.asked and not self.exchanged:
            self.exchanged = True
            self.count += 1
        # A request in the very clock in which the last one is done is a new one.
        self.asked = (self.asked and not released) or bool(swap)
        self.exchanged = self.exchanged and not released
