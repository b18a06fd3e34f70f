"""The memory of one coefficient, with a parity bit beside every number."""

from amaranth.hdl import Cat, Module, Mux, Signal
from amaranth.lib import data, wiring
from amaranth.lib.memory import Memory
from amaranth.lib.wiring import In, Out

from hw.formats.q import Q

__all__ = ["CoefficientMemory"]


class CoefficientMemory(wiring.Component):
    """A word holds the coefficient of every lane; it is read whole or a lane, and written a lane.

    ``fetched`` answers at the next enabled clock and holds its answer, ``inspected`` in the next
    clock. Parity is even: a number and its bit have an even number of ones, so what was never
    written, zeros, is right.

    Parameters
    ----------
    fmt : golden.qformat.QFormat
    lanes, depth : int
    parity : bool
        Whether there are parity bits; without, nothing is ever wrong.

    Members
    -------
    en : In(1)
        Fetch.
    fetch_address : In(range(depth))
    fetched : Out(data.ArrayLayout(Q(fmt), lanes))
    fetched_wrong : Out(1)
        The parity of a lane of it is wrong.
    inspect_address : In(range(depth))
    inspect_lane : In(range(lanes))
    inspected : Out(Q(fmt))
    inspected_wrong : Out(1)
    write : In(1)
    write_address : In(range(depth))
    write_lane : In(range(lanes))
    value : In(Q(fmt))
    bad_parity : In(1)
        What is written gets the wrong parity bit.
    """

    def __init__(self, *, fmt, lanes, depth, parity):
        self._fmt, self._lanes, self._depth, self._parity = fmt, lanes, depth, parity
        lane = range(max(lanes, 2))
        super().__init__({
            "en": In(1), "fetch_address": In(range(depth)),
            "fetched": Out(data.ArrayLayout(Q(fmt), lanes)), "fetched_wrong": Out(1),
            "inspect_address": In(range(depth)), "inspect_lane": In(lane),
            "inspected": Out(Q(fmt)), "inspected_wrong": Out(1),
            "write": In(1), "write_address": In(range(depth)), "write_lane": In(lane),
            "value": In(Q(fmt)), "bad_parity": In(1),
        })

    def elaborate(self, platform):
        m = Module()
        width, lanes = self._fmt.width, self._lanes
        m.submodules.memory = memory = Memory(
            shape=data.ArrayLayout(width + self._parity, lanes), depth=self._depth, init=[])
        fetch, inspect = memory.read_port(), memory.read_port()
        write = memory.write_port(granularity=1)

        value = self.value.as_value()
        word = Cat(value, value.xor() ^ self.bad_parity) if self._parity else value
        read_lane = Signal.like(self.inspect_lane)
        m.d.sync += read_lane.eq(self.inspect_lane)
        inspected = inspect.data[read_lane]
        m.d.comb += [
            fetch.en.eq(self.en),
            fetch.addr.eq(self.fetch_address),
            *(lane.as_value().eq(stored[:width])
              for lane, stored in zip(self.fetched, fetch.data, strict=True)),
            inspect.en.eq(1),
            inspect.addr.eq(self.inspect_address),
            self.inspected.as_value().eq(inspected[:width]),
            write.addr.eq(self.write_address),
            write.data.as_value().eq(word.replicate(lanes)),
            write.en.eq(Mux(self.write, 1 << self.write_lane, 0)),
        ]
        if self._parity:
            m.d.comb += [
                self.fetched_wrong.eq(Cat(stored.xor() for stored in fetch.data).any()),
                self.inspected_wrong.eq(inspected.xor()),
            ]
        return m
