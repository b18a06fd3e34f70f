"""What blocks promise each other: a stream holds what it offers, windows come in order."""

from amaranth.hdl import Cat, Signal, Value

from golden.array.modes import READ_MODES
from golden.config import VECTOR_BITS
from golden.settings import most_reads

__all__ = [
    "ends_cut_vectors",
    "keeps",
    "kept",
    "legal_groups",
    "legal_settings",
    "steady_measurement",
    "taken",
    "waiting",
    "windows_in_order",
]

NOTHING, BEAT_AND_END, END, BEAT = range(4)
"""What a flush leaves owing on a stream."""


def waiting(wrapper, stream):
    """In the clock before, something was offered and not taken."""
    return wrapper.before(stream.valid & ~stream.ready)


def _again(wrapper, stream):
    payload = Value.cast(stream.payload)
    return stream.valid & (payload == wrapper.before(payload))


def keeps(wrapper, stream):
    """Demand the rules of a stream that a block gives."""
    waits = waiting(wrapper, stream)
    wrapper.require(_again(wrapper, stream), when=waits)
    wrapper.reach(waits)


def kept(wrapper, stream):
    """Assume them of a stream that a block is given."""
    wrapper.assume(_again(wrapper, stream), when=waiting(wrapper, stream))


def ends_cut_vectors(wrapper, flush, *, valid, ready, data, last, broken):
    """Demand of a stream what a flush must not break: what is offered stays until it is taken, and
    a vector that is open ends with one beat, last and broken, before the next one. Returned: the
    sink is owed something."""
    owed, within = Signal(2, name="owed"), Signal(name="within")
    after = Signal(name="within_after")
    goes = valid & ready
    wrapper.m.d.comb += after.eq(within)
    with wrapper.m.If(goes):
        wrapper.m.d.comb += after.eq(~last)
        wrapper.m.d.sync += owed.eq(NOTHING)
        with wrapper.m.If(owed == BEAT_AND_END):
            wrapper.m.d.sync += owed.eq(END)
    wrapper.m.d.sync += within.eq(after)
    with wrapper.m.If((owed == NOTHING) & flush):
        with wrapper.m.If(valid & ~ready):
            wrapper.m.d.sync += owed.eq(BEAT_AND_END)
            with wrapper.m.If(last):
                wrapper.m.d.sync += owed.eq(BEAT)
        with wrapper.m.Elif(after):
            wrapper.m.d.sync += owed.eq(END)
    wrapper.require(valid, when=owed != NOTHING)
    wrapper.require(last & broken & (data == 0), when=owed == END)
    wrapper.require(~broken, when=valid & (owed != END))
    wrapper.require(last == (owed == BEAT), when=(owed == BEAT_AND_END) | (owed == BEAT))
    # A beat that is offered again is the same one.
    said = Cat(data, last, broken)
    wrapper.require(valid & (said == wrapper.before(said)), when=wrapper.before(valid & ~ready))
    wrapper.reach((owed == END) & goes & wrapper.before(owed == BEAT_AND_END) & ~flush)
    wrapper.reach((owed == BEAT) & goes)
    return owed != NOTHING


def taken(stream):
    """Something passes in this clock."""
    return stream.valid & stream.ready


def windows_in_order(wrapper, banks):
    """Windows as the sequencer opens them: when a bank was free, and one after the other."""
    inside = wrapper.before(banks.active & ~banks.close)
    wrapper.assume(banks.active, when=inside)
    wrapper.assume(banks.open == (banks.active & ~inside))
    wrapper.assume(wrapper.before(banks.free), when=banks.open)
    wrapper.assume(banks.active & ~banks.open, when=banks.close)


def legal_settings(wrapper, sequencer, config):
    """The bus refuses other settings, and the dispatcher other descriptors: see
    `hw.control.registers.Registers` and `hw.control.chain_checker.ChainChecker`."""
    for settings in (sequencer.settings, sequencer.job.settings):
        allowed = Cat((settings.read_mode == READ_MODES.index(name))
                      & (settings.input_bits == bits)
                      & (settings.reads <= most_reads(config, read_mode=name, input_bits=bits))
                      for name in config.drive.read_modes
                      for bits in VECTOR_BITS if bits <= config.drive.input_bits)
        wrapper.assume((settings.reads != 0) & allowed.any())
    wrapper.assume(sequencer.measurement.repeats != 0)


def steady_measurement(wrapper, sequencer):
    """What a measurement is told stays from its request to its end."""
    told = sequencer.measurement.as_value()
    wrapper.assume(told == wrapper.before(told),
                   when=wrapper.before(sequencer.measure | sequencer.busy))


def legal_groups(wrapper, tag, config):
    """The columns of a read are some, in rising order."""
    wrapper.assume((tag.first_group <= tag.last_group) & (tag.last_group < config.groups))
