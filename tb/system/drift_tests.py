"""The drift engine through the tile; the configuration comes in the environment variable TILE."""

import os

import cocotb
import numpy as np

from golden.array.modes import READ_MODES
from golden.config import TileConfig
from golden.drift.divide import Refusal
from golden.drift.engine import METHODS, DriftEngine
from golden.drift.measure import INPUTS, calibration_vectors
from golden.nmpu import Coefficients
from golden.registers import COEFFICIENTS, coefficient_address, vector_address
from golden.settings import Settings
from golden.tile import run_tile
from tb.integer_array import IntegerArray
from tb.tile_bench import Refused, TileBench

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
ROWS, COLUMNS = CONFIG.array.rows, CONFIG.array.columns


class AgeingArray:
    """An `IntegerArray` whose counts shrink, each column and polarity at its own pace."""

    def __init__(self, rng):
        self._array = IntegerArray(CONFIG, rng)
        self._pace = rng.uniform(0.9, 1.1, (2, COLUMNS))
        self.age = 1.0
        """What is left of the counts, about."""

    def counts(self, lengths, sides, longest):
        fresh = self._array.counts(lengths, sides=sides, longest=longest)
        return (fresh * self.age ** self._pace).astype(np.int64)

    def of_read(self, read):
        return self.counts(read.lengths, read.sides, read.window_clocks - 1)

    def of_window(self, window):
        return self.counts(window.lengths[None], window.sides, window.clocks - 1)[0]


class Bench(TileBench):
    """With a golden drift engine that is told what the tile is told."""

    async def begin(self, rng, settings):
        await self.start()
        self.array, self.counts_of = AgeingArray(rng), None
        self.counts_of = self.array.of_window
        self.settings = settings
        self.base = base_coefficients(rng)
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

    async def calibrate(self, kind, which, slot, *, absolute, repeats, value=0, abort=False):
        await self.set("CALIBRATION", kind=INPUTS.index(kind), slot=slot, now=which == "now",
                       absolute=absolute, value=value & 0xFF, repeats=repeats)
        await self.command(measure=True)
        x = calibration_vectors(CONFIG, kind, repeats=repeats, value=value, stored=self.stored)
        run = run_tile(x, self.array.of_read, self.base,
                       Settings(input_bits=self.settings.input_bits,
                                read_mode=self.settings.read_mode), CONFIG)
        self.engine.measure(which, slot, run.counts, absolute=absolute,
                            weights=self.settings.weights)
        await self.ended("measure")

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


async def started(dut, settings):
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    bench = Bench(dut, CONFIG)
    await bench.begin(rng, settings)
    return bench, rng


async def vectors_agree(bench, coefficients, rng, count=6):
    """Vectors through the tile, with the coefficients that golden has."""
    limit = (1 << (bench.settings.input_bits - 1)) - 1
    x = rng.integers(-limit, limit, (count * bench.settings.reads, ROWS), endpoint=True)
    expected = run_tile(x, bench.array.of_read, coefficients, bench.settings, CONFIG).results
    for vector in x:
        bench.send(vector)
    np.testing.assert_array_equal([await bench.receive() for _ in expected], expected)


@cocotb.test(timeout_time=50, timeout_unit="ms")
@cocotb.parametrize(method=METHODS)
async def corrects_at_every_age(dut, method):
    """A reference, then four ages: coefficients, exponent and results as golden says."""
    bench, rng = await started(dut, Settings(input_bits=6, shift=18))
    slots = ((0, "stored"), (1, "constant")) if method == "fit" else ((0, "stored"),)
    exponents = set()
    for which, age in (("reference", 1.0), ("now", 0.8), ("now", 0.5), ("now", 0.45),
                       ("now", 0.9)):
        bench.array.age = age
        for slot, kind in slots:
            await bench.calibrate(kind, which, slot, absolute=method != "fit", repeats=4,
                                  value=-2)
        if which == "reference":
            continue
        corrected, refusal = await bench.update(method)
        assert refusal is Refusal.NONE, refusal
        await vectors_agree(bench, corrected, rng)
        status = await bench.get("DRIFT_STATUS")
        bank = (await bench.get("STATUS"))["bank"]
        assert status["exponents"] >> bank & 1 == corrected.exponent
        exponents.add(corrected.exponent)
        await bench.swap()
        assert await bench.idle_bank() == bench.words(corrected)
        await bench.swap()
    assert exponents == {0, 1}, "an exponent was never needed, or always"
    await bench.stopped()
