"""The coefficients on the bus: those of the bank that is not in use."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from hw.control.register_bus import RegisterBus
from hw.nmpu.coefficients import BASE, CoefficientBus

__all__ = ["CoefficientWindow"]


class CoefficientWindow(wiring.Component):
    """Eight words per column, as `golden.registers` places them.

    What is written goes into the bank that is not in use and, a clock later, into the base of the
    drift engine.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    bus : In(RegisterBus())
    coefficients : Out(CoefficientBus(config))
    bank : In(1)
        The bank in use.
    closed : In(1)
        Both banks are in use, or the drift engine writes: every access is refused.
    written : Out(1)
        A coefficient is written in this clock.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "bus": In(RegisterBus()),
            "coefficients": Out(CoefficientBus(config)),
            "bank": In(1),
            "closed": In(1),
            "written": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        bus, coefficients = self.bus, self.coefficients
        column = bus.address[5:15]
        allowed = Signal()
        m.d.comb += [
            allowed.eq((bus.address[:2] == 0) & (column < self._config.array.columns)
                       & ~self.closed & Mux(bus.write, coefficients.fits, coefficients.exists)),
            coefficients.bank.eq(~self.bank),
            coefficients.column.eq(column),
            coefficients.word.eq(bus.address[2:5]),
            coefficients.data.eq(bus.data.as_signed()),
            coefficients.inspect.eq(bus.access & ~bus.write & allowed),
            self.written.eq(bus.access & bus.write & allowed),
            coefficients.write.eq(self.written),
            bus.read.eq(Mux(bus.refused, 0, coefficients.read)),
        ]
        m.d.sync += bus.refused.eq(~allowed)
        if self._config.drift.engine:
            # The bus makes no access in the next clock, so none is disturbed.
            again = Signal()
            held = {name: Signal.like(getattr(coefficients, name), name=f"held_{name}")
                    for name in ("column", "word", "data")}
            m.d.sync += again.eq(self.written)
            with m.If(self.written):
                m.d.sync += [value.eq(getattr(coefficients, name))
                             for name, value in held.items()]
            with m.If(again):
                m.d.comb += [coefficients.bank.eq(BASE), coefficients.write.eq(1),
                             *(getattr(coefficients, name).eq(value)
                               for name, value in held.items())]
        return m
