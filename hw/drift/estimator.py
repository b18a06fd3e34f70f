"""Gains and betas from the sums of calibration vectors, column by column."""

from amaranth.hdl import Array, Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from golden.drift.divide import Refusal
from golden.drift.engine import METHODS
from golden.drift.formats import DriftFormats
from hw.drift.divider import Divider
from hw.formats.q import Q
from hw.nmpu.tally import TallyBus

__all__ = ["Estimator"]

FIT = METHODS.index("fit")


class Estimator(wiring.Component):
    """The functions of ``golden.drift.estimate``.

    Two passes over the columns: the first adds the sums of those in use, which gives the gain of
    the tile; the second, unless that is all, divides for each column. It takes 7 or 9 clocks per
    column for the first and 28, or some 70 with a beta, for the second; the array works meanwhile.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    start : In(1)
    method : In(2)
        A place in `golden.drift.engine.METHODS`; steady, like the next two.
    minimum : In(32)
    reads_log2 : In(5)
        Binary logarithm of the reads of a measurement, for ``fit``.
    sums : Out(TallyBus(config))
    done : Out(1)
        One clock; from then on ``refusal`` and the gains are valid.
    refusal : Out(3)
    tile_gain : Out(Q(config.drift.gain))
    column : In(range(columns))
        Whose gain and beta are shown in the next clock.
    gain : Out(Q(config.drift.gain))
    beta : Out(Q(config.nmpu.offset))
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "start": In(1), "method": In(2), "minimum": In(32), "reads_log2": In(5),
            "sums": Out(TallyBus(config)),
            "done": Out(1), "refusal": Out(3),
            "tile_gain": Out(Q(config.drift.gain)),
            "column": In(range(config.array.columns)),
            "gain": Out(Q(config.drift.gain)), "beta": Out(Q(config.nmpu.offset)),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        formats, gain_fmt, offset = DriftFormats.of(config), config.drift.gain, config.nmpu.offset
        columns = config.array.columns
        m.submodules.divider = divider = Divider(fmt=gain_fmt, width=formats.total.fmt.width)
        entry = data.StructLayout({"gain": gain_fmt.width, "beta": signed(offset.width)})
        m.submodules.gains = gains = Memory(shape=entry, depth=columns, init=[])
        write, read = gains.write_port(), gains.read_port()

        column = Signal(range(columns))
        fitting = self.method == FIT
        fetched = [Signal(signed(formats.sum.fmt.width), name=f"sum_{k}") for k in range(4)]
        step = Signal(range(6))
        last_step = Mux(fitting, 4, 2)
        slots = Mux(fitting, step, step << 1)  # references first, then what is read now

        # What is compared: sums, or rises between two inputs, a falling one turned over.
        rise, present, then, now, magnitude = (
            Signal(signed(formats.total.fmt.width), name=name)
            for name in ("rise", "present", "then", "now", "magnitude"))
        used = Signal()
        total_then = Signal.like(then)
        total_now = Signal.like(now)
        totals = Signal()  # the first pass, or the division that ends it
        refused = divider.refusal != Refusal.NONE

        line, term, rounded = (Signal(signed(formats.line.fmt.width), name=name)
                               for name in ("line", "term", "rounded"))
        factor = Signal(gain_fmt.width)
        bit = Signal(range(64))
        shift = formats.line.fmt.frac_bits - offset.frac_bits - 1
        m.d.comb += [
            self.sums.slot.eq(slots),
            self.sums.column.eq(column),
            divider.numerator.eq(Mux(totals, total_then, then)),
            divider.denominator.eq(Mux(totals, total_now, now)),
            divider.minimum.eq(self.minimum),
            write.addr.eq(column),
            write.data.gain.eq(Mux(used, divider.quotient.raw, self.tile_gain.raw)),
            write.data.beta.eq(Mux(used & fitting, rounded, 0)),
            rounded.eq((line + 1) >> 1),
            read.en.eq(1),
            read.addr.eq(self.column),
            self.gain.as_value().eq(Mux(self.method == METHODS.index("tile"),
                                        self.tile_gain.raw, read.data.gain)),
            self.beta.as_value().eq(Mux(fitting, read.data.beta, 0)),
        ]
        with m.FSM():
            with m.State("IDLE"):
                with m.If(self.start):
                    m.d.sync += [column.eq(0), step.eq(0), totals.eq(1), total_then.eq(0),
                                 total_now.eq(0), self.refusal.eq(Refusal.NONE)]
                    m.next = "FETCH"
            with m.State("FETCH"):
                m.d.sync += step.eq(step + 1)
                with m.If(step != 0):
                    m.d.sync += Array(fetched)[(step - 1)[:2]].eq(self.sums.sum.raw)
                with m.If(step == last_step):
                    m.d.sync += step.eq(0)
                    m.next = "SUBTRACT"
            with m.State("SUBTRACT"):
                m.d.sync += [rise.eq(fetched[1] - fetched[0]), present.eq(fetched[3] - fetched[2])]
                m.next = "TURN"
            with m.State("TURN"):
                m.d.sync += [then.eq(Mux(fitting, Mux(rise < 0, -rise, rise), fetched[0])),
                             now.eq(Mux(fitting, Mux(rise < 0, -present, present), fetched[1]))]
                m.next = "JUDGE"
            with m.State("JUDGE"):
                m.d.sync += [used.eq(then >= self.minimum), magnitude.eq(Mux(now < 0, -now, now))]
                m.next = "USE"
            with m.State("USE"):
                with m.If(totals):
                    with m.If(used):
                        m.d.sync += [total_then.eq(total_then + then),
                                     total_now.eq(total_now + magnitude)]
                    m.d.sync += column.eq(column + 1)
                    m.next = "FETCH"
                    with m.If(column == columns - 1):
                        m.d.sync += column.eq(0)
                        m.next = "TOTAL"
                with m.Elif(used):
                    m.d.comb += divider.start.eq(1)
                    m.next = "DIVIDE"
                with m.Else():
                    m.next = "STORE"
            with m.State("TOTAL"):
                m.d.comb += divider.start.eq(1)
                m.next = "DIVIDE"
            with m.State("DIVIDE"):
                with m.If(divider.done):
                    m.next = "MULTIPLY"
                    m.d.sync += [bit.eq(0), line.eq(fetched[0] << gain_fmt.frac_bits),
                                 term.eq(fetched[2]), factor.eq(divider.quotient.raw)]
                    with m.If(refused):
                        m.d.sync += self.refusal.eq(divider.refusal)
                        m.next = "DONE"
                    with m.Elif(totals):
                        m.d.sync += [totals.eq(0), self.tile_gain.eq(divider.quotient)]
                        m.next = "FETCH"
                        with m.If(self.method == METHODS.index("tile")):
                            m.next = "DONE"
                    with m.Elif(~fitting):
                        m.next = "STORE"
            with m.State("MULTIPLY"):
                # The reference of input 0, less what is read now times the gain, bit by bit.
                m.d.sync += [line.eq(line - Mux(factor[0], term, 0)), term.eq(term << 1),
                             factor.eq(factor >> 1)]
                with m.If(factor == 0):
                    m.next = "SHIFT"
            with m.State("SHIFT"):
                with m.If(bit == shift + self.reads_log2):
                    m.next = "STORE"
                with m.Else():
                    m.d.sync += [line.eq(line >> 1), bit.eq(bit + 1)]
            with m.State("STORE"):
                m.d.comb += write.en.eq(1)
                m.d.sync += column.eq(column + 1)
                m.next = "FETCH"
                with m.If(column == columns - 1):
                    m.next = "DONE"
                with m.If(used & fitting & ~((rounded >= offset.min) & (rounded <= offset.max))):
                    m.d.sync += self.refusal.eq(Refusal.RANGE)
                    m.next = "DONE"
            with m.State("DONE"):
                m.d.comb += self.done.eq(1)
                m.next = "IDLE"
        return m
