"""What the rest of the tile tells the sequencer, at random."""

import itertools

from golden.config import VECTOR_BITS
from golden.formats import NmpuFormats
from golden.settings import Settings, most_reads
from hw.control.settings import job as job_layout
from hw.control.settings import measurement as measurement_layout
from hw.control.settings import settings as settings_layout
from tb.bits import encode
from tb.cases.reads import random_settings
from tb.cases.sequencer_model import settings_fields

__all__ = ["SequencerStimulus"]


class SequencerStimulus:
    """What it asks for, the jobs of its vectors, and which banks it still needs."""

    def __init__(self, config, rng, max_idle, max_stall):
        self._config, self._rng = config, rng
        self._max_idle, self._max_stall = max_idle, max_stall
        self.due = list(itertools.product(config.drive.read_modes, [
            b for b in VECTOR_BITS if b <= config.drive.input_bits]))
        rng.shuffle(self.due)
        self._pool = {due: [self._job(*due) for _ in range(20)] for due in self.due}
        self._narrow = [self._job(mode, 4) for mode in config.drive.read_modes * 20]
        self._narrow.append(self._job("one_phase", 4, reads=config.nmpu.max_reads))
        self._in_use = [0, 0]
        self._vector = False
        self._flush, self._waits, self._rewriting = 0, False, 0
        self._repeats, self._exponents = 1, 0
        self.ask(1)

    def settings(self):
        """A job, other settings, and both as patterns; jobs not seen yet, then narrow ones."""
        pool = self._pool[self.due[0]] if self.due else self._narrow
        (job, word), (other, pattern) = (pool[self._rng.integers(len(pool))] for _ in range(2))
        return job, other["settings"], {"job": word["job"], "settings": pattern["settings"]}

    def _job(self, mode, bits, *, reads=None):
        config, rng = self._config, self._rng
        s = random_settings(config, rng)
        most = most_reads(config, read_mode=mode, input_bits=bits)
        s = Settings(**{
            **vars(s), "read_mode": mode, "input_bits": bits,
            "reads": min(s.reads if reads is None else reads, most),
            "bypass": bool(rng.integers(2)), "residual": bool(rng.integers(2)),
            "relu_first": bool(rng.integers(2)), "residual_scale": int(rng.integers(256)),
            "residual_shift": int(rng.integers(NmpuFormats.of(config).residual_shift + 1))})
        groups = sorted(rng.integers(config.groups, size=2).tolist())
        job = {"settings": s, "first_group": groups[0], "last_group": groups[1],
               "destination": int(rng.choice([0, 1, 1, 2, 3])),
               "pinned": int(rng.random() < 0.25), "bank": int(rng.integers(2)),
               **{name: int(rng.integers(2)) for name in ("resume", "sums", "final", "interrupt")}}
        told = settings_fields(config, s)
        return job, {"job": encode(job_layout(config), {**job, "settings": told}),
                     "settings": encode(settings_layout(config), told)}

    def clock(self, model):
        """Inputs of one clock."""
        rng = self._rng
        self._vector = self._vector or self._pause(self._max_idle)
        self._flush = max(0, self._flush - 1)
        if rng.random() < 0.003:
            self._flush = int(rng.integers(1, 6))
        measure = (not model.measure_asked and not model.measuring and rng.random() < 0.01)
        if measure:
            self.ask(int(rng.integers(1, 7)), rows=int(rng.integers(2)))
        if model.open:
            self._in_use[model.banks.bank] = int(rng.integers(2, 120))
        if not model.calibrate_asked and not model.calibrating:
            self._repeats = int(rng.integers(1, min(4, self._config.drift.max_repeats) + 1))
        calibrate = (not model.calibrate_asked and not model.calibrating
                     and rng.random() < 0.02)
        # Hasty ones meet a request that waits.
        abort = not calibrate and rng.random() < (0.02 if model.calibrate_asked else 0.004)
        if self._config.drift.engine and rng.random() < 0.02:
            self._exponents = int(rng.integers(4))
        uses = sum(1 << b for b in range(2) if self._in_use[b])
        self._in_use = [max(0, left - 1) for left in self._in_use]
        swap = self._rewriting == 1 or (not self._waits and not self._rewriting
                                        and rng.random() < 0.01)
        inputs = {"flush": int(self._flush > 0), "swap": int(swap), "measure": int(measure),
                  "rewriting": int(self._waits or self._rewriting > 0),
                  "vector_valid": int(self._vector), "free": int(self._pause(self._max_stall)),
                  "uses_bank": uses, "calibrate": int(calibrate), "give_up": int(abort),
                  "calibration_repeats": self._repeats, "exponents": self._exponents}
        self._engine(model.banks.closed(uses))
        return inputs

    def _engine(self, closed):
        """The drift engine waits until nobody needs the bank, and writes."""
        if self._rewriting:
            self._rewriting -= 1
        elif self._waits and not closed:
            self._waits, self._rewriting = False, int(self._rng.integers(2, 60))
        elif not self._waits:
            self._waits = self._rng.random() < 0.003

    def taken(self, what, job):
        """A window opens, or none if ``what`` is None."""
        if what != "load":
            return
        self._vector = False
        if job and (job["settings"].read_mode, job["settings"].input_bits) in self.due:
            self.due.remove((job["settings"].read_mode, job["settings"].input_bits))

    def ask(self, repeats, *, rows=0):
        """A measurement of codes up to the top, or of a row."""
        rng, top = self._rng, (1 << self._config.readout.reference_bits) - 1
        step = int(rng.integers(top // max(repeats - 1, 1) + 1))
        code = int(rng.integers(top - step * (repeats - 1) + 1))
        self.measurement = {"repeats": repeats, "rows": rows, "devices": int(rng.integers(4)),
                            "negative": int(rng.integers(2)), "code": code, "step": step}
        self.word = encode(measurement_layout(self._config), self.measurement)

    def _pause(self, longest):
        return int(self._rng.integers(0, longest, endpoint=True)) == 0
