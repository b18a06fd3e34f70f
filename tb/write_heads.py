"""Write heads: what the pins tell them, pulse by pulse, and the array that they program."""

from dataclasses import dataclass

import cocotb
import numpy as np
from cocotb.simtime import get_sim_time
from cocotb.triggers import ReadOnly, ValueChange

from tb.bits import unpack

__all__ = ["STEADY", "Pulses", "WriteHeads"]

STEADY = ("row", "group", "negative", "device", "current")
"""Pins that describe a pulse."""


@dataclass
class _Pulse:
    told: dict
    fire: int
    begin: int
    tail: int | None = None
    """Clock in which the trailing edge began."""


class Pulses:
    """Follows the pins of the write heads; a pulse reaches ``array`` when it is over.

    The pins are looked at in every clock, or only in those in which one of them changes.

    Parameters
    ----------
    config : TileConfig
    array : golden.array.pulse_array.PulseArray, optional

    Attributes
    ----------
    log : list of (row, clocks, clocks of the trailing edge, cells)
        Every pulse so far; a cell is (column, current, device, negative).
    """

    def __init__(self, config, array=None):
        self._heads = config.program.heads
        self.array = array
        self._ready = [(0, False)]
        self.forget()

    def forget(self):
        """Forget every pulse, and the one under way."""
        self.log, self._pulse = [], None
        self._told, self._told_since = None, 0

    @property
    def firing(self):
        return self._pulse is not None

    def readiness(self, clock, ready):
        """From this clock on the heads are ready, or are not."""
        if ready != self._ready[-1][1]:
            self._ready = [*self._ready[-3:], (clock, ready)]

    def see(self, clock, told, *, fire, trailing, flush=False):
        """The pins in ``clock``; in a flush the description need not outlast the pulse."""
        if told != self._told:
            self._told, self._told_since = told, clock
        if fire and self._pulse is None:
            assert self._told_since <= clock - 2, "pins must be steady before a pulse"
            assert self._was_ready(clock - 2), "a pulse without heads that are ready"
            self._pulse = _Pulse(told, fire, clock)
        if self._pulse is not None:
            assert told == self._pulse.told or (flush and not fire), (
                "pins must be steady in a pulse and one clock more")
            if fire:
                assert fire == self._pulse.fire, "the heads of a pulse fire together"
                assert trailing or self._pulse.tail is None, "the trailing edge is the end"
                if trailing and self._pulse.tail is None:
                    self._pulse.tail = clock
            else:
                self._end(clock)
        assert fire or not trailing

    def _was_ready(self, clock):
        return next((ready for since, ready in reversed(self._ready) if since <= clock), False)

    def _end(self, clock):
        pulse, self._pulse = self._pulse, None
        told, tail = pulse.told, clock if pulse.tail is None else pulse.tail
        columns = [h for h in range(self._heads) if pulse.fire >> h & 1]
        currents = unpack(told["current"], 12, self._heads)
        negative = unpack(told["negative"], 1, self._heads)
        device = unpack(told.get("device", 0), 1, self._heads)
        cells = [(self._heads * told["group"] + h, currents[h], device[h], negative[h])
                 for h in columns]
        self.log.append((told["row"], tail - pulse.begin, clock - tail, cells))
        columns, currents, device, negative = zip(*cells, strict=True)
        self.array.pulse(told["row"], columns, currents, device, negative,
                         trailing=clock > tail)


class WriteHeads(Pulses):
    """Those of ``sim_models/tile_bench.v``, and the converters that read what they program.

    Nothing here wakes in a clock in which no pin changes.

    Parameters
    ----------
    dut
        The handle of ``tile_bench``.
    config : TileConfig
    array : golden.array.pulse_array.PulseArray
    """

    def __init__(self, dut, config, array):
        super().__init__(config, array)
        self._dut, self._config = dut, config
        devices = config.program.devices
        self._steady = {name: getattr(dut, f"program_{name}") for name in STEADY
                        if name != "device" or devices == 2}
        self._seen_at = None
        self.quiet_since = 0
        """Clock in which the last pulse ended."""

    def start(self):
        """Watch the pins; the heads are ready from now on."""
        self.ready(True)
        for pin in (*self._steady.values(), self._dut.program_fire, self._dut.program_trailing):
            cocotb.start_soon(self._watch(pin))

    def ready(self, value):
        self._dut.program_ready.value = int(value)
        self.readiness(now(), bool(value))

    async def _watch(self, pin):
        dut = self._dut
        while True:
            await ValueChange(pin)
            if self._seen_at == now():
                continue
            self._seen_at, fired = now(), self.firing
            # Every pin that changes in this clock has changed then.
            await ReadOnly()
            self.see(now(), {name: pin.value.to_unsigned() for name, pin in self._steady.items()},
                     fire=dut.program_fire.value.to_unsigned(),
                     trailing=int(dut.program_trailing.value), flush=bool(int(dut.flush.value)))
            if fired and not self.firing:
                self.quiet_since = now()

    def is_verify_read(self, window):
        """Whether one row is driven at full length, as in a verify read."""
        full = (1 << (self._config.drive.input_bits - 1)) - 1
        driven = np.flatnonzero(window.lengths)
        return len(driven) == 1 and window.lengths[driven[0]] == full

    def counts(self, window):
        """Counts (2, columns) of a verify read, in the columns of its block."""
        assert self.is_verify_read(window), "one row is driven at full length"
        assert window.sides == "both" and window.reference is None
        counters = self._config.counters
        part = slice(window.block * counters, (window.block + 1) * counters)
        counts = np.zeros((2, self._config.array.columns), np.int64)
        counts[:, part] = self.array.window(int(np.flatnonzero(window.lengths)[0]),
                                            window.devices, part)
        return counts


def now():
    """The clock that has begun last; its edges are at whole numbers."""
    return int(get_sim_time("ns"))
