"""The bus of a tile without the tile: bridge, map, registers and the coefficients behind them."""

from amaranth.hdl import Cat, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.registers import CHANNEL_BASES, STICKY
from hw.control.axi_lite import AxiLiteBridge
from hw.control.coefficient_window import CoefficientWindow
from hw.control.decode import Decode
from hw.control.registers import Registers
from hw.control.settings import measurement, settings
from hw.drift.registers import DriftRegisters
from hw.nmpu.coefficients import Coefficients
from hw.streams.axi import AxiLite

__all__ = ["PINS", "PULSES", "RegisterFile", "levels"]

PINS = ("swap_pending", "flush", "bank", "busy", "running", "safe", "programming", "chain_measure",
        "rewriting", "drift_busy",
        *(f.name for f in STICKY), "read_captured", "result_sent")
"""What the rest of the tile tells the registers, bit by bit."""

PULSES = ("swap", "recover", "measure", "probe_clear", "elsewhere", "drift_measure", "drift_update",
          "drift_abort", "batch")
"""What a single access raises, for one clock."""


def levels(config):
    """Ports of the rest of the tile that hold numbers, and their widths."""
    bits = config.readout.counter_bits
    return {"window_clocks": 16, "probe_p": bits, "probe_n": bits,
            "refusal": 3, "exponents": 2, "gain": config.drift.gain.width}


class RegisterFile(wiring.Component):
    """Bridge, `Decode`, `Registers`, `CoefficientWindow` and `Coefficients`, joined as in the tile,
    and `DriftRegisters` with a drift engine. The count of results between runs stands still.

    ``reached`` is the coefficient bank that the bus reaches. Nobody is at the other parts, so
    their accesses are refused; but ``elsewhere`` tells of them.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "axi": In(AxiLite()),
            "settings": Out(settings(config)), "measurement": Out(measurement(config)),
            "run": Out(1), "bad_parity": Out(1), "irq": Out(1), "reached": Out(1),
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
            window.closed.eq(self.swap_pending | self.rewriting),
        ]
        others = ["saturated", "sums", "vectors", "descriptors", "program", "chain",
                  *(f"channel_{name}" for name in CHANNEL_BASES)]
        if self._config.drift.engine:
            self._drift(m, decode)
        else:
            others.append("drift")
        others = [getattr(decode, name) for name in others]
        m.d.comb += [self.elsewhere.eq(Cat(part.access for part in others).any()),
                     *(part.refused.eq(1) for part in others)]
        for name in (*PINS, *levels(self._config)):
            if name in registers.signature.members:
                m.d.comb += getattr(registers, name).eq(getattr(self, name))
        for name in ("settings", "measurement", "run", "bad_parity", "swap", "recover", "measure",
                     "irq", "probe_column", "probe_clear"):
            m.d.comb += getattr(self, name).eq(getattr(registers, name))
        return m

    def _drift(self, m, decode):
        m.submodules.drift = drift = DriftRegisters(self._config)
        wiring.connect(m, decode.drift, drift.bus)
        m.d.comb += [
            drift.busy.eq(self.drift_busy),
            drift.programming.eq(self.programming),
            drift.measured.eq(self.calibrated),
            drift.updated.eq(self.drift_updated),
            drift.refused.eq(self.drift_refused),
            drift.batch_done.eq(self.batch_done),
            drift.refusal.eq(self.refusal),
            drift.exponents.eq(self.exponents),
            drift.gain.as_value().eq(self.gain),
            self.drift_measure.eq(drift.measure),
            self.drift_update.eq(drift.update),
            self.drift_abort.eq(drift.abort),
            self.batch.eq(drift.batch),
        ]
