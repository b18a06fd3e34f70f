"""Whatever has begun ends, within a number of clocks, if the surroundings do their part."""

from amaranth.hdl import Mux, Signal

from golden.drift.formats import DriftFormats
from golden.qformat import QFormat
from hw.control.axi_lite import AxiLiteBridge
from hw.control.sequencer import Sequencer
from hw.drift.divider import Divider
from hw.drift.engine import DriftEngine
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
    """Answers are taken at once; a write may have to wait for a read, and the other way."""
    axi = wrapper.add(AxiLiteBridge()).axi
    requests_kept(wrapper, axi)
    wrapper.assume(axi.bready & axi.rready)
    asked = axi.awvalid & axi.wvalid
    kind = wrapper.fixed(1, "kind")
    ends_within(wrapper, Mux(kind, asked & ~axi.awready, axi.arvalid & ~axi.arready),
                Mux(kind, axi.bvalid, axi.rvalid), clocks=8)


def divider(wrapper):
    fmt = QFormat(False, 2, 2)
    block = wrapper.add(Divider(fmt=fmt, width=6))
    ends_within(wrapper, block.start, block.done, clocks=fmt.width + 4)


def rewriter(wrapper):
    block = wrapper.add(Rewriter(ENGINE))
    ends_within(wrapper, block.start, block.done, clocks=2 * (ENGINE.array.columns + 3))


def estimator(wrapper):
    block = wrapper.add(Estimator(ENGINE))
    wrapper.assume(block.reads_log2 <= 2)
    ends_within(wrapper, block.start, block.done, clocks=120)


def engine(wrapper):
    block = wrapper.add(DriftEngine(ENGINE))
    wrapper.assume(block.tallied == wrapper.before(block.start))
    wrapper.assume(~block.swap_pending)
    ends_within(wrapper, (block.update | block.measure) & ~block.busy, ~block.busy, clocks=140)


def window(wrapper):
    sequencer = wrapper.add(Sequencer(NANO))
    ends_within(wrapper, sequencer.open & ~sequencer.close, sequencer.close, clocks=127)


PROPERTIES = (
    Property(
        name="idle_axi_lite",
        sentence="A request is answered in 8 clocks if the answers are taken at once, also while "
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
        plant=Plant(Rewriter, "self.column.eq(0), reading.eq(0)", "reading.eq(0)"),
        depth=40),
    Property(
        name="idle_estimator",
        sentence="An estimate of two columns ends, by every method.",
        build=estimator,
        plant=Plant(Estimator, "with m.If(bit == shift + self.reads_log2):",
                    "with m.If((bit == shift) & (self.reads_log2 == 0)):"),
        depth=160, bounded=True),
)
