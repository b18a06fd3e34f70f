"""The bus of a tile without the tile: bridge, registers and the coefficient memory behind them."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.registers import STICKY
from hw.control.axi_lite import AxiLiteBridge
from hw.control.registers import Registers
from hw.control.sequencer import settings
from hw.nmpu.coefficients import Coefficients
from hw.streams.axi import AxiLite

__all__ = ["PINS", "RegisterFile"]

PINS = ("swap_pending", "bank", "busy", *(f.name for f in STICKY), "read_captured", "result_sent")
"""What the rest of the tile tells the registers."""


class RegisterFile(wiring.Component):
    """`AxiLiteBridge`, `Registers` and `Coefficients`, joined as in the tile.

    ``reached`` is the coefficient bank that the bus reaches.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "axi": In(AxiLite()),
            "settings": Out(settings(config)),
            "run": Out(1), "swap": Out(1), "irq": Out(1), "reached": Out(1),
            **{name: In(1) for name in PINS},
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.bridge = bridge = AxiLiteBridge()
        m.submodules.registers = registers = Registers(self._config)
        m.submodules.coefficients = coefficients = Coefficients(self._config)
        wiring.connect(m, wiring.flipped(self.axi), bridge.axi)
        wiring.connect(m, bridge.bus, registers.bus)
        wiring.connect(m, registers.coefficients, coefficients.bus)
        m.d.comb += self.reached.eq(coefficients.bus.bank)
        for name in PINS:
            m.d.comb += getattr(registers, name).eq(getattr(self, name))
        for name in ("settings", "run", "swap", "irq"):
            m.d.comb += getattr(self, name).eq(getattr(registers, name))
        return m
