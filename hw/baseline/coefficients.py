"""The coefficient memory of the FP16 unit, in the arrangement of that of the NMPU."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from golden.registers import COEFFICIENTS
from hw.baseline.float16 import Float16
from hw.nmpu.coefficients import CoefficientBus
from hw.readout.payloads import group_range

__all__ = ["Fp16Coefficients", "words"]


def words(receives):
    """Which coefficients there are, in the order of their numbers, and which fetch brings them."""
    stages = {name: "norm" if name.startswith("norm") else "affine" for name in COEFFICIENTS}
    return stages | ({"received_scale": "receive"} if receives else {})


class Fp16Coefficients(wiring.Component):
    """A memory per coefficient, two banks in each; a word holds the coefficient of every lane.

    A fetch answers at the next enabled clock and holds its answer. As in
    `hw.nmpu.coefficients.Coefficients`, the bus may read and write beside it.

    Parameters
    ----------
    config : TileConfig
        ``array.columns`` and ``nmpu.lanes`` matter.
    receives : bool
        There is a scale of what is received.

    Members
    -------
    en : In(1)
        Fetch.
    affine_bank, affine_group, norm_bank, norm_group, receive_bank, receive_group : In
        What to fetch.
    scale_p, offset_p, scale_n, offset_n, norm_scale, norm_bias, received_scale : Out
        Fetched coefficients, one per lane.
    bus : In(CoefficientBus(config))
        Numbers as 16 bits without a sign.
    """

    def __init__(self, config, *, receives=True):
        self._config = config
        self._words = words(receives)
        lanes = config.nmpu.lanes
        super().__init__({
            "en": In(1),
            **{f"{stage}_bank": In(1) for stage in self._words.values()},
            **{f"{stage}_group": In(group_range(config)) for stage in self._words.values()},
            **{name: Out(data.ArrayLayout(Float16, lanes)) for name in self._words},
            "bus": In(CoefficientBus(config)),
        })

    def elaborate(self, platform):
        m = Module()
        lanes = self._config.nmpu.lanes
        group_bits = ceil_log2(self._config.groups)

        bus_group = (self.bus.column // lanes)[:group_bits]
        lane = Signal(range(max(lanes, 2)))
        read_lane = Signal(range(max(lanes, 2)))
        read_word = Signal(3)
        m.d.comb += lane.eq(self.bus.column % lanes)
        m.d.sync += [read_word.eq(self.bus.word), read_lane.eq(lane)]

        m.d.comb += [
            self.bus.exists.eq(self.bus.word < len(self._words)),
            self.bus.fits.eq(self.bus.exists & ~self.bus.data[16:].any()),
        ]
        for number, (name, stage) in enumerate(self._words.items()):
            m.submodules[name] = memory = Memory(
                shape=data.ArrayLayout(16, lanes), depth=2 << group_bits, init=[])
            fetch, inspect = memory.read_port(), memory.read_port()
            write = memory.write_port(granularity=1)
            group, bank = getattr(self, f"{stage}_group"), getattr(self, f"{stage}_bank")
            chosen = self.bus.write & self.bus.fits & (self.bus.word == number)
            m.d.comb += [
                fetch.en.eq(self.en),
                fetch.addr.eq(Cat(group[:group_bits], bank)),
                getattr(self, name).eq(fetch.data.as_value()),
                inspect.en.eq(1),
                inspect.addr.eq(Cat(bus_group, self.bus.bank)),
                write.addr.eq(inspect.addr),
                write.data.as_value().eq(self.bus.data[:16].replicate(lanes)),
                write.en.eq(Mux(chosen, 1 << lane, 0)),
            ]
            with m.If(read_word == number):
                m.d.comb += self.bus.read.eq(inspect.data[read_lane])
        return m
