"""Results that go on in the next job, banks that jobs want, and their exchange."""

from amaranth.hdl import Signal

from golden.descriptors import DESTINATIONS
from hw.control.bank_exchange import BankExchange
from hw.control.sequencer import Sequencer
from hw.drift.engine import DriftEngine
from tb.formal.configs import FOUR_PHASES
from tb.formal.idle import ENGINE, ends_within
from tb.formal.plant import Plant
from tb.formal.property import Property
from tb.formal.rules import legal_settings

__all__ = ["PROPERTIES"]

NONE = DESTINATIONS.index("none")


def flush(wrapper):
    sequencer = wrapper.add(Sequencer(FOUR_PHASES))
    wrapper.require(~sequencer.active & ~sequencer.busy, when=wrapper.before(sequencer.flush))
    wrapper.reach(wrapper.before(sequencer.active & ~sequencer.close & sequencer.flush))
    wrapper.reach(wrapper.before(sequencer.load & sequencer.flush))


def unfinished(wrapper):
    """From the last read of a result without a destination to that of one with."""
    sequencer = wrapper.add(Sequencer(FOUR_PHASES))
    legal_settings(wrapper, sequencer, FOUR_PHASES)
    tag, job = sequencer.tag, sequencer.job
    other = tag.measure | tag.calibrate
    read = sequencer.open & ~other
    within, waits, bank = Signal(), Signal(), Signal()
    pinned = Signal()
    with wrapper.m.If(read):
        wrapper.m.d.sync += [within.eq(~tag.last | (tag.destination == NONE)),
                             waits.eq(tag.last & (tag.destination == NONE)), bank.eq(tag.bank)]
    with wrapper.m.If(sequencer.flush):
        wrapper.m.d.sync += [within.eq(0), waits.eq(0)]
    # Jobs of one result want the same bank: the dispatcher refuses others.
    with wrapper.m.If(sequencer.load & ~within):
        wrapper.m.d.sync += pinned.eq(job.pinned)
    wrapper.assume((job.pinned == pinned) & (~pinned | (job.bank == bank)),
                   when=sequencer.load & within)
    wrapper.require(~(sequencer.open & other), when=within)
    wrapper.require(tag.bank == bank, when=read & within)
    wrapper.reach(waits & sequencer.swap_pending & read)
    wrapper.reach(waits & sequencer.calibration_waits & read & tag.last)


def pinned(wrapper):
    """In the clock after it is loaded, the first window of a result opens."""
    sequencer = wrapper.add(Sequencer(FOUR_PHASES))
    legal_settings(wrapper, sequencer, FOUR_PHASES)
    job, tag = sequencer.job, sequencer.tag
    loaded = wrapper.before(sequencer.load & ~sequencer.flush)
    wants = loaded & tag.first & wrapper.before(job.pinned)
    wrapper.require(sequencer.open & ~tag.measure & ~tag.calibrate, when=loaded)
    wrapper.require(tag.bank == wrapper.before(job.bank), when=wants)
    wrapper.reach(wants & (tag.bank != wrapper.before(sequencer.bank)))
    wrapper.reach(wants & sequencer.swap_pending)


def _exchange(wrapper):
    """Results are loaded as the sequencer loads them."""
    exchange = wrapper.add(BankExchange())
    wrapper.assume(exchange.between & exchange.pinned & exchange.allowed, when=exchange.pins)
    return exchange


def ends(wrapper):
    """At least every third clock has a place for the exchange, and one in which the other bank is
    not needed: results pinned to the bank in use leave gaps, and reads drain."""
    exchange = _exchange(wrapper)
    for place in (exchange.between & ~exchange.pins,
                  ~exchange.uses_bank.bit_select(~exchange.bank, 1)):
        wrapper.assume(place | wrapper.before(place | wrapper.before(place, init=1), init=1))
    wrapper.assume(~exchange.swap, when=exchange.pending)
    ends_within(wrapper, exchange.swap & ~exchange.pending, ~exchange.pending, clocks=7)


def rewriting(wrapper):
    """The drift engine writes as long as it says so; it begins when the other bank is not needed,
    and nobody asks for an exchange meanwhile, see `hw.control.registers.Registers`."""
    exchange = _exchange(wrapper)
    writes, bank = Signal(), Signal()
    begins = exchange.rewriting & ~exchange.closed
    with wrapper.m.If(~exchange.rewriting):
        wrapper.m.d.sync += writes.eq(0)
    with wrapper.m.Elif(begins & ~writes):
        wrapper.m.d.sync += [writes.eq(1), bank.eq(~exchange.bank)]
    wrapper.assume(~exchange.swap, when=exchange.rewriting & (writes | begins))
    wrapper.require(bank != exchange.bank, when=writes)
    wrapper.reach(writes & exchange.pins)
    wrapper.reach(writes & exchange.pinned & ~exchange.allowed)


def engine(wrapper):
    """What `rewriting` takes for granted of the engine."""
    engine = wrapper.add(DriftEngine(ENGINE))
    free = Signal()
    with wrapper.m.If(~engine.rewriting):
        wrapper.m.d.sync += free.eq(0)
    with wrapper.m.Elif(~engine.swap_pending):
        wrapper.m.d.sync += free.eq(1)
    wrapper.require(engine.rewriting & free, when=engine.coefficients.write | engine.swap)
    wrapper.reach(engine.coefficients.write)
    wrapper.reach(engine.swap)


def waits(wrapper):
    """A pinned result that may not start waits for reads to drain or for the engine, never for an
    exchange that has not begun."""
    exchange = _exchange(wrapper)
    other = exchange.uses_bank.bit_select(~exchange.bank, 1)
    held = exchange.pinned & ~exchange.allowed
    wrapper.require(exchange.pending | exchange.rewriting, when=held)
    gone = wrapper.before(exchange.pending & ~other & ~exchange.swap & ~exchange.pins)
    wrapper.require(exchange.rewriting | exchange.swap | ~gone | ~wrapper.before(held),
                    when=held & wrapper.before(1))
    wrapper.reach(held & ~exchange.rewriting)
    wrapper.reach(held & ~exchange.pending)


PROPERTIES = (
    Property(
        name="flush_sequencer",
        sentence="From the clock after a flush on no window is open and nothing is asked for.",
        build=flush,
        plant=Plant(Sequencer, "self.active, within, index, unfinished, measuring, measure_asked,",
                    "self.active, within, index, unfinished, measuring,")),
    Property(
        name="bank_over_jobs",
        sentence="From a result that stays in the accumulators to the end of the one that resumes "
                 "it, no measurement and no calibration vector is read, and the bank is the same.",
        build=unfinished,
        plant=Plant(Sequencer, "& (index == 0) & ~unfinished", "& (index == 0)"),
        depth=40),
    Property(
        name="bank_pinned",
        sentence="A result that is pinned to a bank is read with that bank.",
        build=pinned,
        plant=Plant(BankExchange, "with m.If(self.pins):",
                    "with m.If(self.pins & ~self.pending):")),
    Property(
        name="bank_exchange_bounded",
        sentence="An exchange is over in 7 clocks, if at least every third has a place for it and "
                 "one without reads of the other bank.",
        build=ends,
        plant=Plant(BankExchange, "with m.Elif(self.between & self.pending & ~exchanged):",
                    "with m.Elif(self.between & self.pending & ~exchanged & ~other_used):")),
    Property(
        name="bank_rewritten",
        sentence="While the drift engine writes a bank, no result, pinned or not, makes it the "
                 "bank in use.",
        build=rewriting,
        plant=Plant(BankExchange, "| (~exchanged & (self.pending | ~self.rewriting))",
                    "| ~exchanged")),
    Property(
        name="bank_engine_writes",
        sentence="The drift engine writes only while it says so, and only after a clock in which "
                 "the other bank was free.",
        build=engine,
        plant=Plant(DriftEngine, "with m.If(~self.swap_pending):", "with m.If(self.bank):"),
        depth=130),
    Property(
        name="bank_pinned_waits",
        sentence="A pinned result waits for the drift engine or for reads to drain, never for an "
                 "exchange that waits itself.",
        build=waits,
        plant=Plant(BankExchange, "| (~exchanged & (self.pending | ~self.rewriting))",
                    "| (~self.pending & ~self.rewriting)")),
)
