"""Faults lead into the safe state, recovery leads out of it, and meanwhile the array is at rest."""

from amaranth.hdl import Cat, Mux, Signal

from golden.faults import FAULTS
from hw.control.supervisor import FLUSH_CLOCKS, Supervisor
from hw.tile import Tile
from tb.formal.configs import PROGRAM
from tb.formal.plant import Plant
from tb.formal.property import Property

__all__ = ["PROPERTIES"]

BITS = 3
"""Of the watchdogs' limit: few, so that a wait may be longer than they can count."""


def _hung(wrapper, supervisor, waits, name):
    """A wait has lasted as long as the limit says; clocks beyond the widest limit need no count."""
    clocks = Signal(BITS, name=f"clocks_of_{name}")
    with wrapper.m.If(~waits | supervisor.flush):
        wrapper.m.d.sync += clocks.eq(0)
    with wrapper.m.Elif(~clocks.all()):
        wrapper.m.d.sync += clocks.eq(clocks + 1)
    hung = waits & (supervisor.limit != 0) & (clocks >= supervisor.limit)
    wrapper.reach(hung & clocks.all() & ~supervisor.flush)
    return hung


def _wrong(wrapper, supervisor):
    """Everything that is a fault, in the order of the codes."""
    wrong = {
        "conversion": _hung(wrapper, supervisor, supervisor.conversion_waits, "conversion"),
        "pulse": _hung(wrapper, supervisor, supervisor.pulse_waits, "pulse"),
        "coefficient_parity": supervisor.coefficient_parity,
        "descriptor_parity": supervisor.descriptor_parity,
        "pulse_limit": supervisor.pulse_limit,
    }
    return [wrong[name] for name in FAULTS[1:]]


def faults(wrapper):
    supervisor = wrapper.add(Supervisor(watchdog_bits=BITS))
    wrong = Cat(_wrong(wrapper, supervisor))
    wrapper.require(supervisor.fault == (wrong.any() & ~supervisor.flush))
    wrapper.require(supervisor.safe & supervisor.flush, when=wrapper.before(supervisor.fault))
    wrapper.require(supervisor.safe,
                    when=wrapper.before(supervisor.safe & ~supervisor.recover))
    wrapper.require(supervisor.flush, when=supervisor.safe)
    wrapper.require(~supervisor.safe, when=wrapper.before(~supervisor.safe & ~supervisor.fault))


def codes(wrapper):
    """The lowest of those that come together, until a recovery that has seen it."""
    supervisor = wrapper.add(Supervisor(watchdog_bits=BITS))
    lowest = 0
    for code, happens in reversed(list(enumerate(_wrong(wrapper, supervisor), start=1))):
        lowest = Mux(happens, code, lowest)
    kept = Signal(4)
    with wrapper.m.If(supervisor.fault):
        wrapper.m.d.sync += kept.eq(lowest)
    with wrapper.m.Elif(supervisor.recover):
        wrapper.m.d.sync += kept.eq(0)
    wrapper.require(supervisor.code == kept)
    wrapper.require((supervisor.code != 0) == supervisor.safe)
    wrapper.reach(supervisor.code == len(FAULTS) - 1)
    wrapper.reach(wrapper.before(supervisor.fault & supervisor.recover) & supervisor.safe)


def recovery(wrapper):
    """The last one counts; a fault in its own clock has not been seen and is not recovered from."""
    supervisor = wrapper.add(Supervisor(watchdog_bits=BITS))
    age, recovered = Signal(range(FLUSH_CLOCKS + 2)), Signal()
    with wrapper.m.If(supervisor.recover):
        wrapper.m.d.sync += [age.eq(1), recovered.eq(~supervisor.fault)]
    with wrapper.m.Else():
        wrapper.m.d.sync += age.eq(age + ((age != 0) & (age != FLUSH_CLOCKS + 1)))
        with wrapper.m.If(supervisor.fault):
            wrapper.m.d.sync += recovered.eq(0)
    wrapper.require(supervisor.flush == (age <= FLUSH_CLOCKS), when=recovered)
    wrapper.require(~supervisor.safe, when=recovered)
    wrapper.reach(recovered & (age == FLUSH_CLOCKS + 1))


def at_rest(wrapper):
    tile = Tile(PROGRAM)
    parts = wrapper.open(tile)
    flush = parts.supervisor.flush
    active = Cat(tile.rows.pulse, tile.converters.gate, tile.program.fire).any()
    wrapper.require(~active, when=wrapper.before(flush))
    wrapper.require(tile.converters.flush == flush)
    inside = (parts.input_buffer.busy | parts.sequencer.busy | parts.nmpu.busy
              | parts.dispatcher.running | parts.program_engine.busy)
    wrapper.require(~inside, when=wrapper.before(flush))
    # Counts on their way to the sums of a measurement are still added.
    added = flush
    for _ in range(2):
        added = wrapper.before(added & flush)
    wrapper.require(~parts.readout.busy, when=wrapper.before(added))
    wrapper.reach(wrapper.before(tile.rows.pulse.any() & flush))


PROPERTIES = (
    Property(
        name="safe_after_fault",
        sentence="Every fault, a wait beyond the limit among them, makes the tile safe in the next "
                 "clock, nothing else does, and only recovery ends it.",
        build=faults,
        plant=Plant(Supervisor, "with m.Elif(~over & ~clocks.all()):", "with m.Elif(~over):")),
    Property(
        name="safe_keeps_code",
        sentence="The code of the first fault stays until a recovery; 0 is no fault.",
        build=codes,
        plant=Plant(Supervisor, "with m.If(~self.fault):", "with m.If(~self.safe):")),
    Property(
        name="safe_until_recovery",
        sentence="After the last recovery the flush lasts 4 clocks, if no fault came with it.",
        build=recovery,
        plant=Plant(Supervisor, "left.eq(FLUSH_CLOCKS)", "left.eq(left | FLUSH_CLOCKS)")),
    Property(
        name="safe_array",
        sentence="In the clock after one of a flush or of the safe state no row is driven, no gate "
                 "open and no head fires at the pins of the tile, and it holds no work; counts "
                 "for the sums of a measurement are added three clocks later.",
        build=at_rest,
        plant=Plant(Tile, "m.submodules.row_drivers = flushed(row_drivers)",
                    "m.submodules.row_drivers = row_drivers"),
        depth=40),
)
