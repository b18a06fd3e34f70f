"""Calibration vectors: a constant, one row at a time, or stored ones."""

from amaranth.hdl import Module, Mux, Signal, signed
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from golden.drift.measure import INPUTS
from golden.registers import WINDOW_BITS, vector_words
from hw.control.register_bus import RegisterBus

__all__ = ["CalibrationSource"]


class CalibrationSource(wiring.Component):
    """``golden.drift.measure.calibration_vectors`` one by one.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    kind : In(2)
        A place in `golden.drift.measure.INPUTS`.
    value : In(signed(8))
        Of the driven rows, if they are not stored.
    count : In(range(vectors + 1))
        Stored vectors to take in turn.
    restart : In(1)
        The next vector is number 0; it is there in the next clock.
    taken : In(1)
        The vector is taken; the next one is there in the next clock.
    x : Out(ArrayLayout(signed(8), rows))
    bus : In(RegisterBus())
        Four rows per word, vector after vector; write only.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "kind": In(2),
            "value": In(signed(8)),
            "count": In(range(config.drift.vectors + 1)),
            "restart": In(1),
            "taken": In(1),
            "x": Out(data.ArrayLayout(signed(8), config.array.rows)),
            "bus": In(RegisterBus()),
        })

    def elaborate(self, platform):
        m = Module()
        rows, vectors = self._config.array.rows, self._config.drift.vectors
        words = vector_words(rows)
        m.submodules.stored = stored = Memory(shape=32 * words, depth=vectors, init=[])
        read, write = stored.read_port(), stored.write_port(granularity=32)

        row = Signal(range(rows))
        number = Signal(range(max(vectors, 2)))
        next_number = Signal.like(number)
        m.d.comb += next_number.eq(number)
        with m.If(self.restart):
            m.d.sync += row.eq(0)
            m.d.comb += next_number.eq(0)
        with m.Elif(self.taken):
            m.d.sync += row.eq(Mux(row == rows - 1, 0, row + 1))
            m.d.comb += next_number.eq(Mux(number == self.count - 1, 0, number + 1))
        m.d.sync += number.eq(next_number)
        # The sequencer may take the first vector in the very clock after the restart.
        m.d.comb += [read.en.eq(1), read.addr.eq(next_number)]
        for k in range(rows):
            driven = (self.kind == INPUTS.index("constant")) | (row == k)
            m.d.comb += self.x[k].eq(Mux(
                self.kind == INPUTS.index("stored"), read.data[8 * k:8 * k + 8].as_signed(),
                Mux(driven, self.value, 0)))

        place = self.bus.address[2:WINDOW_BITS]
        vector = place // words
        allowed = self.bus.write & (self.bus.address[:2] == 0) & (vector < vectors)
        m.d.comb += [
            write.addr.eq(vector),
            write.data.eq(self.bus.data.replicate(words)),
            write.en.eq(Mux(self.bus.access & allowed, 1 << (place % words), 0)),
        ]
        m.d.sync += self.bus.refused.eq(~allowed)
        return m
