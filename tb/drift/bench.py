"""The tile's bench with a recipe: measures, updates, and compares what it reads back."""

import numpy as np
from cocotb.simtime import get_sim_time

from golden.drift.divide import Refusal
from golden.drift.engine import METHODS
from golden.drift.measure import INPUTS
from golden.registers import COEFFICIENTS, coefficient_address, vector_address
from tb.tile_bench import PERIOD_NS, Refused, TileBench

__all__ = ["DriftBench"]


class DriftBench(TileBench):
    """Counts what differs from golden instead of stopping at it.

    Attributes
    ----------
    differ : dict of str to int
        Coefficients, refusals, gains, results, pulses.
    compared : dict of str to int
        How many of each were compared.
    """

    def __init__(self, dut, config):
        super().__init__(dut, config)
        self.kinds = ("coefficients", "refusals", "gains", "results", "pulses")
        self.differ = dict.fromkeys(self.kinds, 0)
        self.compared = dict.fromkeys(self.kinds, 0)

    def compare(self, kind, found, wanted):
        found, wanted = np.asarray(found), np.asarray(wanted)
        self.compared[kind] += wanted.size
        self.differ[kind] += (int((found != wanted).sum()) if found.shape == wanted.shape
                              else wanted.size)

    def answer_with(self, counts):
        """Answer the next windows with ``counts``; where they start."""
        first = len(self.windows)
        self.counts_of = lambda window: counts[window.number - first]
        return first

    async def begin(self, coefficients, settings, stored, minimum):
        """What the host writes once: coefficients, settings, stored vectors, the minimum."""
        await self.load(coefficients)
        await self.swap()
        await self.configure(settings)
        await self.set("DRIFT_MINIMUM", sum=minimum)
        rows = self.config.array.rows
        for number, vector in enumerate(stored):
            words = np.asarray(vector, np.int8).reshape(-1, 4)
            for row, word in zip(range(0, rows, 4), words, strict=True):
                await self.write(vector_address(number, row, rows=rows),
                                 int.from_bytes(word.tobytes(), "little"))
        self.stored = len(stored)

    async def calibrate(self, method, recipe, slot, which, vectors, counts):
        """One measurement, its pulses compared with the recipe's vectors."""
        wanted, first = recipe.slots[slot], self.answer_with(counts)
        await self.set("CALIBRATION", kind=INPUTS.index(wanted.kind), slot=slot,
                       now=which == "now", absolute=recipe.absolute, value=wanted.value & 0xFF,
                       repeats=wanted.repeats)
        await self.command(method, "measure")
        self.compare("pulses", [w.lengths for w in self.windows[first:]], vectors)

    async def command(self, method, name):
        """A command of register DRIFT, from its write to its end."""
        await self.set("DRIFT", method=METHODS.index(method), stored=self.stored, **{name: 1})
        while (await self.get("DRIFT"))[name]:
            pass

    async def update(self, method, engine):
        """Both engines; golden's coefficients, or None if refused. Everything is read back."""
        await self.command(method, "update")
        estimate, _ = engine.estimate(method)
        corrected, refusal = engine.update(method)
        status = await self.get("DRIFT_STATUS")
        self.compare("refusals", status["refusal"], int(refusal))
        if refusal is Refusal.NONE:
            if method == "tile":
                self.compare("gains", status["gain"], int(estimate.gains[0]))
            bank = (await self.get("STATUS"))["bank"]
            self.compare("coefficients", status["exponents"] >> bank & 1, corrected.exponent)
        return corrected

    async def compare_bank(self, coefficients):
        """The coefficients in use, which only the exchange of the banks lets the bus reach."""
        await self.swap()
        found, wanted = [], []
        for column in range(self.config.array.columns):
            for name in COEFFICIENTS:
                found.append(await self.read(coefficient_address(column, name)))
                wanted.append(self.coefficient(coefficients, name, column) & 0xFFFFFFFF)
        await self.swap()
        self.compare("coefficients", found, wanted)

    async def results(self, vectors, counts, reads=1):
        """Results (vectors / reads, columns) of vectors that count ``counts``."""
        self.answer_with(counts)
        results = []
        for start in range(0, len(vectors), reads):
            for vector in vectors[start:start + reads]:
                self.send(vector)
            # One result after the other: few are ever in the tile, and nothing waits for them.
            if start:
                results.append(await self.receive())
        results.append(await self.receive())
        await self.stopped()
        return np.array(results)

    async def refused_clocks(self, method, phases=8):
        """Clocks for which an update refuses accesses to coefficients.

        The bus is polled through one update after another, each time from another clock on: what
        the polls of all phases see together is exact to a clock.
        """
        seen = []
        for phase in range(phases):
            await self.set("DRIFT", method=METHODS.index(method), stored=self.stored, update=1)
            begin = clock()
            await self.clocks(phase + 1)
            polls, started = [], False
            while not started or polls[-1][1] or len(polls) < 40:
                at = clock() - begin
                try:
                    await self.read(coefficient_address(0, COEFFICIENTS[0]))
                    refused = False
                except Refused:
                    refused = True
                started |= refused
                polls.append((at, refused))
                if at > 10_000:
                    raise TimeoutError("no access was refused, or all were")
            seen += [at for at, refused in polls if refused]
            while (await self.get("DRIFT"))["update"]:
                pass
        return max(seen) - min(seen) + 1


def clock():
    return int(get_sim_time("ns")) // PERIOD_NS
