"""Nothing wraps: counters stop at their ends, sums keep within their widths."""

from amaranth.hdl import Mux, Signal, signed

from golden.presets import tiny
from golden.registers import MOST_REPEATS, REGISTERS
from hw.control.chain_registers import ChainRegisters
from hw.control.registers import Registers
from hw.control.sequencer import Sequencer
from hw.drift.registers import DriftRegisters
from hw.readout.capture import Capture
from hw.readout.count_sums import CountSums
from hw.readout.readout import Readout
from hw.readout.ripple_counter import RippleCounter
from tb.formal.configs import NANO
from tb.formal.plant import Plant
from tb.formal.property import Property
from tb.formal.rules import legal_groups, legal_settings, windows_in_order

__all__ = ["PROPERTIES"]


def _stops(wrapper, page, *, register, field, event):
    """A register counts an event and stays at its maximum; it is read in every clock."""
    place = next(f for f in REGISTERS[register].fields if f.name == field)
    wrapper.assume((page.bus.address == REGISTERS[register].offset) & ~page.bus.write)
    shown = page.bus.read[place.low:place.low + place.width]
    before, counted = wrapper.before(shown), wrapper.before(wrapper.before(event))
    # An answer is a clock behind, and the first one is of a clock before the beginning.
    settled = wrapper.before(wrapper.before(1))
    wrapper.require(shown == Mux(before.all(), before, before + counted), when=settled)
    wrapper.reach(settled & before.all() & counted)
    wrapper.reach(settled & ~before.all() & counted)


def _register(register, field, event):
    def build(wrapper):
        page = wrapper.add(Registers(NANO))
        _stops(wrapper, page, register=register, field=field, event=getattr(page, event))
    return build


def _drift_register(field, event):
    def build(wrapper):
        page = wrapper.add(DriftRegisters(tiny))
        _stops(wrapper, page, register="DRIFT_COUNTS", field=field, event=getattr(page, event))
    return build


def jobs(wrapper):
    page = wrapper.add(ChainRegisters())
    _stops(wrapper, page, register="JOBS", field="count", event=page.job_done)


def window_clocks(wrapper):
    """For windows of up to 15 clocks."""
    block = wrapper.add(Readout(NANO))
    wrapper.assume(~block.flush)
    windows_in_order(wrapper, block)
    clocks = Signal(4)
    gated, gate = block.gate.any(), wrapper.before(block.gate)
    with wrapper.m.If(gated):
        wrapper.m.d.sync += clocks.eq(Mux(block.gate != gate, 1, clocks + 1))
    wrapper.assume(~clocks.all() | (block.gate != gate))
    ended = wrapper.before((block.gate != gate) & gate.any())
    wrapper.require(block.window_clocks == wrapper.before(clocks), when=ended)
    wrapper.require(block.window_clocks == wrapper.before(block.window_clocks), when=~ended)
    wrapper.reach(ended & (block.window_clocks == 9))


def ticks(wrapper):
    sequencer = Sequencer(tiny)
    slices = wrapper.open(sequencer).slices
    legal_settings(wrapper, sequencer, tiny)
    clocks = Signal(range(130))
    with wrapper.m.If(sequencer.active):
        wrapper.m.d.sync += clocks.eq(Mux(sequencer.close, 0, clocks + (clocks != 129)))
    with wrapper.m.If(sequencer.flush):
        wrapper.m.d.sync += clocks.eq(0)
    wrapper.require((slices.tick == clocks) & (slices.tick <= slices.last_tick),
                    when=sequencer.active)
    wrapper.reach(sequencer.close)


def groups(wrapper):
    config = NANO.replace(array={"columns": 12}, readout={"columns_per_counter": 2})
    block = wrapper.add(Capture(config))
    legal_groups(wrapper, block.i.payload.tag, config)
    wrapper.require(block.o.payload.group < config.groups, when=block.o.valid)
    wrapper.reach(block.o.valid & (block.o.payload.group == config.groups - 1))


def ripple(wrapper):
    """Edges are counted by the wrapper; every step of the oscillator is seen."""
    counter = wrapper.add(RippleCounter(4))
    rises = counter.oscillator & ~wrapper.before(counter.oscillator)
    last = wrapper.before(counter.count)
    counts = rises & wrapper.before(counter.gate) & ~last.all()
    cleared = counter.clear | wrapper.before(counter.clear)
    wrapper.require(counter.count == last + counts, when=~cleared & wrapper.before(1))
    wrapper.require(counter.count == 0, when=counter.clear)
    wrapper.reach(last.all() & rises & wrapper.before(counter.gate) & ~cleared)


def sums(wrapper):
    """One step: what is read in clock 2 and what counts in that clock have made of it in clock 5.

    A sum of fewer counts than there may be is any number up to that many times full scale, and of
    differences any number down to as much below 0.
    """
    config = NANO
    block = wrapper.add(CountSums(config))
    lanes, top = config.nmpu.lanes, (1 << config.readout.counter_bits) - 1
    column = wrapper.fixed(range(config.array.columns), "column")
    clock = Signal(range(7))
    wrapper.m.d.sync += clock.eq(clock + (clock != 6))
    wrapper.assume((block.bus.address == column << 2) & ~block.bus.write)
    wrapper.assume(~block.inspect)
    wrapper.assume(block.i.valid == (clock == 2))
    wrapper.assume(block.i.payload.group == column // lanes)
    shown, old, count = block.bus.read.as_signed(), Signal(signed(32)), Signal(signed(6))
    p, n = (side.as_value().word_select(column % lanes, config.readout.counter_bits)
            for side in (block.i.payload.counts.p, block.i.payload.counts.n))
    with wrapper.m.If(clock == 2):
        wrapper.m.d.sync += [
            old.eq(Mux(block.i.payload.tag.first, 0, shown)),
            count.eq(Mux(block.difference, p - n, Mux(block.negative, n, p))),
        ]
    most = (MOST_REPEATS - 1) * top
    wrapper.assume((shown <= most) & (shown >= -most), when=clock == 2)
    wrapper.require(shown == old + count, when=clock == 5)
    wrapper.reach((clock == 5) & (shown == -MOST_REPEATS * top))


PROPERTIES = (
    *(Property(
        name=f"counter_{register.lower()}",
        sentence=f"{register} counts every event by one and stays at its maximum.",
        build=_register(register, "count", event),
        plant=Plant(Registers, "with m.If(event & ~count.all()):", "with m.If(event):"),
        mode="anywhere", depth=6)
      for register, event in (("READS", "read_captured"), ("RESULTS", "result_sent"),
                              ("SATURATIONS", "count_full"))),
    *(Property(
        name=f"counter_drift_{field}",
        sentence=f"DRIFT_COUNTS counts {field} by one and stays at its maximum.",
        build=_drift_register(field, event),
        plant=Plant(DriftRegisters, "with m.If(event & ~count.all()):", "with m.If(event):"),
        mode="anywhere", depth=6)
      for field, event in (("updates", "updated"), ("refusals", "refused"))),
    Property(
        name="counter_jobs",
        sentence="JOBS counts every job by one and stays at its maximum.",
        build=jobs,
        plant=Plant(ChainRegisters, "with m.If(self.job_done & ~count.all()):",
                    "with m.If(self.job_done):"),
        mode="anywhere", depth=6),
    Property(
        name="counter_window_clocks",
        sentence="WINDOW shows how many clocks the gate of the last window was open.",
        build=window_clocks,
        plant=Plant(Readout, "with m.If(self.gate != before):",
                    "with m.If(self.gate.any() != before.any()):"),
        depth=30),
    Property(
        name="counter_ticks",
        sentence="No window of any mode is longer than 128 clocks, so its clocks fit 7 bits.",
        build=ticks,
        plant=Plant(Sequencer, "last_tick.eq(tick + 1 == slices.last_tick)",
                    "last_tick.eq((tick + 1 == slices.last_tick) & self.free)"),
        depth=140),
    Property(
        name="counter_groups",
        sentence="The number of a group stays below the number of groups, with three to a block.",
        build=groups,
        plant=Plant(Capture, "leaving.eq(self.o.ready & (group == final))",
                    "leaving.eq(self.o.ready & group.all())")),
    Property(
        name="counter_sums",
        sentence="A sum of up to 4096 counts, or differences of counts, is exact, whatever they "
                 "are.",
        build=sums,
        plant=Plant(CountSums, "signed(config.readout.counter_bits + 1)",
                    "signed(config.readout.counter_bits)"),
        mode="anywhere", depth=8, bounded=True),
    Property(
        name="counter_ripple",
        sentence="A ripple counter counts rising edges under its gate, stays at full scale, and "
                 "clears at once.",
        build=ripple,
        plant=Plant(RippleCounter, "Mux(self.gate & ~full, ~bit, bit)",
                    "Mux(self.gate, ~bit, bit)"),
        mode="own_clocks", depth=50),
)
