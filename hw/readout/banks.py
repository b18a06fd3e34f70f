"""Which bank of counters counts, which waits for its capture, and what their reads carry."""

from amaranth.hdl import Array, Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.readout.payloads import tag

__all__ = ["Banks"]


class Banks(wiring.Component):
    """Takes turns with the banks of counters and keeps the tag of every read that is in one.

    A bank is used from the opening of its window to the capture of its counts. ``due`` rises in
    the first clock in which the gate at the pins is closed again, and stays for the oldest read
    until its capture; a window may open in the clock after it.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    active : In(1)
        A window is open.
    open : In(1)
        This is its first clock.
    close : In(1)
        This is its last clock, which is another one.
    tag : In(tag(config))
        Of the window that opens.
    free : Out(1)
        A window may open in the next clock, if none is open then; combinational from ``captured``.
    gate : Out(counter_banks)
        The bank counts: at the pins, one clock after ``active``.
    due : Out(1)
        A window has closed at the pins and its counts are due.
    due_bank : Out(1)
    due_tag : Out(tag(config))
    captured : In(1)
        They are being captured.
    uses_bank : Out(2)
        Bit ``b``: a read in the counters needs coefficient bank ``b``.
    busy : Out(1)
        A bank is used.
    """

    def __init__(self, config):
        self._config = config
        banks = config.readout.counter_banks
        super().__init__({
            "active": In(1), "open": In(1), "close": In(1), "tag": In(tag(config)),
            "free": Out(1),
            "gate": Out(banks),
            "due": Out(1), "due_bank": Out(1), "due_tag": Out(tag(config)),
            "captured": In(1),
            "uses_bank": Out(2),
            "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        banks = self._config.readout.counter_banks
        used = Signal(banks)
        closed = Signal(banks)
        held = [Signal(tag(self._config), name=f"tag_{k}") for k in range(banks)]
        # Numbers of banks; of one bank, always 0.
        coming = Signal()
        counting = Signal()
        closing = Signal()
        now = Mux(self.open, coming, counting)
        after = 1 - coming if banks == 2 else 0

        with m.If(self.open):
            m.d.sync += [
                counting.eq(coming),
                coming.eq(after),
                used.bit_select(coming, 1).eq(1),
            ]
            for k, value in enumerate(held):
                with m.If(coming == k):
                    m.d.sync += value.eq(self.tag)
        # The gate is a flip-flop behind: in the clock after the last one it is still open.
        m.d.sync += closing.eq(self.close)
        with m.If(closing):
            m.d.sync += closed.bit_select(counting, 1).eq(1)
        with m.If(self.captured):
            m.d.sync += [
                closed.bit_select(self.due_bank, 1).eq(0),
                used.bit_select(self.due_bank, 1).eq(0),
                self.due_bank.eq(1 - self.due_bank if banks == 2 else 0),
            ]
        m.d.sync += self.gate.eq(Mux(self.active, 1 << now, 0))

        m.d.comb += [
            self.free.eq(~used.bit_select(coming, 1) | (self.captured & (self.due_bank == coming))),
            self.due.eq(closed.bit_select(self.due_bank, 1)),
            self.due_tag.eq(Array(held)[self.due_bank]),
            self.busy.eq(used.any()),
            *(self.uses_bank[b].eq(Cat(
                (self.open & (self.tag.bank == b)),
                *(used[k] & (value.bank == b) for k, value in enumerate(held))).any())
              for b in range(2)),
        ]
        return m
