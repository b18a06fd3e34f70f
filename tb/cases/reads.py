"""Random results, window by window, as the lanes are to process them."""

from dataclasses import dataclass, replace

import numpy as np

from golden.config import VECTOR_BITS
from golden.descriptors import DESTINATIONS
from golden.formats import NmpuFormats
from golden.nmpu import Coefficients, accumulate, finish
from golden.settings import Settings, most_reads

__all__ = ["Result", "random_results", "random_settings"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """One result: settings, bank, the counts of its reads (reads, 2, columns), what follows.

    The reads are those of every vector, one vector after the other. Arrays have all columns,
    though only those from ``first_group`` to ``last_group`` count.
    """

    settings: Settings
    bank: int
    counts: np.ndarray
    accumulated: np.ndarray
    wanted: np.ndarray | None
    """`None` without a result: of another destination, or of a calibration vector."""
    first_group: int
    last_group: int
    exponent: int = 0
    """Of the bank."""
    destination: str = "y"
    resume: bool = False
    start: np.ndarray | None = None
    """Partial sums, if it starts from them."""
    received: np.ndarray | None = None
    calibrate: bool = False
    final: bool = False
    interrupt: bool = False

    def columns(self, config):
        """The columns that count."""
        lanes = config.nmpu.lanes
        return slice(self.first_group * lanes, (self.last_group + 1) * lanes)

    def windows(self, config):
        """What hardware does in order: (tag, counts (2, counters)) of every window.

        A vector is read for one block of columns after the other. A tag has the fields of
        `hw.readout.payloads.tag`.
        """
        s = self.settings
        weights = s.weights
        common = {
            "measure": 0, "bank": self.bank, "shift": s.shift, "output_bits": s.output_bits,
            **{name: int(getattr(s, name)) for name in (
                "relu", "relu_first", "bypass", "residual", "residual_scale", "residual_shift")},
            **{name: int(getattr(self, name)) for name in (
                "resume", "calibrate", "final", "interrupt", "first_group", "last_group")},
            "sums": int(self.start is not None),
            "destination": DESTINATIONS.index(self.destination)}
        windows = []
        for vector in range(s.reads):
            for block in range(config.blocks):
                for k, weight in enumerate(weights):
                    read = vector * len(weights) + k
                    tag = {"first": int(read == 0), "last": int(read == len(self.counts) - 1),
                           "block": block, "weight": weight.bit_length() - 1 + self.exponent,
                           **common}
                    part = slice(block * config.counters, (block + 1) * config.counters)
                    windows.append((tag, self.counts[read][:, part]))
        return windows


def random_settings(config, rng, *, reads=None):
    """Legal settings; of few vectors unless ``reads`` tells how many are wanted."""
    modes, bits = config.drive.read_modes, config.drive.input_bits
    mode = str(rng.choice(modes))
    input_bits = int(rng.choice([n for n in VECTOR_BITS if n <= bits]))
    reads = int(rng.integers(1, 4)) if reads is None else reads
    return Settings(
        read_mode=mode, input_bits=input_bits,
        reads=min(reads, most_reads(config, read_mode=mode, input_bits=input_bits)),
        relu=bool(rng.integers(2)), shift=int(rng.integers(1 << config.nmpu.shift_bits)),
        output_bits=int(rng.choice([n for n in VECTOR_BITS if n <= config.nmpu.output_bits])))


def _random_finish(settings, config, rng):
    """The same settings with any bypass, first ReLU and residual."""
    scale = int(rng.choice([0, 1, 255, rng.integers(256)]))
    most = NmpuFormats.of(config).residual_shift
    return replace(
        settings, bypass=rng.random() < 0.25, relu_first=rng.random() < 0.4,
        residual=bool(config.nmpu.residual and rng.random() < 0.5), residual_scale=scale,
        residual_shift=int(rng.choice([0, most, rng.integers(most + 1)])))


def _random_range(config, rng):
    """All groups, the first, the last, or any."""
    last = config.groups - 1
    low, high = sorted(rng.integers(config.groups, size=2).tolist())
    return ((0, last), (0, 0), (last, last), (low, high))[int(rng.integers(4))]


class Accumulators:
    """What is in them, and how much weight those of each group may still take."""

    def __init__(self, config):
        self._config = config
        self.sums = np.zeros(config.array.columns, np.int64)
        self._left = np.full(config.groups, -1)
        self.last = 0, config.groups - 1
        """Groups of the last result."""

    def room(self, first, last):
        """For a result that resumes; negative if nobody knows what is in them."""
        return int(self._left[first:last + 1].min())

    def keep(self, result, weight):
        """``weight`` is all that is in them since they started; `None` if nobody knows."""
        part = result.columns(self._config)
        self.sums[part] = result.accumulated[part]
        self.last = result.first_group, result.last_group
        groups = slice(result.first_group, result.last_group + 1)
        if weight is None:
            self._left[groups] = -1
        elif result.resume:
            self._left[groups] -= weight
        else:
            self._left[groups] = self._config.nmpu.max_reads - weight


def random_results(config, rng, count, *, plain=False, calibrate=0.0):
    """Two banks of coefficients, and ``count`` results of random settings on either of them.

    Parameters
    ----------
    plain : bool
        Results of all columns, each from its own reads alone, that go to the y stream.
    calibrate : float
        Fraction of them that are calibration vectors instead; never the last one, whose
        destination is y.
    """
    exponents = rng.permutation(2) % len(config.exponents)
    banks = [replace(Coefficients.random(config, rng), exponent=int(exponent))
             for exponent in exponents]
    accumulators, results = Accumulators(config), []
    for k in range(count):
        settings = random_settings(config, rng, reads=config.nmpu.max_reads if k == 1 else None)
        job = {} if plain else _random_job(config, rng, settings, accumulators, k,
                                           calibrate if k < count - 1 else 0)
        if k == count - 1:
            job["destination"] = "y"
        results.append(_result(config, rng, banks, job.pop("settings", settings), accumulators,
                               **job))
        weight = settings.reads * settings.mode.weight
        if results[-1].start is not None:
            weight += config.nmpu.max_reads // 2
        accumulators.keep(results[-1], None if results[-1].calibrate else weight)
    _covered(config, results, plain)
    return banks, results


def _random_job(config, rng, settings, accumulators, number, calibrate):
    """What a result is told beside its settings; destinations come in turn, more or less."""
    formats, columns = NmpuFormats.of(config), config.array.columns
    first, last = accumulators.last if rng.random() < 0.4 else _random_range(config, rng)
    flags = {"final": bool(rng.integers(2)), "interrupt": bool(rng.integers(2))}
    if rng.random() < calibrate:
        # Nothing of the rest must matter.
        return {"settings": _random_finish(settings, config, rng), "calibrate": True,
                "resume": bool(rng.integers(2)), "destination": str(rng.choice(DESTINATIONS)),
                "start": np.zeros(columns, np.int64) if rng.integers(2) else None, **flags}
    destinations = [name for name in DESTINATIONS if config.nmpu.partial_sums or name != "sums"]
    job = {"settings": _random_finish(settings, config, rng), "first_group": first,
           "last_group": last, **flags,
           "destination": destinations[(number + int(rng.integers(2))) % len(destinations)]}
    weight = settings.reads * settings.mode.weight
    if accumulators.room(first, last) >= weight and rng.random() < 0.7:
        job["resume"] = True
    elif config.nmpu.partial_sums and weight <= config.nmpu.max_reads // 2 and rng.random() < 0.5:
        low, high = formats.partial.low, formats.partial.high
        start = rng.integers(low, high, columns, endpoint=True) >> rng.integers(
            0, formats.partial.fmt.width, columns)
        start = np.where(rng.random(columns) < 0.2, rng.choice([low, high], columns), start)
        job["start"] = _short(start, config, rng)
    return job


def _short(vector, config, rng):
    """Sometimes nothing but zeros from some group on."""
    if rng.random() < 0.3:
        vector[int(rng.integers(config.groups)) * config.nmpu.lanes:] = 0
    return vector


def _result(config, rng, banks, settings, accumulators, *, first_group=0, last_group=None,
            destination="y", calibrate=False, resume=False, start=None, **flags):
    bits, columns = config.readout.counter_bits, config.array.columns
    shape = (settings.reads * len(settings.weights), 2, columns)
    counts = rng.integers(0, 1 << bits, shape) >> rng.integers(0, bits, shape)
    bank = int(rng.integers(2))
    last_group = config.groups - 1 if last_group is None else last_group
    result = Result(settings=settings, bank=bank, counts=counts, exponent=banks[bank].exponent,
                    first_group=first_group, last_group=last_group, destination=destination,
                    calibrate=calibrate, resume=resume, start=start, accumulated=None, wanted=None,
                    **flags)
    if calibrate:
        return replace(result, accumulated=np.zeros(columns, np.int64))
    before = np.zeros(columns, np.int64)
    part = result.columns(config)
    if resume:
        before[part] = accumulators.sums[part]
    elif start is not None:
        before = start
    accumulated = accumulate(counts, banks[bank], settings, config, start=before)
    if destination not in ("y", "activations"):
        return replace(result, accumulated=accumulated)
    received = rng.integers(-128, 128, columns) if settings.residual else None
    if received is not None:
        received = _short(np.where(rng.random(columns) < 0.2, rng.choice([-128, 127], columns),
                                   received), config, rng)
    return replace(result, accumulated=accumulated, received=received, wanted=finish(
        accumulated, banks[bank], settings, config, received=received))


def _covered(config, results, plain):
    """A draw that leaves something out must not pass for a test of it."""
    if len(results) < 40:
        return
    used = {result.settings.read_mode for result in results}
    assert used == set(config.drive.read_modes), "a mode is not exercised"
    if plain:
        return
    made = [result for result in results if not result.calibrate]
    assert {result.destination for result in made} >= {"none", "y", "activations"}
    if config.nmpu.max_reads > 1:
        assert any(result.resume for result in made), "accumulators are not resumed"
        assert not config.nmpu.partial_sums or any(r.start is not None for r in made)
    assert not config.nmpu.residual or any(result.received is not None for result in made)
