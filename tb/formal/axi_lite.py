"""AXI4-Lite: one answer per request, held until it is taken, never two requests at a time."""

from amaranth.hdl import Mux, Signal

from hw.control.axi_lite import OKAY, SLVERR, AxiLiteBridge
from tb.formal.plant import Plant
from tb.formal.property import Property

__all__ = ["PROPERTIES", "requests_kept"]


def requests_kept(wrapper, axi):
    """The manager holds an address or data until it is taken."""
    for channel, fields in (("aw", ("awaddr",)), ("w", ("wdata", "wstrb")), ("ar", ("araddr",))):
        valid, ready = getattr(axi, f"{channel}valid"), getattr(axi, f"{channel}ready")
        waits = wrapper.before(valid & ~ready)
        wrapper.assume(valid, when=waits)
        for name in fields:
            value = getattr(axi, name)
            wrapper.assume(value == wrapper.before(value), when=waits)


def _passes(axi):
    """(write taken, write answered, read taken, read answered)"""
    return (axi.awvalid & axi.awready, axi.bvalid & axi.bready,
            axi.arvalid & axi.arready, axi.rvalid & axi.rready)


def answers(wrapper):
    axi = wrapper.add(AxiLiteBridge()).axi
    write, wrote, read, got = _passes(axi)
    wrapper.require((axi.wvalid & axi.wready) == write)
    writes = wrapper.counted(write, wrote, most=1)
    reads = wrapper.counted(read, got, most=1)
    wrapper.require((writes != 0) | ~axi.bvalid)
    wrapper.require((reads != 0) | ~axi.rvalid)
    wrapper.require(~(write | read), when=(writes | reads) != 0)
    wrapper.require(~(write & read))
    wrapper.reach(wrote & wrapper.before(axi.bvalid))
    wrapper.reach(got & wrapper.before(axi.rvalid))


def held(wrapper):
    axi = wrapper.add(AxiLiteBridge()).axi
    for valid, ready, values in ((axi.bvalid, axi.bready, (axi.bresp,)),
                                 (axi.rvalid, axi.rready, (axi.rdata, axi.rresp))):
        waits = wrapper.before(valid & ~ready)
        wrapper.require(valid, when=waits)
        for value in values:
            wrapper.require(value == wrapper.before(value), when=waits)
        wrapper.reach(waits)


def access(wrapper):
    """One access of the own bus per request, and its answer is what the bus said a clock later."""
    bridge = wrapper.add(AxiLiteBridge())
    axi, bus = bridge.axi, bridge.bus
    write, _, read, _ = _passes(axi)
    whole = axi.wstrb.all()
    wrapper.require(bus.access == (read | (write & whole)))
    wrapper.require(bus.write & (bus.address == axi.awaddr) & (bus.data == axi.wdata),
                    when=write & whole)
    wrapper.require(~bus.write & (bus.address == axi.araddr), when=read)
    refused = Signal()
    said = Signal(32)
    answered = wrapper.before(write | read)
    with wrapper.m.If(answered):
        wrapper.m.d.sync += [refused.eq(bus.refused | wrapper.before(write & ~whole)),
                             said.eq(bus.read)]
    wrapper.require(axi.bresp == Mux(refused, SLVERR, OKAY), when=axi.bvalid)
    wrapper.require((axi.rresp == Mux(refused, SLVERR, OKAY)) & (axi.rdata == said),
                    when=axi.rvalid)
    wrapper.reach(axi.bvalid & (axi.bresp == SLVERR) & wrapper.before(~refused))
    wrapper.reach(axi.rvalid & (axi.rdata != 0))


PROPERTIES = (
    Property(
        name="axi_lite_answers",
        sentence="Every request is answered once, none without a request, one at a time.",
        build=answers,
        plant=Plant(AxiLiteBridge, "m.d.sync += axi.rvalid.eq(0)", "m.d.sync += axi.bvalid.eq(0)")),
    Property(
        name="axi_lite_held",
        sentence="An answer is offered, unchanged, until it is taken.",
        build=held,
        plant=Plant(AxiLiteBridge, "with m.If(axi.bready):",
                    "with m.If(axi.bready | axi.awvalid):")),
    Property(
        name="axi_lite_access",
        sentence="A request is one access of the own bus, and its answer is what the bus said.",
        build=access,
        plant=Plant(AxiLiteBridge, "with m.If(bus.refused | partial):", "with m.If(bus.refused):")),
)
