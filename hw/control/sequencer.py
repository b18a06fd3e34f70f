"""The order of a read: load the rows, integrate, capture; and the bank exchange between results."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from golden.config import VECTOR_BITS
from hw.readout.payloads import tag

__all__ = ["Sequencer", "settings"]


def settings(config):
    """The fields of register SETTINGS that take effect with the first read of a result."""
    return data.StructLayout({
        "shift": config.nmpu.shift_bits,
        "relu": 1,
        "output_bits": 4,
        "input_bits": 4,
        "reads": range(config.nmpu.max_reads + 1),
    })


class Sequencer(wiring.Component):
    """Takes a vector when one is there, and steps one read through the array.

    A read costs the window, ``2**(input_bits-1)`` clocks, one clock to load, one for the pins'
    flip-flops, one to capture, and what the converters need to answer. The counts drain beside the
    next read.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    run : In(1)
        Start reads. Cleared, the read under way still ends.
    swap : In(1)
        Ask for the bank exchange.
    settings : In(settings(config))
        For the next result.
    vector_valid : In(1)
        A vector waits.
    load : Out(1)
        It is taken and loaded into the row drivers.
    input_bits : Out(4)
        Its width.
    active : Out(1)
        The window is open.
    tick : Out(7)
        Clocks since it opened.
    due : Out(1)
        The window has closed at the pins, counts are due.
    tag : Out(tag(config))
        Of the read under way.
    captured : In(1)
        Its counts are taken.
    uses_bank : In(2)
        Banks that reads behind the capture still need.
    bank : Out(1)
        Of the next result.
    swap_pending : Out(1)
        The exchange was asked for, and the old bank is still needed or in use.
    busy : Out(1)
        A read is under way.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "run": In(1),
            "swap": In(1),
            "settings": In(settings(config)),
            "vector_valid": In(1),
            "load": Out(1),
            "input_bits": Out(4),
            "active": Out(1),
            "tick": Out(7),
            "due": Out(1),
            "tag": Out(tag(config)),
            "captured": In(1),
            "uses_bank": In(2),
            "bank": Out(1),
            "swap_pending": Out(1),
            "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        held = Signal(settings(self._config))
        now = Signal(settings(self._config))
        index = Signal(range(self._config.nmpu.max_reads))
        first = Signal()
        last = Signal()
        final = Signal(7)
        asked = Signal()
        exchanged = Signal()

        m.d.comb += [
            first.eq(index == 0),
            now.eq(Mux(first, self.settings, held)),
            last.eq(index == now.reads - 1),
            self.input_bits.eq(now.input_bits),
            self.swap_pending.eq(asked),
        ]
        with m.Switch(held.input_bits):
            for bits in VECTOR_BITS:
                with m.Case(bits):
                    m.d.comb += final.eq((1 << (bits - 1)) - 1)

        with m.If(exchanged & ~self.uses_bank.bit_select(~self.bank, 1)):
            m.d.sync += [asked.eq(0), exchanged.eq(0)]
        # Later, so that a request in the very clock in which the last one is done counts.
        with m.If(self.swap):
            m.d.sync += asked.eq(1)

        with m.FSM():
            with m.State("WAIT"):
                with m.If(asked & ~exchanged & first):
                    m.d.sync += [self.bank.eq(~self.bank), exchanged.eq(1)]
                with m.Elif(self.run & self.vector_valid):
                    m.d.comb += self.load.eq(1)
                    m.d.sync += [
                        held.eq(now),
                        self.tag.first.eq(first),
                        self.tag.last.eq(last),
                        self.tag.bank.eq(self.bank),
                        self.tag.shift.eq(now.shift),
                        self.tag.relu.eq(now.relu),
                        self.tag.output_bits.eq(now.output_bits),
                        index.eq(Mux(last, 0, index + 1)),
                        self.tick.eq(0),
                    ]
                    m.next = "INTEGRATE"
            with m.State("INTEGRATE"):
                m.d.comb += [self.active.eq(1), self.busy.eq(1)]
                m.d.sync += self.tick.eq(self.tick + 1)
                with m.If(self.tick == final):
                    m.next = "CLOSE"
            with m.State("CLOSE"):
                # The pins are a flip-flop behind: their window is still open in this clock.
                m.d.comb += self.busy.eq(1)
                m.next = "CAPTURE"
            with m.State("CAPTURE"):
                m.d.comb += [self.due.eq(1), self.busy.eq(1)]
                with m.If(self.captured):
                    m.next = "WAIT"
        return m
