"""The coefficients on the bus: those of the bank that is not in use."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.control.register_bus import RegisterBus
from hw.nmpu.coefficients import CoefficientBus

__all__ = ["CoefficientWindow"]


class CoefficientWindow(wiring.Component):
    """Eight words per column, as `golden.registers` places them.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    bus : In(RegisterBus())
    coefficients : Out(CoefficientBus(config))
    bank : In(1)
        The bank in use.
    swap_pending : In(1)
        Both are in use, or about to be: every access is refused.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "bus": In(RegisterBus()),
            "coefficients": Out(CoefficientBus(config)),
            "bank": In(1),
            "swap_pending": In(1),
        })

    def elaborate(self, platform):
        m = Module()
        bus, coefficients = self.bus, self.coefficients
        column = bus.address[5:15]
        allowed = Signal()
        m.d.comb += [
            allowed.eq((bus.address[:2] == 0) & (column < self._config.array.columns)
                       & ~self.swap_pending
                       & Mux(bus.write, coefficients.fits, coefficients.exists)),
            coefficients.bank.eq(~self.bank),
            coefficients.column.eq(column),
            coefficients.word.eq(bus.address[2:5]),
            coefficients.data.eq(bus.data.as_signed()),
            coefficients.write.eq(bus.access & bus.write & allowed),
            bus.read.eq(Mux(bus.refused, 0, coefficients.read)),
        ]
        m.d.sync += bus.refused.eq(~allowed)
        return m
