"""What each slice of a read mode means for the rows and for the length of the window."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.array.modes import READ_MODES, read_mode
from golden.config import VECTOR_BITS
from hw.readout.payloads import weight_bits

__all__ = ["Slices"]


class Slices(wiring.Component):
    """The table of `golden.array.modes.read_mode`, and the level that magnitudes are held against.

    A row is driven while its magnitude under ``mask`` exceeds ``level``: for a slice of several
    bits the ticks at the weight of the slice, for a slice of one bit nothing until its pulse ends.
    All combinational.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    read_mode : In(2)
    input_bits : In(4)
    slice : In(3)
    tick : In(7)
        Clocks since the window opened.
    mask : Out(7)
        Magnitude bits of the slice.
    level : Out(7)
    last_tick : Out(7)
        Of the window.
    weight : Out(weight_bits(config))
        Magnitude bits below the slice.
    last_slice, four_phases : Out(1)
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "read_mode": In(2), "input_bits": In(4), "slice": In(3), "tick": In(7),
            "mask": Out(7), "level": Out(7), "last_tick": Out(7),
            "weight": Out(weight_bits(config)),
            "last_slice": Out(1), "four_phases": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        drive = self._config.drive
        serial = Signal()
        key = Cat(self.slice, self.input_bits, self.read_mode)
        with m.Switch(key):
            for name in drive.read_modes:
                for bits in (b for b in VECTOR_BITS if b <= drive.input_bits):
                    mode = read_mode(name, input_bits=bits)
                    for k, (width, shift) in enumerate(
                            zip(mode.slice_bits, mode.shifts, strict=True)):
                        longest = mode.clocks_per_unit * ((1 << width) - 1)
                        with m.Case(k | bits << 3 | READ_MODES.index(name) << 7):
                            m.d.comb += [
                                self.mask.eq(((1 << width) - 1) << shift),
                                self.last_tick.eq(longest),
                                self.weight.eq(shift),
                                self.last_slice.eq(k == len(mode.slice_bits) - 1),
                                self.four_phases.eq(mode.phases == 4),
                                serial.eq(mode.clocks_per_unit > 1),
                            ]
        # A slice of several bits weighs 8 at most, so the ticks keep within 7 bits.
        m.d.comb += self.level.eq(Mux(
            serial, (self.tick == self.last_tick).replicate(7), self.tick << self.weight[:2]))
        return m
