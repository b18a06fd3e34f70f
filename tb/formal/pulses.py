"""No pulse harms the array: not without the key, not too long, too strong, too often or cut off."""

from amaranth.hdl import Cat, Signal

from hw.program.engine import ProgramEngine
from hw.program.guard import PulseGuard
from hw.program.payloads import Kind, heads_members
from hw.program.pulser import Pulser
from hw.tile import Tile
from tb.formal.configs import PROGRAM
from tb.formal.plant import Plant
from tb.formal.property import Property

__all__ = ["PROPERTIES"]

LIMITS = PROGRAM.program


def _needs_key(wrapper, pins, unlocked):
    """Nothing fires in the clock after one without the key."""
    fires = pins.fire.any()
    wrapper.require(wrapper.before(unlocked), when=fires)
    wrapper.reach(fires & ~unlocked)


def _is_short(wrapper, pins):
    clocks = Signal(range(LIMITS.max_pulse_clocks + 2), name="clocks")
    fires = pins.fire.any()
    with wrapper.m.If(~fires):
        wrapper.m.d.sync += clocks.eq(0)
    with wrapper.m.Elif(clocks <= LIMITS.max_pulse_clocks):
        wrapper.m.d.sync += clocks.eq(clocks + 1)
    wrapper.require(clocks < LIMITS.max_pulse_clocks, when=fires)
    wrapper.reach(fires & (clocks == LIMITS.max_pulse_clocks - 1))


def _is_weak(wrapper, pins):
    for head in range(LIMITS.heads):
        fires, current = pins.fire[head], pins.current[head]
        wrapper.require(current <= LIMITS.max_current_ua, when=fires)
    wrapper.reach(pins.fire[0] & (pins.current[0] == LIMITS.max_current_ua))


def _told(pins):
    return Cat(getattr(pins, name) for name in heads_members(PROGRAM) if name != "fire")


def guard_key(wrapper):
    guard = wrapper.add(PulseGuard(PROGRAM))
    _needs_key(wrapper, guard.pins, guard.unlocked)
    refused = guard.fire & ~guard.unlocked
    wrapper.require(guard.violation, when=wrapper.before(refused & ~guard.clear))


def guard_length(wrapper):
    _is_short(wrapper, wrapper.add(PulseGuard(PROGRAM)).pins)


def guard_current(wrapper):
    _is_weak(wrapper, wrapper.add(PulseGuard(PROGRAM)).pins)


def guard_steady(wrapper):
    """While it fires, and in the clock before, description and heads stay."""
    pins = wrapper.add(PulseGuard(PROGRAM)).pins
    told, fires = _told(pins), pins.fire.any()
    wrapper.require(told == wrapper.before(told), when=fires)
    wrapper.require(pins.fire == wrapper.before(pins.fire),
                    when=fires & wrapper.before(fires))
    wrapper.reach(fires & wrapper.before(fires) & pins.trailing)


def guard_rounds(wrapper):
    """A group is chosen; its pulses of the loop are counted as long as the row stays. No other
    pulse comes to a row after one of the loop."""
    guard = wrapper.add(PulseGuard(PROGRAM))
    told, pins = guard.pulse, guard.pins
    group = wrapper.fixed(range(PROGRAM.array.columns // LIMITS.heads), "group")
    fires = pins.fire.any()
    loop, counted, pulses = Signal(), Signal(), Signal(range(LIMITS.max_rounds + 2))
    begun, looped, row = Signal(), Signal(), Signal.like(told.row)
    fresh = ~begun | (told.row != row)
    wrapper.assume(fresh | ~looped | (told.kind == Kind.LOOP), when=guard.load)
    with wrapper.m.If(fires & loop & ~counted):
        wrapper.m.d.sync += [counted.eq(1), pulses.eq(pulses + (pulses <= LIMITS.max_rounds))]
    with wrapper.m.If(guard.load):
        wrapper.m.d.sync += [loop.eq((told.kind == Kind.LOOP) & (told.group == group)),
                             counted.eq(0), begun.eq(1), row.eq(told.row),
                             looped.eq(told.kind == Kind.LOOP)]
        with wrapper.m.If(fresh):
            wrapper.m.d.sync += pulses.eq(0)
    with wrapper.m.If(guard.restart | guard.clear):
        wrapper.m.d.sync += [begun.eq(0)]
    wrapper.require(pulses <= LIMITS.max_rounds)
    wrapper.reach(pulses == LIMITS.max_rounds)


def guard_stops(wrapper):
    """Until the next description after a clear, and after a violation until a clear."""
    guard = wrapper.add(PulseGuard(PROGRAM))
    cleared = Signal(init=1)
    with wrapper.m.If(guard.clear):
        wrapper.m.d.sync += cleared.eq(1)
    with wrapper.m.Elif(guard.load):
        wrapper.m.d.sync += cleared.eq(0)
    fires = guard.pins.fire.any()
    wrapper.require(~fires, when=cleared | wrapper.before(cleared))
    wrapper.require(~fires, when=wrapper.before(guard.violation))
    wrapper.require(guard.violation, when=wrapper.before(guard.violation & ~guard.clear))
    wrapper.reach(wrapper.before(fires & guard.clear & ~guard.unlocked))
    wrapper.reach(guard.violation & wrapper.before(fires))


def engine(wrapper):
    """Whatever settings, targets, sums and heads say."""
    block = wrapper.add(ProgramEngine(PROGRAM))
    _needs_key(wrapper, block.pins, block.unlocked)
    _is_short(wrapper, block.pins)
    _is_weak(wrapper, block.pins)
    wrapper.require(~block.pins.fire.any(), when=wrapper.before(block.flush))
    wrapper.require(~block.busy & ~block.violation, when=wrapper.before(block.flush))


def pulser(wrapper):
    """With the guard behind it: steady from two clocks before a pulse to one after it. A flush
    resets both, as the wrapper may."""
    block, guard = wrapper.add(Pulser(PROGRAM)), wrapper.add(PulseGuard(PROGRAM), "guard")
    wrapper.assume(Cat(guard.pulse, guard.load, guard.fire, guard.trailing)
                   == Cat(block.i.payload, block.load, block.fire, block.trailing))
    wrapper.assume(~guard.clear)
    told, fires = _told(guard.pins), guard.pins.fire.any()
    steady = told == wrapper.before(told)
    wrapper.require(steady, when=fires | wrapper.before(fires))
    wrapper.require(wrapper.before(steady), when=fires)
    wrapper.require(fires, when=guard.pins.trailing)
    wrapper.reach(fires & wrapper.before(~fires))
    wrapper.reach(wrapper.before(fires) & ~fires)


def tile(wrapper):
    """Whatever the bus writes and the streams bring."""
    block = Tile(PROGRAM)
    parts = wrapper.open(block)
    _needs_key(wrapper, block.program, parts.program_registers.unlocked)
    _is_short(wrapper, block.program)
    _is_weak(wrapper, block.program)


PROPERTIES = (
    Property(
        name="pulse_needs_key",
        sentence="No head fires in the clock after one in which the heads were locked, and trying "
                 "is a violation.",
        build=guard_key,
        plant=Plant(PulseGuard, "self.unlocked & ~strong",
                    "(self.unlocked | (left == 1)) & ~strong")),
    Property(
        name="pulse_length",
        sentence="No head fires for more than `max_pulse_clocks` without a break.",
        build=guard_length,
        plant=Plant(PulseGuard, "Mux(left == 0, 0, left - 1)",
                    "Mux(left == 0, 0, left - ~self.trailing)")),
    Property(
        name="pulse_current",
        sentence="No head fires with more than `max_current_ua`.",
        build=guard_current,
        plant=Plant(PulseGuard, "& (left != 0) & ~self.load &", "& (left != 0) &")),
    Property(
        name="pulse_steady",
        sentence="Which heads fire, and how, stays while they do.",
        build=guard_steady,
        plant=Plant(PulseGuard, "& (left != 0) & ~self.load &", "& (left != 0) &")),
    Property(
        name="pulse_rounds",
        sentence="No cell gets more than `max_rounds` pulses of the loop before the row changes.",
        build=guard_rounds,
        plant=Plant(PulseGuard, "again = told.group <= pins.group",
                    "again = told.group < pins.group"),
        depth=30),
    Property(
        name="pulse_stops",
        sentence="Nothing fires from a clear to the next description, nor from a violation to the "
                 "next clear.",
        build=guard_stops,
        plant=Plant(PulseGuard, "passes = self.fire & allowed & ~self.clear",
                    "passes = self.fire & allowed")),
    Property(
        name="pulse_around",
        sentence="Pulser and guard keep what the heads are told from two clocks before a pulse to "
                 "one after it.",
        build=pulser,
        plant=Plant(Pulser, "m.d.sync += left.eq(trailing)\n                    m.next = \"HOLD\"",
                    "m.d.sync += left.eq(trailing)\n                    m.next = \"IDLE\"")),
    Property(
        name="pulse_of_engine",
        sentence="The whole engine fires neither without the key nor too long nor too strong, and "
                 "not from the clock after a flush on.",
        build=engine,
        plant=Plant(ProgramEngine, "return ResetInserter(self.flush)(m)", "return m"),
        depth=40),
    Property(
        name="pulse_of_tile",
        sentence="At the pins of the tile no head fires without the key, too long or too strong.",
        build=tile,
        plant=Plant(PulseGuard, "self.unlocked & ~strong", "~strong"),
        depth=60),
)
