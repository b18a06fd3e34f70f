"""The coefficient memory: two banks per column, one computes while the bus reaches the other.

With a drift engine there is a third bank of scales and offsets: what the host wrote, which every
correction starts from."""

from amaranth.hdl import Cat, Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out
from amaranth.utils import ceil_log2

from golden.registers import COEFFICIENTS
from hw.formats.q import Q
from hw.nmpu.coefficient_memory import CoefficientMemory
from hw.readout.payloads import group_range

__all__ = ["BASE", "CoefficientBus", "Coefficients", "RewriteBus", "coefficient_format"]

BASE = 2
"""Number of the bank of what the host wrote."""


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
    bank : Out(2)
        0, 1 or `BASE`; only scales and offsets have a base.
    column : Out(range(columns))
    word : Out(3)
        Number of the coefficient in `golden.registers.COEFFICIENTS`.
    inspect : Out(1)
        ``read`` is wanted: its parity is checked.
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
            "bank": Out(2),
            "column": Out(range(config.array.columns)),
            "word": Out(3),
            "inspect": Out(1),
            "write": Out(1),
            "data": Out(signed(32)),
            "read": In(signed(32)),
            "exists": In(1),
            "fits": In(1),
        })


class RewriteBus(wiring.Signature):
    """All coefficients of a column at once, seen from the drift engine.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    active : Out(1)
        The engine reads and writes; the bus must keep away.
    column : Out(range(columns))
    base : In
        One clock later: scales and offsets of `BASE`, the rest of the bank in use.
    write : Out(1)
    write_column : Out(range(columns))
    data : Out
        Into the bank that is not in use.
    """

    def __init__(self, config):
        values = data.StructLayout({
            name: Q(coefficient_format(config, name)) for name in COEFFICIENTS})
        super().__init__({
            "active": Out(1),
            "column": Out(range(config.array.columns)),
            "base": In(values),
            "write": Out(1),
            "write_column": Out(range(config.array.columns)),
            "data": Out(values),
        })


class Coefficients(wiring.Component):
    """Six memories, one per coefficient; a word holds the coefficient of every lane.

    A fetch answers at the next enabled clock and holds its answer. Parity is checked once for each
    fetch that is used, each inspection by the bus and each column that the drift engine reads.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    affine_en, norm_en : In(1)
        Fetch scales and offsets; fetch those of the channel.
    affine_bank, affine_group, norm_bank, norm_group : In
        What to fetch; ``affine_bank`` may be `BASE`.
    scale_p, offset_p, scale_n, offset_n, norm_scale, norm_bias : Out
        Fetched coefficients, one per lane, in their formats.
    bus : In(CoefficientBus(config))
    rewrite : In(RewriteBus(config))
        With a drift engine.
    in_use : In(1)
        The bank in use; likewise.
    affine_used, norm_used : In(1)
        With parity: what is fetched will be computed with.
    bad_parity : In(1)
        Likewise: what is written gets the wrong parity, to test what follows.
    parity_error : Out(1)
        Likewise: a checked number is wrong; three clocks after it was asked for, in one clock for
        each check.
    """

    def __init__(self, config):
        self._config = config
        lanes = config.nmpu.lanes
        super().__init__({
            "affine_en": In(1), "norm_en": In(1),
            "affine_bank": In(2), "affine_group": In(group_range(config)),
            "norm_bank": In(1), "norm_group": In(group_range(config)),
            **{name: Out(data.ArrayLayout(Q(coefficient_format(config, name)), lanes))
               for name in COEFFICIENTS},
            "bus": In(CoefficientBus(config)),
            **({"rewrite": In(RewriteBus(config)), "in_use": In(1)} if config.drift.engine
               else {}),
            **({"affine_used": In(1), "norm_used": In(1), "bad_parity": In(1),
                "parity_error": Out(1)} if config.control.parity else {}),
        })

    def elaborate(self, platform):
        m = Module()
        lanes = self._config.nmpu.lanes
        group_bits = ceil_log2(self._config.groups)
        engine = self._config.drift.engine

        def group_of(column):
            return (column // lanes)[:group_bits]

        read_word = Signal(3)
        read_column, write_column = self.bus.column, self.bus.column
        if engine:
            read_column = Mux(self.rewrite.active, self.rewrite.column, read_column)
            write_column = Mux(self.rewrite.active, self.rewrite.write_column, write_column)
        m.d.sync += read_word.eq(self.bus.word)

        memories = {}
        for number, name in enumerate(COEFFICIENTS):
            fmt = coefficient_format(self._config, name)
            norm = name.startswith("norm")
            banks = 3 if engine and not norm else 2
            memory = memories[name] = m.submodules[f"{name}_coefficients"] = CoefficientMemory(
                fmt=fmt, lanes=lanes, depth=banks << group_bits,
                parity=self._config.control.parity)
            stage = "norm" if norm else "affine"
            group, bank = getattr(self, f"{stage}_group"), getattr(self, f"{stage}_bank")
            fits = (self.bus.data >= fmt.min) & (self.bus.data <= fmt.max)
            writes = (self.bus.write & fits & (self.bus.word == number)
                      & (self.bus.bank < banks))
            read_bank = write_bank = self.bus.bank
            value = self.bus.data[:fmt.width]
            if engine:
                rewrite = self.rewrite
                read_bank = Mux(rewrite.active, self.in_use if norm else BASE, read_bank)
                write_bank = Mux(rewrite.active, ~self.in_use, write_bank)
                value = Mux(rewrite.active, rewrite.data[name].as_value(), value)
                writes = Mux(rewrite.active, rewrite.write, writes)
                m.d.comb += rewrite.base[name].as_value().eq(memory.inspected.raw)
            m.d.comb += [
                memory.en.eq(getattr(self, f"{stage}_en")),
                memory.fetch_address.eq(Cat(group[:group_bits], bank)),
                getattr(self, name).eq(memory.fetched),
                memory.inspect_address.eq(Cat(group_of(read_column), read_bank)),
                memory.inspect_lane.eq(read_column % lanes),
                memory.write.eq(writes),
                memory.write_address.eq(Cat(group_of(write_column), write_bank)),
                memory.write_lane.eq(write_column % lanes),
                memory.value.as_value().eq(value),
            ]
            with m.If(self.bus.word == number):
                m.d.comb += [self.bus.exists.eq(1), self.bus.fits.eq(fits)]
            with m.If(read_word == number):
                m.d.comb += self.bus.read.eq(memory.inspected.raw)
        if self._config.control.parity:
            self._check(m, memories, read_word)
        return m

    def _check(self, m, memories, read_word):
        """Parity of what is wanted, in the clock in which the memories answer."""
        inspected, rewritten = Signal(), Signal()
        m.d.sync += inspected.eq(self.bus.inspect)
        if self._config.drift.engine:
            m.d.sync += rewritten.eq(self.rewrite.active)
        fetched = {stage: Signal(name=f"fetched_{stage}") for stage in ("affine", "norm")}
        for stage, checked in fetched.items():
            m.d.sync += checked.eq(getattr(self, f"{stage}_en") & getattr(self, f"{stage}_used"))
        # A wide word needs a clock for its parity, and another for all memories together.
        wrong = Signal(2 * len(memories))
        for number, (name, memory) in enumerate(memories.items()):
            used = fetched["norm" if name.startswith("norm") else "affine"]
            asked = rewritten | (inspected & (read_word == number))
            m.d.sync += wrong[2 * number:2 * number + 2].eq(
                Cat(memory.fetched_wrong & used, memory.inspected_wrong & asked))
            m.d.comb += memory.bad_parity.eq(self.bad_parity)
        m.d.sync += self.parity_error.eq(wrong.any())
