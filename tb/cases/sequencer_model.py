"""The sequencer, step by step: a queue of windows, and who may put what into it."""

from golden.array.modes import READ_MODES
from golden.settings import Settings
from hw.control.settings import settings as settings_layout
from tb.cases.exchange_model import ExchangeModel
from tb.cases.pulses import windows

__all__ = ["SequencerModel", "settings_fields"]

TOLD = ("shift", "relu", "relu_first", "output_bits", "bypass", "residual_scale", "residual_shift")
"""Settings that a tag has as they are."""

PASSED = ("first_group", "last_group", "resume", "sums", "destination", "final", "interrupt")
"""What else of a job a tag has."""


def settings_fields(config, s):
    """The fields of the layout of settings."""
    values = {**vars(s), "read_mode": READ_MODES.index(s.read_mode)}
    return {name: int(values[name]) for name, _ in settings_layout(config)}


class SequencerModel:
    """``outputs`` of a clock, then ``clock``, its end.

    ``job`` has the fields of a job, but ``settings`` is a `Settings`. A window is a dict: ``told``,
    what the rows are told clock by clock, ``pins`` and ``tag``.
    """

    def __init__(self, config, x):
        self._config = config
        self._x = x
        self.banks = ExchangeModel()
        self.finished = []
        self._forget()

    def _forget(self):
        self.queue = []  # of the vector or measurement under way, the open window first
        self.open, self.tick = False, 0
        self.vectors, self.job, self.unfinished = 0, None, False
        self.measure_asked, self.measuring = False, False
        self.calibrate_asked, self.calibrating, self.aborted = False, False, False
        self.vector, self.complete = 0, False  # of the calibration; it ends with this vector

    def decision(self, inputs, job):
        """What the clock decides: (between, what), ``what`` being None if no window opens."""
        closing = self.open and self.tick == len(self.queue[0]["told"]) - 1
        if self.open and not closing:
            return False, None
        over = len(self.queue) == (1 if closing else 0)
        between = over and self.vectors == 0 and not self.unfinished
        if not inputs["free"]:
            return between, None
        if not over:
            return between, "next"
        if self.calibrating and not self.complete:
            return between, "calibrate"
        if between and self.calibrate_asked and not inputs["give_up"]:
            return between, "calibrate"
        if between and self.measure_asked:
            return between, "measure"
        return between, "load" if inputs["vector_valid"] and self.may_load(inputs, job) else None

    def may_load(self, inputs, job):
        """Whether the bank that the vector wants can be had."""
        return self.vectors > 0 or self.banks.allowed(
            pinned=job["pinned"], bank=job["bank"], rewriting=inputs["rewriting"])

    def outputs(self, inputs, job, settings, measurement):
        """Every output that means something in this clock."""
        _, what = self.decision(inputs, job)
        wanted = {"active": int(self.open), "open": int(self.open and self.tick == 0),
                  "close": 0, "load": int(what == "load"),
                  "load_calibration": int(what == "calibrate"),
                  "load_row": int(what == "measure" and measurement["rows"]),
                  "calibration_waits": int(self.calibrate_asked), "window.reference": 0,
                  "bank": self.banks.bank, "swap_pending": int(self.banks.asked),
                  "bank_closed": int(self.banks.closed(inputs["uses_bank"])),
                  "busy": int(bool(self.queue) or self.measure_asked or self.calibrate_asked
                              or self.calibrating),
                  "partway": int(self.vectors > 0)}
        if what == "calibrate":
            wanted["load_bits"] = (self.calibration if self.calibrating else settings).input_bits
        if what == "load":
            wanted["load_bits"] = (self.job if self.vectors else job)["settings"].input_bits
        if wanted["load_row"]:
            wanted["load_bits"] = self._config.drive.input_bits
        if self.open:
            window = self.queue[0]
            wanted |= {"close": int(self.tick == len(window["told"]) - 1),
                       **{f"window.{name}": value for name, value in window["pins"].items()},
                       **{name: value for name, value in window["told"][self.tick].items()
                          if name != "active"},
                       "tag": {**window["tag"], "bank": self.banks.bank}}
            tag = wanted["tag"]
            if tag["calibrate"] and self.tick == 0:
                tag["complete"] = int(self._is_last(inputs))
            elif not tag["calibrate"] and not tag["measure"]:
                # Counts of the corrected bank are worth its exponent more.
                tag["weight"] += inputs["exponents"] >> self.banks.bank & 1
        return wanted

    def clock(self, inputs, job, settings, measurement):
        """The end of a clock with ``inputs``."""
        between, what = self.decision(inputs, job)
        pins = what == "load" and not self.vectors and job["pinned"] and not inputs["flush"]
        if self.open and self.tick == 0:
            self.complete = self._is_last(inputs)
        calibrating = self.calibrating
        if self.open and self.tick == len(self.queue[0]["told"]) - 1:
            self._close()
        if what == "load":
            self.job = self.job if self.vectors else job
            s = self.job["settings"]
            self.queue = self._of_vector(self.job)
            self.vectors = (self.vectors + 1) % s.reads
            self.unfinished = self.job["destination"] == 0
        elif what == "measure":
            self.queue = self._of_measurement(settings.input_bits, measurement)
            self.measuring, self.measure_asked = True, False
        elif what == "calibrate":
            if not calibrating or not self.calibrating:
                self.calibrating, self.calibrate_asked, self.aborted = True, False, False
                self.calibration, self.vector = settings, -1
            self.vector += 1
            self.queue = self._of_calibration(self.calibration)
        if what:
            self.open, self.tick = True, 0
        elif self.open:
            self.tick += 1
        self.measure_asked = self.measure_asked or bool(inputs["measure"])
        if inputs["give_up"]:
            self.calibrate_asked, self.aborted = False, calibrating
        self.calibrate_asked = self.calibrate_asked or bool(inputs["calibrate"])
        self.banks.clock(swap=inputs["swap"], between=between, pins=pins, pinned_bank=job["bank"],
                         uses_bank=inputs["uses_bank"])
        if inputs["flush"]:
            self._forget()
        return what

    def _close(self):
        """The open window is over."""
        self.queue.pop(0)
        self.open = False
        if self.queue:
            return
        if self.measuring:
            self.measuring = False
            self.finished.append("measurement")
        elif self.calibrating:
            if self.complete:
                self.calibrating = False
                self.finished.append("calibration")
        elif not self.vectors:
            self.finished.append("result")

    def _is_last(self, inputs):
        return self.aborted or self.vector == inputs["calibration_repeats"] - 1

    def _of_calibration(self, s):
        """A vector by itself, whose readouts go to the tally."""
        return self._windows(s, True, True, {
            "calibrate": 1, "restart": int(self.vector == 0), **self._nothing()})

    def _of_vector(self, job):
        s = job["settings"]
        told = settings_fields(self._config, s)
        return self._windows(s, self.vectors == 0, self.vectors == s.reads - 1, {
            "calibrate": 0, "residual": int(s.residual), **{name: told[name] for name in TOLD},
            **{name: job[name] for name in PASSED}})

    def _nothing(self):
        """What is told of a read that gives no result."""
        return {**dict.fromkeys((*PASSED, "residual"), 0), "last_group": self._config.groups - 1}

    def _windows(self, s, first, last, more):
        told = windows(self._x, s)
        sides = ("both",) if s.mode.phases == 1 else ("plus", "plus", "minus", "minus")
        queue = []
        for block in range(self._config.blocks):
            for k, (shared, _) in enumerate(told):
                side = sides[k % len(sides)]
                queue.append({
                    "told": shared,
                    "pins": {"plus": int(side != "minus"), "minus": int(side != "plus"),
                             "devices": 0b11, "block": block},
                    "tag": {"first": int(first and k == 0),
                            "last": int(last and k == len(told) - 1), "measure": 0,
                            "block": block, "weight": s.weights[k].bit_length() - 1, **more}})
        return queue

    def _of_measurement(self, input_bits, m):
        """Of a known current with the rows at rest, or of one row in its widest window."""
        if m["rows"]:
            (told, _), = windows(self._x, Settings(input_bits=self._config.drive.input_bits))
            pins = {"devices": m["devices"], "reference": 0}
        else:
            (shared, _), = windows(self._x, Settings(input_bits=input_bits))
            told = [{"mask": 0}] * len(shared)
            pins = {"devices": 0b11, "reference": 1, "reference_negative": m["negative"]}
        return [{"told": told,
                 "pins": {"plus": 1, "minus": 1, "block": block, **pins,
                          **({} if m["rows"] else {"reference_code": m["code"] + m["step"] * k})},
                 "tag": {"first": int(k == 0), "last": int(k == m["repeats"] - 1), "measure": 1,
                         "calibrate": 0, "block": block, **self._nothing()}}
                for block in range(self._config.blocks) for k in range(m["repeats"])]
