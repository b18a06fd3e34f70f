"""The table of descriptors: written and read on the bus, read by whoever runs a chain."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from golden.descriptors import WORDS
from hw.control.register_bus import RegisterBus

__all__ = ["INDEX_BITS", "DescriptorTable", "descriptor"]

INDEX_BITS = 8
"""Of the number of a descriptor, whatever the table holds: as wide as in the registers."""


def descriptor():
    """Every field of a descriptor, named as in `golden.descriptors.WORDS`."""
    return data.StructLayout({f.name: f.width for word in WORDS for f in word})


class DescriptorTable(wiring.Component):
    """Five words for each descriptor, as `golden.descriptors` places them.

    Bits of no field read 0 and ignore writes. A word that was never written reads 0. With
    ``control.parity`` a word is stored with a bit that makes its ones even in number.

    Parameters
    ----------
    config : TileConfig

    Members
    -------
    bus : In(RegisterBus())
        Refused: what is not aligned, beyond the table or beyond the five words; writes to what is
        locked.
    locked : In(1)
        Descriptors ``first`` to ``last`` cannot be written.
    first, last : In(8)
    bad_parity : In(1)
        Words are written with the wrong parity, to test what becomes of it.
    index : In(8)
        A descriptor of the table.
    descriptor : Out(descriptor())
        Of the ``index`` of the clock before.
    parity_error : Out(1)
        One of its words has the wrong parity.
    """

    def __init__(self, config):
        self._config = config
        super().__init__({
            "bus": In(RegisterBus()),
            "locked": In(1), "first": In(INDEX_BITS), "last": In(INDEX_BITS),
            "bad_parity": In(1),
            "index": In(INDEX_BITS),
            "descriptor": Out(descriptor()),
            "parity_error": Out(1),
        })

    def elaborate(self, platform):
        m = Module()
        bus, depth = self.bus, self._config.control.descriptors
        entry, word = bus.address[5:5 + INDEX_BITS], bus.address[2:5]
        allowed = Signal()
        asked = Signal(len(word))
        m.d.comb += [
            allowed.eq((bus.address[:2] == 0) & (entry < depth) & (word < len(WORDS)) & ~(
                bus.write & self.locked & (entry >= self.first) & (entry <= self.last))),
            bus.read.eq(0),
        ]
        m.d.sync += [bus.refused.eq(~allowed), asked.eq(word)]

        errors = []
        for k, fields in enumerate(WORDS):
            layout = data.StructLayout({f.name: f.width for f in fields})
            written = Cat(bus.data[f.low:f.low + f.width] for f in fields)
            write = bus.access & bus.write & allowed & (word == k)
            stored = data.StructLayout({
                "word": layout, **({"parity": 1} if self._config.control.parity else {})})
            m.submodules[f"word_{k}"] = memory = Memory(shape=stored, depth=depth, init=[])
            port = memory.write_port()
            m.d.comb += [port.addr.eq(entry), port.en.eq(write), port.data.word.eq(written)]
            if self._config.control.parity:
                m.d.comb += port.data.parity.eq(written.xor() ^ self.bad_parity)
            # The memory itself has no reset.
            known = Signal(depth, name=f"known_{k}")
            with m.If(write):
                m.d.sync += known.bit_select(entry, 1).eq(1)

            shown, looked_at = [
                self._read(m, memory, known, address, name=f"word_{k}_{name}")
                for name, address in (("shown", entry), ("looked_at", self.index))]
            with m.If((asked == k) & ~bus.refused):
                m.d.comb += [bus.read[f.low:f.low + f.width].eq(shown.word[f.name])
                             for f in fields]
            m.d.comb += [self.descriptor[f.name].eq(looked_at.word[f.name]) for f in fields]
            errors.append(looked_at.as_value().xor())
        if self._config.control.parity:
            m.d.comb += self.parity_error.eq(Cat(errors).any())
        return m

    @staticmethod
    def _read(m, memory, known, address, *, name):
        """What a memory holds, or zeros if it was never written, a clock after the address."""
        port = memory.read_port()
        valid, value = Signal(name=f"{name}_valid"), Signal(memory.shape, name=name)
        m.d.sync += valid.eq(known.bit_select(address, 1))
        m.d.comb += [port.en.eq(1), port.addr.eq(address),
                     value.eq(Mux(valid, port.data.as_value(), 0))]
        return value
