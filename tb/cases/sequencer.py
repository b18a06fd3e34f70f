"""Sequencer: every mode and width, measurements, calibration vectors, aborts and exchanges at any
time, clock by clock."""

import itertools

import numpy as np

from golden.array.modes import READ_MODES
from golden.config import VECTOR_BITS
from golden.registers import MOST_REPEATS
from golden.settings import Settings, most_reads
from hw.control.sequencer import Sequencer
from hw.control.sequencer import measurement as measurement_layout
from hw.control.sequencer import settings as settings_layout
from hw.readout.payloads import tag as tag_layout
from tb.agents.script import ScriptAgent
from tb.bits import encode, mask
from tb.cases.configs import CONFIGS
from tb.cases.reads import random_settings
from tb.cases.sequencer_model import SequencerModel

VARIANTS = ("tiny", "whole", "four_blocks", "narrow")
OUTPUTS = ("load", "load_bits", "load_calibration", "calibration_waits", "active", "open",
           "close", "mask", "level", "drive_positive", "drive_negative", "tag", "bank",
           "swap_pending", "busy",
           *(f"window.{name}" for name in ("plus", "minus", "block", "reference",
                                           "reference_negative", "reference_code")))
RESULTS = {"four_blocks": 12}


def build(variant):
    return Sequencer(CONFIGS[variant])


def fields(s):
    return {"shift": s.shift, "relu": int(s.relu), "output_bits": s.output_bits,
            "input_bits": s.input_bits, "read_mode": READ_MODES.index(s.read_mode),
            "reads": s.reads}


class Stimulus:
    """The rest of the tile, at random: what it asks for, and which banks it still needs."""

    def __init__(self, config, rng, max_idle, max_stall):
        self._config, self._rng = config, rng
        self._max_idle, self._max_stall = max_idle, max_stall
        self.due = list(itertools.product(config.drive.read_modes, [
            b for b in VECTOR_BITS if b <= config.drive.input_bits]))
        rng.shuffle(self.due)
        self._pool = {due: [self._settings(*due) for _ in range(20)] for due in self.due}
        self._narrow = [self._settings(mode, 4) for mode in config.drive.read_modes * 20]
        self._narrow.append(self._settings("one_phase", 4, reads=config.nmpu.max_reads))
        self._in_use = [0, 0]
        self._vector = False
        self._repeats, self._exponents = 1, 0
        self.ask(1)

    def settings(self):
        """(Settings, pattern): those not seen yet, then narrow ones."""
        pool = self._pool[self.due[0]] if self.due else self._narrow
        return pool[self._rng.integers(len(pool))]

    def _settings(self, mode, bits, *, reads=None):
        config = self._config
        s = random_settings(config, self._rng)
        most = most_reads(config, read_mode=mode, input_bits=bits)
        s = Settings(**{**vars(s), "read_mode": mode, "input_bits": bits,
                        "reads": min(s.reads if reads is None else reads, most)})
        return s, encode(settings_layout(config), fields(s))

    def clock(self, model):
        """Inputs of one clock."""
        rng = self._rng
        self._vector = self._vector or self._pause(self._max_idle)
        measure = (not model.measure_asked and not model.measuring and rng.random() < 0.01)
        if measure:
            self.ask(int(rng.integers(1, 7)))
        if model.open:
            self._in_use[model.banks.bank] = int(rng.integers(2, 120))
        if not model.calibrate_asked and not model.calibrating:
            self._repeats = int(rng.integers(1, min(4, self._config.drift.max_repeats) + 1))
        calibrate = (not model.calibrate_asked and not model.calibrating
                     and rng.random() < 0.005)
        # Hasty ones meet a request that waits.
        abort = not calibrate and rng.random() < (0.02 if model.calibrate_asked else 0.004)
        if self._config.drift.engine and rng.random() < 0.02:
            self._exponents = int(rng.integers(4))
        uses = sum(1 << b for b in range(2) if self._in_use[b])
        self._in_use = [max(0, left - 1) for left in self._in_use]
        return {"run": int(not self._max_idle or rng.random() < 0.9), "swap": int(
                    rng.random() < 0.02), "measure": int(measure),
                "vector_valid": int(self._vector), "free": int(self._pause(self._max_stall)),
                "uses_bank": uses, "calibrate": int(calibrate), "give_up": int(abort),
                "calibration_repeats": self._repeats, "exponents": self._exponents}

    def taken(self, what, settings):
        if what == "load":
            self._vector = False
            if (settings.read_mode, settings.input_bits) in self.due:
                self.due.remove((settings.read_mode, settings.input_bits))

    def ask(self, repeats):
        """A measurement of codes up to the top."""
        rng, top = self._rng, (1 << self._config.readout.reference_bits) - 1
        step = int(rng.integers(top // max(repeats - 1, 1) + 1))
        code = int(rng.integers(top - step * (repeats - 1) + 1))
        self.measurement = {"repeats": repeats, "negative": int(rng.integers(2)), "code": code,
                            "step": step}
        self.word = encode(measurement_layout(self._config), self.measurement)

    def _pause(self, longest):
        return int(self._rng.integers(0, longest, endpoint=True)) == 0


def script(config, rng, max_idle, max_stall, *, results, longest):
    x = np.arange(config.array.rows)
    model, rest = SequencerModel(config, x % 8), Stimulus(config, rng, max_idle, max_stall)
    places = {name: (field.offset, field.width) for name, field in tag_layout(config)}
    tally = {"gaps": 0, "asked_within": 0, "windows": 0, "both": 0}
    aborts = {"waiting": 0, "first": 0, "middle": 0, "last": 0, "nothing": 0}
    while (model.finished.count("result") < results or rest.due or longest
           or model.finished.count("calibration") < 4 or 0 in aborts.values()):
        settings, word = rest.settings()
        inputs = rest.clock(model)
        if longest and not rest.due and not model.measure_asked and not model.measuring:
            longest = rest.measurement["repeats"] < MOST_REPEATS
            if longest:
                rest.ask(MOST_REPEATS)
                inputs["measure"] = 1
        seen = yield {**inputs, "settings": word, "measurement": rest.word}
        for name, value in model.outputs(inputs, settings).items():
            if name == "tag":
                got = {field: seen["tag"] >> low & mask(width)
                       for field, (low, width) in places.items() if field in value}
                assert got == value, f"tag must have {value}, not {got}"
            else:
                assert seen[name] == value, f"{name} must be {value}, not {seen[name]}"
        if inputs["give_up"]:
            aborts["waiting" if model.calibrate_asked else "nothing" if not model.calibrating else
                   "last" if model.vector == inputs["calibration_repeats"] - 1 else
                   "first" if model.vector == 0 else "middle"] += 1
        tally["asked_within"] += model.vectors > 0 and model.measure_asked
        tally["both"] += model.banks.asked and model.measure_asked
        what = model.clock(inputs, settings, rest.measurement)
        tally["windows"] += what is not None
        tally["gaps"] += tally["windows"] > 0 and not model.open
        rest.taken(what, model.settings)
    assert model.banks.count > 3, "too few exchanges"
    assert model.finished.count("measurement") >= 3, "too few measurements"
    assert tally["both"] and (config.nmpu.max_reads == 1 or tally["asked_within"]), tally
    assert (tally["gaps"] == 0) == (not max_idle and not max_stall), tally


def agent(variant, rng, *, max_idle, max_stall):
    longest = variant == "whole" and not max_stall
    return ScriptAgent(script(CONFIGS[variant], rng, max_idle, max_stall,
                               results=RESULTS.get(variant, 30), longest=longest),
                       outputs=OUTPUTS, deadline=300_000)
