"""Units that compare: the FP16 one, and ours without what that does not have."""

from amaranth.hdl import ClockDomain, ClockSignal, DomainRenamer, Module
from amaranth.lib import wiring

from hw.baseline.coefficients import Fp16Coefficients
from hw.baseline.fp16_datapath import Fp16Datapath
from hw.baseline.fp16_unit import Fp16Unit
from hw.nmpu.coefficients import Coefficients
from hw.nmpu.nmpu import Nmpu

__all__ = ["fp16_coefficients", "fp16_datapath", "fp16_unit", "plain", "plain_coefficients",
           "plain_nmpu"]


def plain(config):
    """The same with the functions of the FP16 unit: no drift engine, so no sums and statistics for
    it; no partial sums, no parity."""
    return config.replace(drift={"engine": False}, control={"parity": False},
                          nmpu={"partial_sums": False})


def _one_lane(config):
    """As in the HERMES chip: one unit takes all columns of its core, one per clock."""
    return config.replace(nmpu={"lanes": 1}, stream={"y_bits": 8})


def plain_nmpu(config):
    """`Nmpu` with the functions of the FP16 unit, and the accumulator it does not have."""
    return Nmpu(plain(config))


def plain_coefficients(config):
    """The coefficient memory of `plain_nmpu`."""
    return Coefficients(plain(config))


def fp16_unit(config):
    """`Fp16Unit` with one lane and the coefficients of all columns."""
    return Fp16Unit(_one_lane(config))


def fp16_coefficients(config):
    """The coefficient memory of `fp16_unit`."""
    return Fp16Coefficients(_one_lane(config))


class WithoutReset(wiring.Component):
    """A component none of whose registers is reset, like those of a deep lane."""

    def __init__(self, inner):
        self._inner = inner
        super().__init__(inner.signature)

    def elaborate(self, platform):
        m = Module()
        m.domains.data = data = ClockDomain(reset_less=True, local=True)
        m.d.comb += data.clk.eq(ClockSignal())
        m.submodules.inner = DomainRenamer("data")(self._inner)
        wiring.connect(m, wiring.flipped(self), self._inner)
        return m


def fp16_datapath(config):
    """`Fp16Datapath` by the same rule as a deep lane: a datapath holds no control, so no resets."""
    return WithoutReset(Fp16Datapath(config))
