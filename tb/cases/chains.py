"""Random chains of descriptors: most of them legal, the others nearly."""

from golden.array.modes import READ_MODES
from golden.chain_checker import DRIFT_KINDS
from golden.config import VECTOR_BITS
from golden.descriptors import DESTINATIONS, KINDS, SOURCES, WORDS
from golden.formats import NmpuFormats
from golden.settings import most_reads
from hw.control.descriptor_table import descriptor
from tb.bits import mask

__all__ = ["Chains", "mutate", "pattern"]

FIELDS = {f.name: f.width for word in WORDS for f in word}
MULTIPLY = KINDS.index("multiply")
NONE, Y, TO_BUFFER, SUMS = range(len(DESTINATIONS))
X, FROM_BUFFER, ROWS = range(len(SOURCES))


def pattern(values):
    """Fields as the table shows them."""
    word = low = 0
    for name, width in descriptor().members.items():
        word |= values[name] << low
        low += width
    return word


def _magnitude(rng, low, high):
    """A random number of a random size, often at an end."""
    if rng.random() < 0.2:
        return int(rng.choice([low, high]))
    return low + (int(rng.integers(high - low + 1)) >> int(rng.integers(16)))


class Chains:
    """Makes legal chains for a tile.

    Parameters
    ----------
    config : TileConfig
    rng : numpy.random.Generator
    repeat, reads : int
        Most results of a job, and most vectors of a result.
    """

    def __init__(self, config, rng, *, repeat=65535, reads=4095):
        self._config, self._rng = config, rng
        self._repeat, self._reads = repeat, reads
        self._kinds = [k for k, name in enumerate(KINDS) if k and not (
            (name in DRIFT_KINDS and not config.drift.engine)
            or (name == "program" and not config.program.engine))]
        self._residual_shift = NmpuFormats.of(config).residual_shift

    def chain(self, length):
        """Field values of ``length`` descriptors."""
        jobs = []
        while len(jobs) < length:
            room = length - len(jobs)
            piece = self._rng.choice(["single", "single", "sums", "buffered"])
            jobs += (self._sums(room) if piece == "sums" and room > 1 else
                     self._buffered(room) if piece == "buffered" and room > 1
                     and self._config.control.activations else [self._single()])
        return jobs

    def multiply(self, **given):
        """One multiplication, with its results on y if nothing else is given."""
        config, rng = self._config, self._rng
        beat_rows, groups = config.stream.x_bits // 8, config.groups
        mode = str(rng.choice(config.drive.read_modes))
        bits = int(rng.choice([b for b in VECTOR_BITS if b <= config.drive.input_bits]))
        first_beat, first_group = int(rng.integers(config.row_beats)), int(rng.integers(groups))
        most = most_reads(config, read_mode=mode, input_bits=bits)
        sums = config.nmpu.partial_sums and most > 1 and rng.random() < 0.3
        flags = {name: int(rng.integers(2))
                 for name in ("relu", "relu_first", "bypass", "interrupt")}
        return {
            "kind": MULTIPLY, "source": X, "destination": Y, "resume": 0, "sums": int(sums),
            "bank": int(rng.integers(3)), "repeat": _magnitude(rng, 1, self._repeat),
            "first_beat": first_beat,
            "rows": _magnitude(rng, 1, config.array.rows - first_beat * beat_rows),
            "first_group": first_group, "last_group": int(rng.integers(first_group, groups)),
            "shift": int(rng.integers(1 << config.nmpu.shift_bits)),
            "output_bits": int(rng.choice([
                b for b in VECTOR_BITS if b <= config.nmpu.output_bits])),
            "input_bits": bits, "read_mode": READ_MODES.index(mode),
            "residual": int(config.nmpu.residual and rng.integers(2)),
            "reads": _magnitude(rng, 1, min(most // 2 if sums else most, self._reads)),
            "residual_scale": int(rng.integers(256)),
            "residual_shift": _magnitude(rng, 0, self._residual_shift), **flags, **given}

    def _single(self):
        rng = self._rng
        kind = int(rng.choice([MULTIPLY] * 8 + self._kinds + self._kinds[-1:] * 2))
        if kind == KINDS.index("program"):
            return self.multiply(kind=kind, repeat=1)
        if kind != MULTIPLY:
            return {**self._anything(), "kind": kind}
        if rng.random() < 0.2:
            job = self.multiply(source=ROWS, reads=1)
            return {**job, "repeat": min(_magnitude(rng, 1, job["rows"]), self._repeat)}
        return self.multiply(destination=SUMS if self._config.nmpu.partial_sums
                             and rng.random() < 0.3 else Y)

    def _anything(self):
        return {name: _magnitude(self._rng, 0, mask(width)) for name, width in FIELDS.items()}

    def _sums(self, room):
        """Jobs that hand their sums on, up to the last weight that is free."""
        rng = self._rng
        first = self.multiply(destination=NONE, repeat=1)
        jobs, left = [first], self._config.nmpu.max_reads // (2 if first["sums"] else 1)
        left -= self._weight(first)
        for _ in range(int(rng.integers(1, min(room, 4)))):
            job = self.multiply(destination=NONE, repeat=1, resume=1, sums=0, reads=1,
                                **{name: first[name]
                                   for name in ("bank", "first_group", "last_group")})
            if self._weight(job) > left:
                job |= {"read_mode": 0}
            if self._weight(job) > left:
                break
            job["reads"] = _magnitude(rng, 1, min(left // self._weight(job), self._reads))
            left -= self._weight(job)
            jobs.append(job)
        if len(jobs) == 1:
            return [self.multiply()]
        jobs[-1]["destination"] = Y
        return jobs

    def _weight(self, job):
        most = most_reads(self._config, read_mode=READ_MODES[job["read_mode"]],
                          input_bits=job["input_bits"])
        return job["reads"] * max(self._config.nmpu.max_reads // most, 1)

    def _buffered(self, room):
        """Jobs that fill the activation buffer, maybe one between, jobs that empty it."""
        rng = self._rng
        held = min(_magnitude(rng, 1, self._config.control.activations), self._repeat)
        jobs = [self.multiply(destination=TO_BUFFER, repeat=held)]
        if room > 2 and rng.random() < 0.3:
            jobs.append(self.multiply(source=FROM_BUFFER, destination=TO_BUFFER, reads=1,
                                      repeat=held))
        elif room > 2 and rng.random() < 0.5:
            jobs.append(self._single())
        ends = {"source": FROM_BUFFER, "sums": 0, "input_bits": min(
            8, self._config.drive.input_bits), "read_mode": 0}
        if rng.random() < 0.5 and held <= min(self._config.nmpu.max_reads, self._reads):
            jobs.append(self.multiply(**ends, reads=held, repeat=1))
        else:
            jobs.append(self.multiply(**ends, reads=1, repeat=held))
        return jobs


def mutate(jobs, rng):
    """Another value in one field of one job, often one that ties it to the others."""
    k = int(rng.integers(len(jobs)))
    likely = ["first_beat", "rows", "first_group", "last_group", "repeat"] if (
        jobs[k]["kind"] == KINDS.index("program")) else [
        "kind", "source", "destination", "resume", "sums", "shift", "residual", "residual_shift",
        "read_mode"]
    name = str(rng.choice(list(FIELDS) if rng.random() < 0.5 else likely))
    value, top = jobs[k][name], mask(FIELDS[name])
    other = int(rng.integers(top + 1) if top < 8 else rng.choice([
        value + 1, value - 1, 2 * value, _magnitude(rng, 0, top)])) & top
    return [{**job, name: other} if place == k else job for place, job in enumerate(jobs)]
