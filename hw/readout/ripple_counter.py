"""One oscillator, counted without a clock: every flip-flop is clocked by the one before."""

from amaranth.hdl import Cat, ClockDomain, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["RippleCounter"]


class RippleCounter(wiring.Component):
    """Counts the rising edges of an oscillator, up to full scale, where it stays.

    Source of the kind of counter: Khaddam-Aljameh et al., HERMES-Core, IEEE JSSC 57(4), 1027-1038,
    2022: dual 12-bit ripple counters. The gate enables the first flip-flop instead of its clock,
    so closing it makes no edge. ``count`` moves for up to ``bits`` flip-flop delays after an edge;
    it may be sampled only when the gate has been closed for longer.

    Parameters
    ----------
    bits : int

    Members
    -------
    oscillator : In(1)
        Asynchronous to everything else.
    gate : In(1)
        Count; may change at any time.
    clear : In(1)
        Set the count to 0 at once; from a flip-flop.
    count : Out(bits)
    """

    def __init__(self, bits):
        super().__init__({
            "oscillator": In(1), "gate": In(1), "clear": In(1), "count": Out(bits)})

    def elaborate(self, platform):
        m = Module()
        stages = [Signal(name=f"bit_{k}") for k in range(len(self.count))]
        full = Cat(stages).all()
        for k, bit in enumerate(stages):
            domain = ClockDomain(f"stage_{k}", local=True, async_reset=True,
                                 clk_edge="neg" if k else "pos")
            # The nets themselves and no copies, so that the Verilog shows which bit clocks which.
            domain.clk = stages[k - 1] if k else self.oscillator
            domain.rst = self.clear
            m.domains += domain
            m.d[domain.name] += bit.eq(~bit if k else Mux(self.gate & ~full, ~bit, bit))
        m.d.comb += self.count.eq(Cat(stages))
        return m
