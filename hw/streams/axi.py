"""AXI signatures, with the signal names that tools and people expect."""

from amaranth.hdl import Module
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from golden.registers import ADDRESS_BITS

__all__ = ["AxiLite", "AxiStream", "StreamFromAxi", "StreamToAxi", "beat", "ended_beat"]


def beat(width):
    """Payload of a stream inside the tile that becomes, or came from, AXI4-Stream."""
    return data.StructLayout({"data": width, "last": 1})


def ended_beat(width):
    """A beat on its way out: ``broken`` if its vector was cut off."""
    return data.StructLayout({"data": width, "last": 1, "broken": 1})


class AxiStream(wiring.Signature):
    """AXI4-Stream as its transmitter sees it: whole beats, ``tlast`` at the end of a vector.

    Parameters
    ----------
    width : int
        Bits of ``tdata``, whole bytes; element 0 in the lowest byte.
    user : bool
        There is a ``tuser``: with ``tlast`` it tells that the vector was cut off.
    """

    def __init__(self, width, *, user=False):
        if width % 8:
            raise ValueError(f"width must be whole bytes, not {width} bits")
        super().__init__({
            "tvalid": Out(1), "tready": In(1), "tdata": Out(width), "tlast": Out(1),
            **({"tuser": Out(1)} if user else {})})


class AxiLite(wiring.Signature):
    """AXI4-Lite with 32-bit data as its manager sees it."""

    def __init__(self):
        super().__init__({
            "awvalid": Out(1), "awready": In(1), "awaddr": Out(ADDRESS_BITS), "awprot": Out(3),
            "wvalid": Out(1), "wready": In(1), "wdata": Out(32), "wstrb": Out(4),
            "bvalid": In(1), "bready": Out(1), "bresp": In(2),
            "arvalid": Out(1), "arready": In(1), "araddr": Out(ADDRESS_BITS), "arprot": Out(3),
            "rvalid": In(1), "rready": Out(1), "rdata": In(32), "rresp": In(2)})


class StreamFromAxi(wiring.Component):
    """Names only: AXI4-Stream ``axi`` becomes stream ``o``, in the same clock."""

    def __init__(self, width):
        super().__init__({"axi": In(AxiStream(width)), "o": Out(stream.Signature(beat(width)))})

    def elaborate(self, platform):
        m = Module()
        m.d.comb += [
            self.o.valid.eq(self.axi.tvalid),
            self.o.payload.data.eq(self.axi.tdata),
            self.o.payload.last.eq(self.axi.tlast),
            self.axi.tready.eq(self.o.ready),
        ]
        return m


class StreamToAxi(wiring.Component):
    """Names only: stream ``i`` becomes AXI4-Stream ``axi``, in the same clock."""

    def __init__(self, width):
        super().__init__({"i": In(stream.Signature(ended_beat(width))),
                          "axi": Out(AxiStream(width, user=True))})

    def elaborate(self, platform):
        m = Module()
        m.d.comb += [
            self.axi.tvalid.eq(self.i.valid),
            self.axi.tdata.eq(self.i.payload.data),
            self.axi.tlast.eq(self.i.payload.last),
            self.axi.tuser.eq(self.i.payload.broken),
            self.i.ready.eq(self.axi.tready),
        ]
        return m
