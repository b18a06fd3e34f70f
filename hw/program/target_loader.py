"""Targets of a row: from beats of a stream to one column after the other."""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from golden.program.formats import TARGET_BITS, ProgramFormats
from hw.streams.axi import beat

__all__ = ["TargetLoader"]


class TargetLoader(wiring.Component):
    """``golden.program.targets.read_row``, one column per clock and one clock more per beat.

    Parameters
    ----------
    config : TileConfig
        With ``stream.x_bits`` a multiple of 16.

    Members
    -------
    start : In(1)
        Take the beats of a row, up to the ``last`` one.
    first, last : In(range(columns))
        Columns that have targets; steady until ``done``.
    targets : In(stream.Signature(beat(x_bits)))
        Signed 16-bit words, lowest column in the lowest bits. Columns without one get 0, words
        beyond the last column are dropped.
    write : Out(1)
        Of ``target`` for ``column``.
    column : Out(range(columns))
    target : Out(signed)
        Clipped to what a counter can hold.
    clipped : Out(1)
        It was beyond.
    surplus : Out(1)
        A whole beat is dropped.
    done : Out(1)
        In the clock after the last of the row.
    """

    def __init__(self, config):
        self._config = config
        columns = range(config.array.columns)
        super().__init__({
            "start": In(1), "first": In(columns), "last": In(columns),
            "targets": In(stream.Signature(beat(config.stream.x_bits))),
            "write": Out(1), "column": Out(columns),
            "target": Out(signed(ProgramFormats.of(config).target.fmt.width)),
            "clipped": Out(1), "surplus": Out(1), "done": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        config = self._config
        limit = ProgramFormats.of(config).target.high
        words = config.stream.x_bits // TARGET_BITS
        rest = Signal(config.stream.x_bits, reset_less=True)
        last = Signal()
        left = Signal(range(max(words, 2)))
        word = rest[:TARGET_BITS].as_signed()
        last_column = self.column == self.last
        m.d.comb += self.target.eq(Mux(word > limit, limit, Mux(word < -limit, -limit, word)))

        with m.FSM():
            with m.State("IDLE"):
                m.d.sync += self.column.eq(self.first)
                with m.If(self.start):
                    m.next = "TAKE"
            with m.State("TAKE"):
                m.d.comb += self.targets.ready.eq(1)
                m.d.sync += [rest.eq(self.targets.payload.data), left.eq(words - 1),
                             last.eq(self.targets.payload.last)]
                with m.If(self.targets.valid):
                    m.next = "UNPACK"
            with m.State("UNPACK"):
                m.d.comb += [self.write.eq(1), self.clipped.eq((word > limit) | (word < -limit))]
                m.d.sync += [rest.eq(rest >> TARGET_BITS), left.eq(left - 1)]
                with m.If(last_column):
                    m.next = "DROP"
                    with m.If(last):
                        m.next = "DONE"
                with m.Else():
                    m.d.sync += self.column.eq(self.column + 1)
                    with m.If(left == 0):
                        m.next = "TAKE"
                        with m.If(last):
                            m.next = "PAD"
            with m.State("PAD"):
                m.d.comb += [self.write.eq(1), self.target.eq(0)]
                with m.If(last_column):
                    m.next = "DONE"
                with m.Else():
                    m.d.sync += self.column.eq(self.column + 1)
            with m.State("DROP"):
                m.d.comb += [self.targets.ready.eq(1), self.surplus.eq(self.targets.valid)]
                with m.If(self.targets.valid & self.targets.payload.last):
                    m.next = "DONE"
            with m.State("DONE"):
                m.d.comb += self.done.eq(1)
                m.next = "IDLE"
        return m
