"""Whatever has begun ends, within a number of clocks, if the surroundings do their part."""

from amaranth.hdl import Cat, Mux, Signal

from golden.qformat import QFormat
from hw.control.axi_lite import AxiLiteBridge
from hw.drift.divider import Divider
from hw.drift.estimator import Estimator
from hw.drift.rewriter import Rewriter
from tb.formal.axi_lite import requests_kept
from tb.formal.configs import NANO
from tb.formal.plant import Plant
from tb.formal.property import Property

__all__ = ["PROPERTIES"]

ENGINE = NANO.replace(
    array={"columns": 2}, nmpu={"accumulator_bits": 13}, drift={
        "engine": True, "gain": QFormat(False, 1, 1), "max_repeats": 2, "vectors": 1})
"""Two columns and gains of two bits."""


def ends_within(wrapper, begins, ends, *, clocks):
    """Demand that ``ends`` comes at most ``clocks`` clocks after ``begins``."""
    running, age = Signal(name="running"), Signal(range(clocks + 2), name="age")
    with wrapper.m.If(running):
        wrapper.m.d.sync += [age.eq(age + (age != clocks + 1)), running.eq(~ends)]
    with wrapper.m.Elif(begins):
        wrapper.m.d.sync += [age.eq(1), running.eq(1)]
    wrapper.require(age <= clocks, when=running)
    wrapper.reach(running & ends & (age == clocks))


def bridge(wrapper):
    """A write may have to wait for a read, and the other way."""
    axi = wrapper.add(AxiLiteBridge()).axi
    requests_kept(wrapper, axi)
    wrapper.assume(axi.bready & axi.rready)
    asked = axi.awvalid & axi.wvalid
    kind = wrapper.fixed(1, "kind")
    ends_within(wrapper, Mux(kind, asked & ~axi.awready, axi.arvalid & ~axi.arready),
                Mux(kind, axi.awready, axi.arready), clocks=5)


def divider(wrapper):
    fmt = QFormat(False, 2, 2)
    block = wrapper.add(Divider(fmt=fmt, width=6))
    ends_within(wrapper, block.start, block.done, clocks=fmt.width + 4)


def rewriter(wrapper):
    block = wrapper.add(Rewriter(ENGINE))
    ends_within(wrapper, block.start, block.done, clocks=2 * (ENGINE.array.columns + 3))


def estimator(wrapper):
    """The first one after reset; what it was told is steady, as its page says."""
    block = wrapper.add(Estimator(ENGINE))
    told = Cat(block.method, block.reads_log2, block.minimum)
    wrapper.assume(told == wrapper.fixed(len(told), "steady"))
    wrapper.assume(block.reads_log2 <= 2)
    ends_within(wrapper, block.start, block.done, clocks=70)


PROPERTIES = (
    Property(
        name="idle_axi_lite",
        sentence="A request is taken in 5 clocks if answers are taken at once, also while "
                 "the other kind asks all the time.",
        build=bridge,
        plant=Plant(AxiLiteBridge, "partial.eq(~axi.wstrb.all()), read_turn.eq(1)",
                    "partial.eq(~axi.wstrb.all())"),
        depth=30),
    Property(
        name="idle_divider",
        sentence="A division ends in as many clocks as the gain has bits, and four.",
        build=divider,
        plant=Plant(Divider, "with m.If(left == 1):", "with m.If(left == 0):"),
        depth=30),
    Property(
        name="idle_rewriter",
        sentence="Coefficients are rewritten in 2 (columns + 3) clocks.",
        build=rewriter,
        plant=Plant(Rewriter, "multiplied.eq(fetched)", "multiplied.eq(fetched & reading)"),
        depth=40),
    Property(
        name="idle_estimator",
        sentence="An estimate of two columns ends in 70 clocks, by every method.",
        build=estimator,
        plant=Plant(Estimator, "with m.If(bit == shift + self.reads_log2):",
                    "with m.If((bit == shift) & (self.reads_log2 == 0)):"),
        depth=78, bounded=True),
)
