"""A tile with a drift engine and an array that ages, beside golden that is told the same.

The configuration comes in the environment variable TILE.
"""

import os

import cocotb
import numpy as np

from golden.config import TileConfig
from golden.drift.divide import Refusal
from golden.drift.engine import METHODS, DriftEngine
from golden.drift.measure import INPUTS, calibration_vectors
from golden.nmpu import Coefficients
from golden.registers import COEFFICIENTS, coefficient_address, vector_address
from golden.settings import Settings
from golden.tile import run_tile
from tb.integer_array import IntegerArray
from tb.tile_bench import TileBench

__all__ = ["COLUMNS", "CONFIG", "ROWS", "base_coefficients", "started", "vectors_agree"]

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
ROWS, COLUMNS = CONFIG.array.rows, CONFIG.array.columns


class AgeingArray:
    """An `IntegerArray` whose counts shrink, those of each column at its own pace.

    Devices of one sign prevail in each column, so that a constant input is read well.
    """

    def __init__(self, rng):
        self._array = IntegerArray(CONFIG, rng)
        weak = rng.integers(0, 40, (ROWS, COLUMNS))
        strong = rng.integers(120, 256, (ROWS, COLUMNS))
        falling = np.arange(COLUMNS) % 2 == 1
        self._array._conductance = np.where(falling, [weak, strong], [strong, weak])
        self._pace = rng.uniform(0.9, 1.1, COLUMNS)
        self._bias = rng.integers(0, 30, (2, COLUMNS))
        self.age = 1.0
        """What is left of the counts, about."""
        self.distort = None
        """Applied to counts (vectors, 2, columns), if not None."""

    def counts(self, lengths, sides, longest):
        fresh = self._array.counts(lengths, sides=sides, longest=longest)
        # The offset of the converters moves too.
        aged = fresh * self.age ** self._pace + self._bias * (1 - self.age)
        counts = np.clip(aged.astype(np.int64), 0, (1 << CONFIG.readout.counter_bits) - 1)
        return counts if self.distort is None else self.distort(counts)

    def of_read(self, read):
        return self.counts(read.lengths, read.sides, read.window_clocks - 1)

    def of_window(self, window):
        return self.counts(window.lengths[None], window.sides, window.clocks - 1)[0]


class Bench(TileBench):
    """With a golden drift engine that is told what the tile is told."""

    async def begin(self, rng, settings, base=None):
        await self.start()
        self.array, self.counts_of = AgeingArray(rng), None
        self.counts_of = self.array.of_window
        self.settings = settings
        self.base = base_coefficients(rng) if base is None else base
        await self.load(self.base)
        await self.swap()
        await self.configure(settings)
        self.engine = DriftEngine(CONFIG, self.base)
        self.stored = rng.integers(-5, 6, (CONFIG.drift.vectors, ROWS))
        for number, vector in enumerate(self.stored):
            for row in range(0, ROWS, 4):
                word = np.zeros(4, np.int8)
                part = vector[row:row + 4].astype(np.int8)
                word[:len(part)] = part
                await self.write(vector_address(number, row, rows=ROWS),
                                 int.from_bytes(word.tobytes(), "little"))

    async def calibrate(self, kind, which, slot=0, *, absolute=True, repeats=4, value=0):
        """Measure, in both engines."""
        await self.begin_measurement(kind, which, slot, absolute, repeats, value)
        self.golden_measures(kind, which, slot, absolute, repeats, value)
        await self.ended("measure")

    async def begin_measurement(self, kind, which, slot=0, absolute=True, repeats=4, value=0):
        await self.set("CALIBRATION", kind=INPUTS.index(kind), slot=slot, now=which == "now",
                       absolute=absolute, value=value & 0xFF, repeats=repeats)
        await self.command(measure=True)

    def golden_measures(self, kind, which, slot=0, absolute=True, repeats=4, value=0):
        x = calibration_vectors(CONFIG, kind, repeats=repeats, value=value, stored=self.stored)
        run = run_tile(x, self.array.of_read, self.base,
                       Settings(input_bits=self.settings.input_bits,
                                read_mode=self.settings.read_mode), CONFIG)
        self.engine.measure(which, slot, run.counts, absolute=absolute,
                            weights=self.settings.weights)

    async def minimum(self, value):
        await self.set("DRIFT_MINIMUM", sum=value)
        self.engine.minimum = value

    async def abort(self, which, slot=0):
        """Give a measurement up; it ends, and its sums are invalid."""
        await self.command(abort=True)
        await self.ended("measure")
        self.engine._kept.pop((which, slot), None)

    async def command(self, method=None, **commands):
        method = (await self.get("DRIFT"))["method"] if method is None else METHODS.index(method)
        await self.set("DRIFT", method=method, stored=len(self.stored), **commands)

    async def ended(self, name):
        while (await self.get("DRIFT"))[name]:
            pass

    async def update(self, method):
        """Both engines; the refusal."""
        await self.command(method=method, update=True)
        await self.ended("update")
        wanted, refusal = self.engine.update(method)
        status = await self.get("DRIFT_STATUS")
        assert status["refusal"] == refusal, (Refusal(status["refusal"]), refusal)
        counts = await self.get("DRIFT_COUNTS")
        assert counts == {"updates": self.engine.updates, "refusals": self.engine.refusals}
        return wanted, refusal

    async def idle_bank(self):
        """The coefficients that the bus reaches, as `golden.registers.COEFFICIENTS` rows."""
        return [[await self.read(coefficient_address(column, name)) for name in COEFFICIENTS]
                for column in range(COLUMNS)]

    def words(self, coefficients):
        return [[self.coefficient(coefficients, name, column) & 0xFFFFFFFF
                 for name in COEFFICIENTS] for column in range(COLUMNS)]


def base_coefficients(rng):
    """Scales near 1, as converters leave them, small offsets."""
    nmpu = CONFIG.nmpu
    one = 1 << nmpu.scale.frac_bits
    return Coefficients(
        scale=rng.integers(int(0.8 * one), int(1.27 * one), (2, COLUMNS)),
        offset=rng.integers(-6, 7, (2, COLUMNS)),
        norm_scale=rng.integers(20, 1 << (nmpu.norm_scale.width - 1), COLUMNS),
        norm_bias=rng.integers(-500, 500, COLUMNS)).validate(CONFIG)


async def started(dut, settings, base=None):
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench = Bench(dut, CONFIG)
    await bench.begin(rng, settings, base)
    return bench, rng


async def vectors_agree(bench, coefficients, rng, count=6):
    """Vectors through the tile, with the coefficients that golden has."""
    limit = (1 << (bench.settings.input_bits - 1)) - 1
    x = rng.integers(-limit, limit, (count * bench.settings.reads, ROWS), endpoint=True)
    expected = run_tile(x, bench.array.of_read, coefficients, bench.settings, CONFIG).results
    for vector in x:
        bench.send(vector)
    np.testing.assert_array_equal([await bench.receive() for _ in expected], expected)
