"""What blocks promise each other: a stream holds what it offers, windows come in order."""

from amaranth.hdl import Cat, Value

from golden.array.modes import READ_MODES
from golden.config import VECTOR_BITS
from golden.settings import most_reads

__all__ = [
    "keeps",
    "kept",
    "legal_groups",
    "legal_settings",
    "steady_measurement",
    "taken",
    "waiting",
    "windows_in_order",
]


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
