"""In the sequencer: which window of a vector or of a measurement is open."""

from amaranth.hdl import Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from golden.registers import MOST_REPEATS
from hw.readout.payloads import block_range

__all__ = ["WindowOrder"]


class WindowOrder(wiring.Component):
    """For each block of columns slice by slice, phase by phase; or the repeats of a measurement.

    What it tells is of the open window, or of the last one if none is.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    start : In(1)
        The first window opens in the next clock.
    step : In(1)
        Likewise the next one; ignored with ``start``.
    measuring : In(1)
    repeats : In(range(MOST_REPEATS + 1))
        Windows of a block, while ``measuring``.
    first_code, code_step : In(reference_bits)
        Of a measurement's known current: that of the first window of a block, and from one to the
        next.
    four_phases, last_slice : In(1)
        Of the slice, see `hw.drive.slices.Slices`; while ``measuring`` they are ignored.
    block : Out(block_range(config))
    slice : Out(3)
    phase : Out(2)
    code : Out(reference_bits)
    begins, ends : Out(1)
        It is the first window, and the last, of a block.
    over : Out(1)
        It is the last one of the last block: from its second clock on, and no window is shorter.
    """

    def __init__(self, config):
        self._config = config
        bits = config.readout.reference_bits
        super().__init__({
            "start": In(1), "step": In(1), "measuring": In(1),
            "repeats": In(range(MOST_REPEATS + 1)), "first_code": In(bits), "code_step": In(bits),
            "four_phases": In(1), "last_slice": In(1),
            "block": Out(block_range(config)), "slice": Out(3), "phase": Out(2), "code": Out(bits),
            "begins": Out(1), "ends": Out(1), "over": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        repeat = Signal(range(MOST_REPEATS))
        last_repeat, last_slice, repeats_over, slices_over = (Signal(name=name) for name in (
            "last_repeat", "last_slice", "repeats_over", "slices_over"))
        m.d.comb += [
            self.phase.eq(repeat[:2]),
            last_repeat.eq(Mux(self.measuring, repeat == self.repeats - 1,
                               ~self.four_phases | (self.phase == 3))),
            last_slice.eq(self.measuring | self.last_slice),
            self.begins.eq((repeat == 0) & (self.slice == 0)),
            self.ends.eq(last_repeat & last_slice),
        ]
        # Known a clock ahead of the decision what comes next.
        m.d.sync += [
            repeats_over.eq(last_repeat),
            slices_over.eq(last_slice),
            self.over.eq(self.ends & (self.block == self._config.blocks - 1)),
        ]
        with m.If(self.start):
            m.d.sync += [self.block.eq(0), self.slice.eq(0), repeat.eq(0),
                         self.code.eq(self.first_code)]
        with m.Elif(self.step):
            with m.If(~repeats_over):
                m.d.sync += [repeat.eq(repeat + 1), self.code.eq(self.code + self.code_step)]
            with m.Else():
                m.d.sync += [repeat.eq(0), self.code.eq(self.first_code)]
                with m.If(~slices_over):
                    m.d.sync += self.slice.eq(self.slice + 1)
                with m.Else():
                    m.d.sync += [self.slice.eq(0), self.block.eq(self.block + 1)]
        return m
