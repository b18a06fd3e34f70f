"""The test bench of the oscillator front end: real periods, windows and what must be counted."""

from dataclasses import dataclass

import numpy as np
from cocotb.clock import Clock
from cocotb.triggers import RisingEdge

from tb.bits import pack, unpack

__all__ = ["PERIOD_NS", "Conversion", "OscillatorBench", "Window"]

PERIOD_NS = 1
RESOLUTION = 1e-4  # of a phase plus periods, beside 1/65536 of the phase itself


@dataclass(frozen=True, eq=False)
class Window:
    """Currents (2, counters) in nA, and clocks, of each part of a window; clocks before it."""

    parts: list
    idle: int = 0

    @classmethod
    def steady(cls, current_na, clocks, *, idle=0):
        return cls([(np.asarray(current_na), clocks)], idle)


@dataclass(frozen=True, eq=False)
class Conversion:
    """What a window did, all (2, counters): ``counts``, the ``periods`` that passed, not rounded
    and not limited, and the ``phases`` of the oscillators when it opened, in 1/65536."""

    counts: np.ndarray
    periods: np.ndarray
    phases: np.ndarray


class OscillatorBench:
    """Drives `sim_models/oscillator_bench.v` as `Banks` would, clock by clock.

    Parameters
    ----------
    dut
        The handle of ``oscillator_bench``.
    config : TileConfig
    bank : OscillatorBank
        The law of the oscillators: ``columns`` are the pairs of counters.
    """

    def __init__(self, dut, config, bank):
        self._dut = dut
        self._config = config
        self._banks = config.readout.counter_banks
        self._law = [
            np.rint(values * unit).astype(np.int64) for values, unit in (
                (bank.gain_mhz_per_ua, 1e6), (bank.nonlinearity_per_ua, 1e9),
                (bank.offset_mhz, 1e6))]
        self._limit_na = round(bank.current_limit_ua * 1000)
        self.top = (1 << config.readout.counter_bits) - 1
        self.closed_for = []
        """Clocks from the closing of each window's gate to the clock of its capture."""

    async def start(self, phases=0):
        """Clock, law and reset; the oscillators start at ``phases``, in 1/65536 of a period."""
        dut = self._dut
        Clock(dut.clk, PERIOD_NS, unit="ns").start(start_high=False)
        for name in ("gate", "due", "due_bank", "o_ready", "current_na", "mark", "restart"):
            getattr(dut, name).value = 0
        dut.limit_na.value = self._limit_na
        for name, width, values in zip(("gain_hz_per_ua", "bend_ppb_per_ua", "offset_hz"),
                                       (33, 32, 32), self._law, strict=True):
            getattr(dut, name).value = pack(values.ravel(), width)
        await self.reset()
        await self.restart(phases)

    async def reset(self):
        dut = self._dut
        dut.rst.value = 1
        for name in ("gate", "due", "due_bank", "o_ready"):
            getattr(dut, name).value = 0
        await self.clocks(3)
        dut.rst.value = 0
        await self.clocks(2)

    async def restart(self, phases):
        """Put the oscillators at ``phases``, a clock before this returns; no gate may be open."""
        await self.clocks(1)  # so that two in a row are two
        phases = np.broadcast_to(phases, (2, self._config.counters))
        self._dut.start.value = pack(phases.ravel(), 16)
        self._dut.restart.value = 1
        await self.clocks(1)
        self._dut.restart.value = 0

    async def clocks(self, count):
        for _ in range(count):
            await RisingEdge(self._dut.clk)

    def drive(self, current_na):
        self._dut.current_na.value = pack(np.asarray(current_na).ravel(), 24)

    def frequencies(self, current_na):
        """Periods per clock, (2, counters)."""
        gain, bend, offset = self._law
        i_ua = np.minimum(current_na, self._limit_na) / 1000
        f_hz = gain * i_ua / (1 + bend * 1e-9 * i_ua) + offset
        return np.maximum(f_hz, 0) * 1e-9 * PERIOD_NS

    async def convert(self, windows, *, stalls=None):
        """Open all windows, each as soon as its bank and its ``idle`` allow; list of `Conversion`.

        ``stalls`` is an iterator of clocks for which a due count is not taken.
        """
        dut = self._dut
        waiting, closed, done = list(reversed(windows)), [], []
        free, coming, parts, idle, window = [0] * self._banks, 0, [], 0, None
        stall, clock, open_bank, marked = None, 0, None, None
        mark = int(dut.mark.value)
        if waiting:
            idle = waiting[-1].idle
        while len(done) < len(windows):
            # A part of the open window, or the closing of its gate.
            if open_bank is not None and not parts[-1][1]:
                parts.pop()
                if parts:
                    self.drive(parts[-1][0])
                else:
                    closed.append((open_bank, clock, window, marked))
                    dut.gate.value = 0
                    open_bank = None
            if open_bank is None and waiting:
                if idle:
                    idle -= 1
                elif clock >= free[coming]:
                    window = waiting.pop()
                    parts = [list(part) for part in reversed(window.parts)]
                    self.drive(parts[-1][0])
                    dut.gate.value = 1 << coming
                    mark ^= 1
                    dut.mark.value = mark
                    open_bank, coming, marked = coming, (coming + 1) % self._banks, []
                    free[open_bank] = 1 << 62
                    idle = waiting[-1].idle if waiting else 0
            if closed and stall is None:
                stall = next(stalls, 0) if stalls else 0
            ready = bool(closed) and not stall
            dut.due.value = bool(closed)
            dut.due_bank.value = closed[0][0] if closed else (0 if self._banks == 1 else coming)
            dut.o_ready.value = ready
            if stall:
                stall -= 1

            await RisingEdge(dut.clk)
            if open_bank is not None:
                parts[-1][1] -= 1
                if not marked:
                    marked.append(unpack(int(dut.marked.value), 16, 2 * self._config.counters))
            if ready and dut.o_valid.value == 1:
                bank, since, taken, phases = closed.pop(0)
                done.append(self._conversion(int(dut.o_payload.value), taken, phases[0]))
                self.closed_for.append(clock - since)
                free[bank] = clock + 2
                stall = None
            clock += 1
        dut.due.value = dut.o_ready.value = 0
        await self.clocks(2)
        return done

    def _conversion(self, payload, window, phases):
        shape = (2, self._config.counters)
        counts = unpack(payload, self._config.readout.counter_bits, 2 * self._config.counters)
        periods = sum(self.frequencies(current) * clocks for current, clocks in window.parts)
        return Conversion(np.reshape(counts, shape), periods, np.reshape(phases, shape))

    def check(self, conversions, *, ripple_ps=0):
        """Every count is what its phase and its periods say; return the largest error, in counts.

        Raises
        ------
        AssertionError
            If a count is not the number of whole periods from the phase at the opening, differs
            from the periods by one or more, or moved too late.
        """
        largest = 0.0
        for number, c in enumerate(conversions):
            ideal = np.minimum(c.periods, self.top)
            error = np.abs(c.counts - ideal)
            assert (error < 1).all(), (
                f"window {number}: counts {c.counts.tolist()} for {c.periods.tolist()} periods")
            edges = c.phases / 65536 + c.periods
            clear = np.abs(edges - np.rint(edges)) > RESOLUTION
            wanted = np.minimum(np.floor(edges), self.top)
            assert (c.counts == wanted)[clear].all(), (
                f"window {number}: counts {c.counts.tolist()} instead of {wanted.tolist()}")
            # A full counter hides by how much.
            largest = max(largest, float(error[c.periods < self.top].max(initial=0)))
        settle_ps = 1000 * PERIOD_NS * self._config.readout.settle_clocks
        quiet_ps = int(self._dut.quiet_ps.value)
        assert quiet_ps >= settle_ps - ripple_ps, (
            f"a count still moved {quiet_ps} ps before its capture")
        return largest

    def random_currents(self, rng):
        """Both ends, beyond the upper one, and everything between."""
        shape = (2, self._config.counters)
        current = rng.integers(0, self._limit_na, shape, endpoint=True)
        kind = rng.integers(0, 8, shape)
        current[kind == 0] = 0
        current[kind == 1] = self._limit_na
        current[kind == 2] = 2 * self._limit_na
        return current

