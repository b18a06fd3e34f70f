"""The address map: which part of the tile an access of the bus is for."""

from amaranth.hdl import Module, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.registers import (
    CHAIN_BASE,
    CHANNEL_BASES,
    COEFFICIENT_BASE,
    DESCRIPTOR_BASE,
    DRIFT_BASE,
    PROGRAM_BASE,
    SATURATED_BASE,
    SUM_BASE,
    VECTOR_BASE,
    WINDOW_BITS,
)
from hw.control.register_bus import RegisterBus

__all__ = ["Decode"]


class Decode(wiring.Component):
    """Hands each access to the part it is for; refuses those that are for none.

    Members
    -------
    bus : In(RegisterBus())
    registers, drift, saturated, sums, vectors, coefficients : Out(RegisterBus())
    descriptors, program, chain : Out(RegisterBus())
    channel_sums, channel_squares_low, channel_squares_high : Out(RegisterBus())
        All see every address and all data; one of them, at most, sees the access.
    """

    bus: In(RegisterBus())
    registers: Out(RegisterBus())
    drift: Out(RegisterBus())
    saturated: Out(RegisterBus())
    sums: Out(RegisterBus())
    vectors: Out(RegisterBus())
    channel_sums: Out(RegisterBus())
    channel_squares_low: Out(RegisterBus())
    channel_squares_high: Out(RegisterBus())
    coefficients: Out(RegisterBus())
    descriptors: Out(RegisterBus())
    program: Out(RegisterBus())
    chain: Out(RegisterBus())

    def elaborate(self, platform):
        m = Module()
        bus, page = self.bus, self.bus.address >> WINDOW_BITS
        parts = (
            (self.registers, page == 0),
            (self.drift, page == DRIFT_BASE >> WINDOW_BITS),
            (self.saturated, page == SATURATED_BASE >> WINDOW_BITS),
            (self.sums, page == SUM_BASE >> WINDOW_BITS),
            *((getattr(self, f"channel_{name}"), page == base >> WINDOW_BITS)
              for name, base in CHANNEL_BASES.items()),
            (self.vectors, page == VECTOR_BASE >> WINDOW_BITS),
            (self.coefficients, (bus.address >= COEFFICIENT_BASE)
             & (bus.address < DESCRIPTOR_BASE)),
            (self.descriptors, (bus.address >= DESCRIPTOR_BASE) & (bus.address < PROGRAM_BASE)),
            (self.program, page == PROGRAM_BASE >> WINDOW_BITS),
            (self.chain, page == CHAIN_BASE >> WINDOW_BITS),
        )
        m.d.comb += bus.refused.eq(1)
        for k, (part, chosen) in enumerate(parts):
            answers = Signal(name=f"answers_{k}")
            m.d.sync += answers.eq(chosen)
            m.d.comb += [
                part.access.eq(bus.access & chosen),
                part.write.eq(bus.write),
                part.address.eq(bus.address),
                part.data.eq(bus.data),
            ]
            with m.If(answers):
                m.d.comb += [bus.read.eq(part.read), bus.refused.eq(part.refused)]
        return m
