"""The bus of a tile without the tile: bridge, map, registers and the coefficients behind them."""

from amaranth.hdl import Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.registers import STICKY
from hw.control.axi_lite import AxiLiteBridge
from hw.control.coefficient_window import CoefficientWindow
from hw.control.decode import Decode
from hw.control.registers import Registers
from hw.control.sequencer import measurement, settings
from hw.nmpu.coefficients import Coefficients
from hw.streams.axi import AxiLite

__all__ = ["PINS", "PULSES", "RegisterFile", "levels"]

PINS = ("swap_pending", "bank", "busy", *(f.name for f in STICKY), "read_captured", "result_sent")
"""What the rest of the tile tells the registers, bit by bit."""

PULSES = ("swap", "measure", "probe_clear", "elsewhere")
"""What a single access raises, for one clock."""


def levels(config):
    """Ports of the rest of the tile that hold numbers, and their widths."""
    bits = config.readout.counter_bits
    return {"window_clocks": 16, "probe_p": bits, "probe_n": bits}


class RegisterFile(wiring.Component):
    """Bridge, `Decode`, `Registers`, `CoefficientWindow` and `Coefficients`, joined as in the tile.

    ``reached`` is the coefficient bank that the bus reaches. Nobody is at the flags and the sums,
    so their accesses are refused; but ``elsewhere`` tells of them.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "axi": In(AxiLite()),
            "settings": Out(settings(config)), "measurement": Out(measurement(config)),
            "run": Out(1), "irq": Out(1), "reached": Out(1),
            "probe_column": Out(range(config.array.columns)),
            **{name: Out(1) for name in PULSES},
            **{name: In(1) for name in PINS},
            **{name: In(width) for name, width in levels(config).items()},
        })

    def elaborate(self, platform):
        m = Module()
        m.submodules.bridge = bridge = AxiLiteBridge()
        m.submodules.decode = decode = Decode()
        m.submodules.registers = registers = Registers(self._config)
        m.submodules.window = window = CoefficientWindow(self._config)
        m.submodules.coefficients = coefficients = Coefficients(self._config)
        wiring.connect(m, wiring.flipped(self.axi), bridge.axi)
        wiring.connect(m, bridge.bus, decode.bus)
        wiring.connect(m, decode.registers, registers.bus)
        wiring.connect(m, decode.coefficients, window.bus)
        wiring.connect(m, window.coefficients, coefficients.bus)
        m.d.comb += [
            self.reached.eq(coefficients.bus.bank),
            window.bank.eq(self.bank),
            window.swap_pending.eq(self.swap_pending),
            self.elsewhere.eq(decode.saturated.access | decode.sums.access),
            decode.saturated.refused.eq(1),
            decode.sums.refused.eq(1),
        ]
        for name in (*PINS, *levels(self._config)):
            m.d.comb += getattr(registers, name).eq(getattr(self, name))
        for name in ("settings", "measurement", "run", "swap", "measure", "irq", "probe_column",
                     "probe_clear"):
            m.d.comb += getattr(self, name).eq(getattr(registers, name))
        return m
