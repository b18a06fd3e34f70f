"""The length of a pulse, and waiting for the write heads."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from golden.program.settings import LENGTH_BITS
from hw.program.payloads import Kind, pulse, settings

__all__ = ["Pulser"]


class Pulser(wiring.Component):
    """Gives one pulse after the other, each in its length and three clocks, and those in which the
    heads are not ready; a pulse that nobody fires takes one clock.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    i : In(stream.Signature(pulse(config)))
    settings : In(settings())
        Steady.
    ready : In(1)
        The write heads are ready.
    load : Out(1)
        The guard takes over ``i.payload``.
    fire, trailing : Out(1)
        The pulse; its end, which falls slowly.
    waiting : Out(1)
        For ``ready``.
    busy : Out(1)
        A pulse is under way.
    """

    def __init__(self, config):
        super().__init__({
            "i": In(stream.Signature(pulse(config))), "settings": In(settings()),
            "ready": In(1), "load": Out(1), "fire": Out(1), "trailing": Out(1),
            "waiting": Out(1), "busy": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        left = Signal(LENGTH_BITS)
        trailing = Signal(LENGTH_BITS)
        told, lengths = self.i.payload, self.settings
        with m.FSM() as fsm:
            with m.State("IDLE"):
                m.d.comb += self.i.ready.eq(1)
                m.d.sync += trailing.eq(Mux(told.kind == Kind.SET, lengths.set_trailing, 0))
                with m.Switch(told.kind):
                    with m.Case(Kind.RESET):
                        m.d.sync += left.eq(lengths.reset_clocks)
                    with m.Case(Kind.SET):
                        m.d.sync += left.eq(lengths.set_clocks)
                    with m.Case(Kind.LOOP):
                        m.d.sync += left.eq(lengths.pulse_clocks)
                with m.If(self.i.valid & told.fire.any()):
                    m.d.comb += self.load.eq(1)
                    m.next = "WAIT"
            with m.State("WAIT"):
                m.d.comb += self.waiting.eq(1)
                with m.If(self.ready):
                    m.next = "FIRE"
            with m.State("FIRE"):
                m.d.comb += self.fire.eq(1)
                m.d.sync += left.eq(left - 1)
                with m.If(left == 1):
                    m.d.sync += left.eq(trailing)
                    m.next = "HOLD"
                    with m.If(trailing != 0):
                        m.next = "TRAIL"
            with m.State("TRAIL"):
                m.d.comb += [self.fire.eq(1), self.trailing.eq(1)]
                m.d.sync += left.eq(left - 1)
                with m.If(left == 1):
                    m.next = "HOLD"
            with m.State("HOLD"):
                # The last clock of the pulse at the pins, which stay as they are for one more.
                m.next = "IDLE"
        m.d.comb += self.busy.eq(~fsm.ongoing("IDLE"))
        return m
