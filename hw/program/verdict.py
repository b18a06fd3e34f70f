"""The deciding half of program-and-verify: error, margin, next current."""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.array.verify import VerifySettings
from golden.program.formats import ProgramFormats
from golden.program.settings import CURRENT_BITS

__all__ = ["Verdict"]


class Verdict(wiring.Component):
    """``golden.array.verify.verify_step`` of a cell, from its signed target and sum.

    Latency is 3 clocks; throughput is one cell per clock. A change of current is rounded to
    nearest, ties to even.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    target, sum : In(signed)
        `golden.program.formats.ProgramFormats`; counts.
    current : In(12)
        In µA, like the next two, which are steady.
    low, high : In(12)
    margin : In(12)
        Counts; steady.
    gain : In(8)
        U(4,4), µA per count; steady.
    error : Out(signed)
        Sum less target, with the sign of the target taken out.
    good : Out(1)
        Its magnitude is below the margin.
    next : Out(12)
        The current changed by ``error * gain``, within its bounds.
    """

    latency = 3

    def __init__(self, config):
        self._formats = formats = ProgramFormats.of(config)
        super().__init__({
            "target": In(signed(formats.target.fmt.width)),
            "sum": In(signed(formats.sum.fmt.width)),
            "current": In(CURRENT_BITS),
            "low": In(CURRENT_BITS), "high": In(CURRENT_BITS),
            "margin": In(12), "gain": In(VerifySettings().gain_format.width),
            "error": Out(signed(formats.error.fmt.width)),
            "good": Out(1),
            "next": Out(CURRENT_BITS),
        })

    def elaborate(self, platform):
        m = Module()
        formats, frac = self._formats, VerifySettings().gain_format.frac_bits

        error = Signal.like(self.error)
        current = [Signal(CURRENT_BITS, name=f"current_{k}") for k in range(2)]
        negative = self.target < 0
        m.d.sync += [
            error.eq(Mux(negative, self.target - self.sum, self.sum - self.target)),
            current[0].eq(self.current),
        ]

        product = Signal(signed(formats.product.fmt.width))
        good = Signal()
        error_1 = Signal.like(error)
        m.d.sync += [
            product.eq(error * self.gain),
            good.eq((error < self.margin) & (error > -self.margin)),
            error_1.eq(error),
            current[1].eq(current[0]),
        ]

        total = Signal(signed(formats.current.fmt.width))
        floor, dropped, half = product >> frac, product[:frac], 1 << (frac - 1)
        up = (dropped > half) | ((dropped == half) & floor[0])
        m.d.sync += [total.eq(current[1] + floor + up), self.good.eq(good),
                     self.error.eq(error_1)]
        m.d.comb += self.next.eq(
            Mux(total < self.low, self.low, Mux(total > self.high, self.high, total)))
        return m
