"""AXI4-Lite to the tile's own bus, which answers every access after one clock."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.control.register_bus import RegisterBus
from hw.streams.axi import AxiLite

__all__ = ["AxiLiteBridge"]

OKAY, SLVERR = 0b00, 0b10


class AxiLiteBridge(wiring.Component):
    """Takes one access at a time, a read and a write in turn when both wait.

    A write is taken when address and data are both there, and answered two clocks later, a read
    likewise. A write with part of the byte strobes is refused: a register is written whole.

    Members
    -------
    axi : In(AxiLite())
    bus : Out(RegisterBus())
    """

    axi: In(AxiLite())
    bus: Out(RegisterBus())

    def elaborate(self, platform):
        m = Module()
        axi, bus = self.axi, self.bus
        write_waits = axi.awvalid & axi.wvalid
        partial = Signal()
        read_turn = Signal()

        with m.FSM():
            with m.State("TAKE"):
                with m.If(write_waits & ~(axi.arvalid & read_turn)):
                    m.d.comb += [
                        axi.awready.eq(1),
                        axi.wready.eq(1),
                        bus.access.eq(axi.wstrb.all()),
                        bus.write.eq(1),
                        bus.address.eq(axi.awaddr),
                        bus.data.eq(axi.wdata),
                    ]
                    m.d.sync += [partial.eq(~axi.wstrb.all()), read_turn.eq(1)]
                    m.next = "WRITTEN"
                with m.Elif(axi.arvalid):
                    m.d.comb += [
                        axi.arready.eq(1),
                        bus.access.eq(1),
                        bus.address.eq(axi.araddr),
                    ]
                    m.d.sync += read_turn.eq(0)
                    m.next = "READ"
            with m.State("WRITTEN"):
                m.d.sync += [
                    axi.bvalid.eq(1),
                    axi.bresp.eq(OKAY),
                ]
                with m.If(bus.refused | partial):
                    m.d.sync += axi.bresp.eq(SLVERR)
                m.next = "ANSWER_WRITE"
            with m.State("ANSWER_WRITE"):
                with m.If(axi.bready):
                    m.d.sync += axi.bvalid.eq(0)
                    m.next = "TAKE"
            with m.State("READ"):
                m.d.sync += [
                    axi.rvalid.eq(1),
                    axi.rdata.eq(bus.read),
                    axi.rresp.eq(OKAY),
                ]
                with m.If(bus.refused):
                    m.d.sync += axi.rresp.eq(SLVERR)
                m.next = "ANSWER_READ"
            with m.State("ANSWER_READ"):
                with m.If(axi.rready):
                    m.d.sync += axi.rvalid.eq(0)
                    m.next = "TAKE"
        return m
