"""The coefficient memory: two banks per column, one computes while the bus reaches the other."""

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from golden.registers import COEFFICIENTS
from hw.formats.q import Q
from hw.readout.payloads import group_range

__all__ = ["CoefficientBus", "Coefficients", "coefficient_format"]

def coefficient_format(config, name):
    """The format of a coefficient: both polarities of scale and offset share theirs."""
    return getattr(config.nmpu, name.removesuffix("_p").removesuffix("_n"))


class CoefficientBus(wiring.Signature):
    """One coefficient at a time, seen from the side that reads and writes.

    An access takes one clock: ``data`` is written at the end of the clock with ``write``, and
    ``read`` belongs to the address of the clock before.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    bank : Out(1)
    column : Out(range(columns))
    word : Out(3)
        Number of the coefficient in `golden.registers.COEFFICIENTS`.
    write : Out(1)
        Ignored unless ``fits``.
    data : Out(signed(32))
    read : In(signed(32))
    exists : In(1)
        ``word`` is the number of a coefficient; combinational.
    fits : In(1)
        It is, and ``data`` fits its format; combinational.
    """

    def __init__(self, config):
        super().__init__({
            "bank": Out(1),
            "column": Out(range(config.array.columns)),
            "word": Out(3),
            "write": Out(1),
            "data": Out(signed(32)),
            "read": In(signed(32)),
            "exists": In(1),
            "fits": In(1),
        })


class Coefficients(wiring.Component):
    """Six memories, one per coefficient; a word holds the coefficient of every lane.

    A fetch answers at the next enabled clock and holds its answer.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    en : In(1)
        Fetch.
    affine_bank, affine_group, norm_bank, norm_group : In
        What to fetch.
    scale_p, offset_p, scale_n, offset_n, norm_scale, norm_bias : Out
        Fetched coefficients, one per lane, in their formats.
    bus : In(CoefficientBus(config))
    """

    def __init__(self, config):
        self._config = config
        lanes = config.nmpu.lanes
        super().__init__({
            "en": In(1),
            "affine_bank": In(1), "affine_group": In(group_range(config)),
            "norm_bank": In(1), "norm_group": In(group_range(config)),
            **{name: Out(data.ArrayLayout(Q(coefficient_format(config, name)), lanes))
               for name in COEFFICIENTS},
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

        for number, name in enumerate(COEFFICIENTS):
            fmt = coefficient_format(self._config, name)
            m.submodules[name] = memory = Memory(
                shape=data.ArrayLayout(Q(fmt), lanes), depth=2 << group_bits, init=[])
            fetch, inspect = memory.read_port(), memory.read_port()
            write = memory.write_port(granularity=1)
            stage = "norm" if name.startswith("norm") else "affine"
            group, bank = getattr(self, f"{stage}_group"), getattr(self, f"{stage}_bank")
            m.d.comb += [
                fetch.en.eq(self.en),
                fetch.addr.eq(Cat(group[:group_bits], bank)),
                getattr(self, name).eq(fetch.data),
                inspect.en.eq(1),
                inspect.addr.eq(Cat(bus_group, self.bus.bank)),
                write.addr.eq(inspect.addr),
                write.data.as_value().eq(self.bus.data[:fmt.width].replicate(lanes)),
            ]
            fits = (self.bus.data >= fmt.min) & (self.bus.data <= fmt.max)
            with m.If(self.bus.word == number):
                m.d.comb += [
                    self.bus.exists.eq(1),
                    self.bus.fits.eq(fits),
                    write.en.eq(Mux(self.bus.write & fits, 1 << lane, 0)),
                ]
            with m.If(read_word == number):
                m.d.comb += self.bus.read.eq(inspect.data[read_lane].raw)
        return m
