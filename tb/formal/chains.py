"""Chains: what is refused does nothing, what runs does what its descriptors say, and ends."""

from amaranth.hdl import Array, Cat, Mux, Signal

from golden.descriptors import KINDS
from golden.registers.chain import CHAIN
from hw.control.chain_registers import ChainRegisters
from hw.control.descriptor_table import descriptor
from hw.control.dispatcher import COMMANDS, Dispatcher
from tb.formal.configs import NANO, PROGRAM
from tb.formal.idle import ends_within
from tb.formal.plant import Plant
from tb.formal.property import Property
from tb.formal.rules import taken, waiting

__all__ = ["PROPERTIES"]

MULTIPLY = KINDS.index("multiply")
CHAIN_AT = next(register.offset for register in CHAIN.registers if register.name == "CHAIN")
START = 31


def _commands(dispatcher):
    return Cat(getattr(dispatcher, name) for name in COMMANDS)


def _accepted(dispatcher):
    return dispatcher.start & ~dispatcher.running & ~dispatcher.flush


def _table(wrapper, dispatcher):
    """The dispatcher reads a table of two that is not written: any descriptors, without errors."""
    table = [wrapper.fixed(descriptor(), f"descriptor_{k}") for k in range(2)]
    shown = Array(table)[wrapper.before(dispatcher.index)[0]]
    wrapper.assume(dispatcher.descriptor.as_value() == shown)
    wrapper.assume(~dispatcher.parity_error)


def commands(wrapper):
    dispatcher = wrapper.add(Dispatcher(PROGRAM))
    told = _commands(dispatcher)
    wrapper.require((told & (told - 1)) == 0)
    wrapper.require(dispatcher.idle & dispatcher.running & ~dispatcher.flush
                    & ~dispatcher.vectors.valid, when=told.any())
    wrapper.require(dispatcher.running & ~dispatcher.flush, when=dispatcher.vectors.valid)
    wrapper.require(~dispatcher.running & ~dispatcher.refused,
                    when=wrapper.before(dispatcher.flush))
    # Every command is one clock, and the next thing waits until it is done.
    under_way = Signal()
    with wrapper.m.If(dispatcher.command_done | dispatcher.flush):
        wrapper.m.d.sync += under_way.eq(0)
    with wrapper.m.If(told.any() & ~dispatcher.statistics):
        wrapper.m.d.sync += under_way.eq(1)
    wrapper.require(~told.any() & ~dispatcher.vectors.valid & ~dispatcher.chain_done,
                    when=under_way)
    wrapper.reach(dispatcher.program)
    wrapper.reach(dispatcher.measure)
    wrapper.reach(wrapper.before(dispatcher.vectors.valid & ~dispatcher.flush))


def refusal(wrapper):
    """Whatever the table shows in any clock."""
    dispatcher = wrapper.add(Dispatcher(PROGRAM))
    offered = Signal()
    offers = dispatcher.vectors.valid | _commands(dispatcher).any()
    with wrapper.m.If(offers):
        wrapper.m.d.sync += offered.eq(1)
    with wrapper.m.Elif(_accepted(dispatcher)):
        wrapper.m.d.sync += offered.eq(0)
    wrapper.require(~dispatcher.running & ~offered & (dispatcher.refusal != 0),
                    when=dispatcher.refused)
    wrapper.require(~dispatcher.refused & (dispatcher.refusal == 0), when=offers)
    wrapper.reach(dispatcher.refused & (dispatcher.at == 1))
    wrapper.reach(offers)


def legal(wrapper):
    """Of a table that stays; the fields that could lead beyond the array or the accumulators."""
    config = PROGRAM
    dispatcher = wrapper.add(Dispatcher(config))
    _table(wrapper, dispatcher)
    told = dispatcher.vectors.payload
    per_beat = config.stream.x_bits // 8
    rows = told.first_beat * per_beat + told.rows
    job = told.job
    wrapper.require((told.rows != 0) & (rows <= config.array.rows),
                    when=dispatcher.vectors.valid)
    wrapper.require((job.first_group <= job.last_group) & (job.last_group < config.groups),
                    when=dispatcher.vectors.valid)
    wrapper.require((job.settings.reads != 0) & (job.settings.reads <= config.nmpu.max_reads),
                    when=dispatcher.vectors.valid)
    wrapper.reach(dispatcher.vectors.valid & (dispatcher.current == 1))


def vectors(wrapper):
    """The vectors of a job are counted: `reads` for each of `repeat` results, up to three."""
    most = 3
    dispatcher = wrapper.add(Dispatcher(NANO))
    d, o = dispatcher.descriptor, dispatcher.vectors
    wrapper.assume(d.as_value() == wrapper.fixed(descriptor(), "steady").as_value())
    wrapper.assume(~dispatcher.parity_error)
    for number in (d.reads, d.repeat):
        wrapper.assume((number != 0) & (number <= most))
    read, result = Signal(range(most)), Signal(range(most))
    whole = Signal()
    over = (read == d.reads - 1) & (result == d.repeat - 1)
    wrapper.m.d.sync += whole.eq(taken(o) & over)
    with wrapper.m.If(taken(o)):
        wrapper.m.d.sync += [read.eq(Mux(read == d.reads - 1, 0, read + 1))]
        with wrapper.m.If(read == d.reads - 1):
            wrapper.m.d.sync += result.eq(Mux(over, 0, result + 1))
    with wrapper.m.If(dispatcher.flush):
        wrapper.m.d.sync += [read.eq(0), result.eq(0)]
    wrapper.require((read < d.reads) & (result < d.repeat), when=o.valid)
    wrapper.require(o.payload.job.final == (result == d.repeat - 1), when=o.valid)
    wrapper.require((read == 0) & (result == 0),
                    when=~dispatcher.running | _commands(dispatcher).any())
    # The next descriptor, or the end, comes with the last vector, and not before.
    wrapper.require(whole == (wrapper.before(o.valid) & ~o.valid), when=~dispatcher.flush)
    wrapper.reach(whole & (wrapper.before(d.repeat) == 2) & (wrapper.before(d.reads) == 2))


def loops(wrapper):
    """Of chains of one vector each, so that vectors count the loops."""
    dispatcher = wrapper.add(Dispatcher(NANO))
    d, most = dispatcher.descriptor, 3
    wrapper.assume((dispatcher.first == dispatcher.last) & (d.kind == MULTIPLY)
                   & (d.reads == 1) & (d.repeat == 1) & (dispatcher.loops <= most))
    asked, passes = Signal(range(most + 1)), Signal(range(most + 2))
    with wrapper.m.If(_accepted(dispatcher)):
        wrapper.m.d.sync += [asked.eq(dispatcher.loops), passes.eq(0)]
    with wrapper.m.Elif(taken(dispatcher.vectors) & (passes <= most)):
        wrapper.m.d.sync += passes.eq(passes + 1)
    counted = dispatcher.running & (asked != 0)
    wrapper.require(passes < asked, when=counted & dispatcher.vectors.valid)
    wrapper.require(passes == asked, when=counted & dispatcher.chain_done)
    wrapper.require(~dispatcher.chain_done, when=asked == 0)
    wrapper.reach(dispatcher.chain_done & (passes == most))
    wrapper.reach(taken(dispatcher.vectors) & (asked == 0) & (passes > most))


def ends(wrapper):
    """A chain of up to two descriptors that runs once, each of up to two results of two vectors;
    vectors are taken and the tile is idle at once, and commands are done in the next clock."""
    dispatcher = wrapper.add(Dispatcher(PROGRAM))
    _table(wrapper, dispatcher)
    d = dispatcher.descriptor
    wrapper.assume((d.reads <= 2) & (d.repeat <= 2) & (dispatcher.loops == 1))
    wrapper.assume(dispatcher.vectors.ready & dispatcher.idle)
    wrapper.assume(dispatcher.command_done | ~wrapper.before(_commands(dispatcher).any()))
    ends_within(wrapper, _accepted(dispatcher), ~dispatcher.running, clocks=17)


def offers(wrapper):
    """What a vector is told is in the descriptor of the index, but for its place in the job."""
    dispatcher = wrapper.add(Dispatcher(NANO))
    wrapper.assume(~dispatcher.flush & ~dispatcher.parity_error)
    wrapper.assume(dispatcher.descriptor.kind == MULTIPLY)
    vectors, index = dispatcher.vectors, dispatcher.index
    waits = waiting(wrapper, vectors)
    wrapper.require(vectors.valid & (index == wrapper.before(index)), when=waits)
    wrapper.reach(waits)


def registers(wrapper):
    """The bus asks with a write of CHAIN that is granted; the page says so a clock later."""
    page = wrapper.add(ChainRegisters())
    bus = page.bus
    wrapper.assume(~page.running | ~page.startable)
    edge = page.trigger & ~wrapper.before(page.trigger, init=1)
    writes = bus.access & bus.write & (bus.address == CHAIN_AT) & bus.data[START]
    asked = writes & page.startable & ~page.running
    wrapper.require(page.start == (asked | (edge & page.startable)))
    wrapper.require(page.startable & ~page.running, when=page.start)
    wrapper.require(page.trigger_lost == (edge & (asked | ~page.startable)))
    wrapper.require(bus.refused, when=wrapper.before(writes & ~page.startable))
    wrapper.require(page.start | page.trigger_lost, when=edge)
    wrapper.reach(page.start & page.trigger_lost)
    wrapper.reach(page.start & ~asked)
    wrapper.reach(page.trigger_lost & ~page.startable)


PROPERTIES = (
    Property(
        name="chain_commands",
        sentence="A command is one of five, in a clock in which the tile is idle and no vector is "
                 "offered; nothing else happens until it is done; a flush stops all in one clock.",
        build=commands,
        plant=Plant(Dispatcher, "walking & ~multiply & self.idle", "walking & ~multiply"),
        depth=30),
    Property(
        name="chain_refused",
        sentence="A chain that is refused has offered no vector and no command, and does not run.",
        build=refusal,
        plant=Plant(Dispatcher, "state.eq(Mux(refused, State.IDLE, State.WALK))",
                    "state.eq(State.WALK)")),
    Property(
        name="chain_legal",
        sentence="No vector is offered with rows or columns that are none or beyond the array, "
                 "nor with more reads than the accumulators hold.",
        build=legal,
        plant=Plant(Dispatcher, "Mux(state == State.IDLE, self.last, self.chain_last)",
                    "self.first"),
        depth=30),
    Property(
        name="chain_vectors",
        sentence="A job offers `reads` vectors for each of `repeat` results, up to three, and "
                 "marks the last.",
        build=vectors,
        plant=Plant(Dispatcher, "m.d.sync += [read.eq(0), result.eq(0)]",
                    "m.d.sync += read.eq(0)"),
        depth=30),
    Property(
        name="chain_loops",
        sentence="A chain of one vector runs `loops` times, up to three, and with 0 until a "
                 "flush.",
        build=loops,
        plant=Plant(Dispatcher, "with m.If(left != 0):", "with m.If(left > 2):"),
        depth=30),
    Property(
        name="chain_offers",
        sentence="A vector of a chain is offered, from the same descriptor, until it is taken.",
        build=offers,
        plant=Plant(Dispatcher, "with m.If(self.vectors.valid & self.vectors.ready):",
                    "with m.If(self.vectors.valid):")),
    Property(
        name="chain_starts",
        sentence="A chain starts only if it can; an edge of the trigger starts one or is told to "
                 "be lost, never neither.",
        build=registers,
        plant=Plant(ChainRegisters, "triggered & (asked | ~self.startable)", "triggered & asked")),
    Property(
        name="idle_chain",
        sentence="A chain of two jobs of four vectors is over in 17 clocks if nothing waits.",
        build=ends,
        plant=Plant(Dispatcher, "with m.Elif(left == 1):", "with m.Elif(left == 0):"),
        depth=24, bounded=True),
)
