"""Windows are legal, one bank counts at a time, and the coefficient bank changes between results.
"""

from amaranth.hdl import Cat, Mux, Signal

from golden.presets import tiny
from hw.control.bank_exchange import BankExchange
from hw.control.sequencer import Sequencer
from hw.drive.slices import Slices
from hw.readout.banks import Banks
from hw.tile import Tile
from tb.formal.configs import FOUR_PHASES, NANO
from tb.formal.plant import Plant
from tb.formal.property import Property
from tb.formal.rules import legal_settings, steady_measurement

__all__ = ["PROPERTIES"]

READ = tiny.replace(drive={"input_bits": 4}, nmpu={"max_reads": 16})
"""All read modes, of vectors of 4 bits."""


def gates(wrapper):
    banks = wrapper.add(Banks(NANO))
    wrapper.require((banks.gate & (banks.gate - 1)) == 0)
    wrapper.require(banks.gate.any() == wrapper.before(banks.active))
    wrapper.reach(banks.gate == 1)
    wrapper.reach(banks.gate == 2)


def sides(wrapper):
    sequencer = wrapper.add(Sequencer(READ))
    window = sequencer.window
    drives = Cat(sequencer.drive_positive, sequencer.drive_negative)
    connected = Cat(window.plus, window.minus)
    wrapper.require(((drives == 0b11) & (connected == 0b11))
                    | ((drives ^ drives[::-1]).all() & (connected ^ connected[::-1]).all()),
                    when=sequencer.active)
    wrapper.require(sequencer.mask == 0, when=window.reference)
    wrapper.reach(sequencer.active & (drives == 0b01) & (connected == 0b10))
    wrapper.reach(sequencer.active & (drives == 0b10) & (connected == 0b01))
    wrapper.reach(sequencer.active & window.reference)


def steady(wrapper):
    sequencer = wrapper.add(Sequencer(READ))
    legal_settings(wrapper, sequencer, READ)
    steady_measurement(wrapper, sequencer)
    window = sequencer.window
    told = Cat(sequencer.drive_positive, sequencer.drive_negative, sequencer.mask, window.plus,
               window.minus, window.devices, window.block, window.reference,
               window.reference_code)
    inside = wrapper.before(sequencer.active & ~sequencer.close & ~sequencer.flush)
    wrapper.require(sequencer.active & (told == wrapper.before(told)), when=inside)
    wrapper.require(sequencer.open == (sequencer.active & ~inside))
    wrapper.require(wrapper.before(sequencer.free), when=sequencer.open)
    wrapper.reach(inside & window.reference)
    wrapper.reach(sequencer.open & wrapper.before(sequencer.close))


def length(wrapper):
    sequencer = wrapper.add(Sequencer(NANO))
    clocks = Signal(range(10))
    with wrapper.m.If(sequencer.active):
        wrapper.m.d.sync += clocks.eq(Mux(sequencer.close, 0, clocks + (clocks != 9)))
    with wrapper.m.If(sequencer.flush):
        wrapper.m.d.sync += clocks.eq(0)
    legal_settings(wrapper, sequencer, NANO)
    wrapper.require(sequencer.close == (clocks == 7), when=sequencer.active)
    wrapper.reach(sequencer.close)


def levels(wrapper):
    sequencer = wrapper.add(Sequencer(tiny))
    legal_settings(wrapper, sequencer, tiny)
    magnitude = wrapper.free(7, "magnitude")
    driven = (magnitude & sequencer.mask) > sequencer.level
    wrapper.require(~driven, when=sequencer.close)
    wrapper.reach(driven & sequencer.active)


def bank_within_a_result(wrapper):
    sequencer = wrapper.add(Sequencer(FOUR_PHASES))
    legal_settings(wrapper, sequencer, FOUR_PHASES)
    tag = sequencer.tag
    inside, bank = Signal(), Signal()
    read = sequencer.open & ~tag.measure & ~tag.calibrate
    with wrapper.m.If(read):
        wrapper.m.d.sync += [inside.eq(~tag.last), bank.eq(tag.bank)]
    with wrapper.m.If(sequencer.flush):
        wrapper.m.d.sync += inside.eq(0)
    wrapper.require(tag.bank == bank, when=read & inside)
    wrapper.require(tag.first == ~inside, when=read)
    wrapper.reach(read & inside & sequencer.swap_pending & tag.last)


def exchange(wrapper):
    sequencer = wrapper.add(Sequencer(NANO))
    old = sequencer.uses_bank.bit_select(~sequencer.bank, 1)
    ended = wrapper.before(sequencer.swap_pending) & ~sequencer.swap_pending
    wrapper.require(~wrapper.before(old) & (sequencer.bank == wrapper.before(sequencer.bank)),
                    when=ended)
    changed = sequencer.bank != wrapper.before(sequencer.bank)
    pinned = wrapper.before(sequencer.load & sequencer.job.pinned & ~sequencer.flush)
    wrapper.require(sequencer.swap_pending | pinned | ~wrapper.before(1), when=changed)
    wrapper.reach(ended)
    wrapper.reach(changed & ~sequencer.swap_pending)


def coefficients(wrapper):
    parts = wrapper.open(Tile(NANO))
    window = parts.coefficient_window
    needed = parts.readout.uses_bank | parts.nmpu.uses_bank
    written = window.coefficients.bank
    bank = parts.sequencer.bank
    wrapper.require(~needed.bit_select(~bank, 1), when=~parts.sequencer.bank_closed)
    wrapper.require(~needed.bit_select(written[0], 1), when=window.written)
    wrapper.require(written[0] != bank, when=window.written)
    wrapper.reach(window.written & needed.any())


def pulses(wrapper):
    tile = wrapper.add(Tile(NANO))
    rows, pins = tile.rows, tile.converters
    wrapper.require(pins.gate.any() & ~pins.reference, when=rows.pulse.any())
    wrapper.require((pins.gate & (pins.gate - 1)) == 0)
    inside = wrapper.before(pins.gate.any()) & (pins.gate == wrapper.before(pins.gate))
    wrapper.require(rows.negative == wrapper.before(rows.negative), when=inside)
    wrapper.reach(rows.pulse.any() & inside)
    wrapper.reach(pins.reference & pins.gate.any())


PROPERTIES = (
    Property(
        name="one_gate",
        sentence="At most one bank of counters is gated, and one exactly while a window is open.",
        build=gates,
        plant=Plant(Banks, "Mux(self.active, 1 << now, 0)", "Mux(self.active, 1 << now, used)")),
    Property(
        name="window_sides",
        sentence="A window drives and connects both signs and sides, or one of each.",
        build=sides,
        plant=Plant(Sequencer, "self.window.minus.eq(~four | phase[1])",
                    "self.window.minus.eq(~four | ~phase[1])"),
        depth=40),
    Property(
        name="window_steady",
        sentence="What rows and converters are told changes between windows only, and a window "
                 "opens only if counters were free.",
        build=steady,
        plant=Plant(Sequencer, "with m.If(self.free):", "with m.If(self.free | self.measure):"),
        depth=40),
    Property(
        name="pulse_within_gate",
        sentence="At the pins of the tile, rows are driven only under a gate, with steady signs, "
                 "and never with a known current.",
        build=pulses,
        plant=Plant(Banks, "Mux(self.active, 1 << now, 0)",
                    "Mux(self.active & ~self.open, 1 << now, 0)")),
    Property(
        name="window_length",
        sentence="A window of 4 bits in one phase is open for 8 clocks.",
        build=length,
        plant=Plant(Sequencer, "self.active.eq(1), tick.eq(0), last_tick.eq(0)",
                    "self.active.eq(1), last_tick.eq(0)"),
        depth=30),
    Property(
        name="window_ends_undriven",
        sentence="No row is driven in the last clock of a slice, whatever its magnitude.",
        build=levels,
        plant=Plant(Slices, "longest = mode.clocks_per_unit * ((1 << width) - 1)",
                    "longest = mode.clocks_per_unit * ((1 << width) - 2)")),
    Property(
        name="bank_within_result",
        sentence="All reads of a result carry the same coefficient bank, and the first is marked.",
        build=bank_within_a_result,
        plant=Plant(Sequencer, "between.eq(deciding & over & (index == 0)",
                    "between.eq(deciding & over"),
        depth=40),
    Property(
        name="bank_exchange_ends",
        sentence="An exchange is over only when no read needs the old bank.",
        build=exchange,
        plant=Plant(BankExchange, "other_used = self.uses_bank.bit_select(~self.bank, 1)",
                    "other_used = self.uses_bank.bit_select(self.bank, 1)")),
    Property(
        name="bank_in_use_is_not_written",
        sentence="The bus never writes a coefficient of a bank that a read in the tile needs.",
        build=coefficients,
        plant=Plant(Tile, "window.closed.eq(sequencer.bank_closed)", "window.closed.eq(0)"),
        depth=40),
)
