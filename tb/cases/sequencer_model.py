"""The sequencer, step by step: a queue of windows, and who may put what into it."""

from golden.settings import Settings
from tb.cases.pulses import windows

__all__ = ["Exchange", "SequencerModel"]


class Exchange:
    """What is known of the banks: one exchange per request, before the next result."""

    def __init__(self):
        self.bank, self.asked, self.exchanged = 0, False, False
        self.count = 0

    def clock(self, *, swap, between, uses_bank):
        """The end of a clock; ``between`` two results and with no window to come."""
        old = 1 - self.bank
        released = self.exchanged and not uses_bank >> old & 1
        if between and self.asked and not self.exchanged:
            self.bank, self.exchanged = old, True
            self.count += 1
        # A request in the very clock in which the last one is done is a new one.
        self.asked = (self.asked and not released) or bool(swap)
        self.exchanged = self.exchanged and not released


class SequencerModel:
    """``outputs`` of a clock, then ``clock``, its end.

    A window is a dict: ``told``, what the rows are told clock by clock, ``pins`` and ``tag``.
    """

    def __init__(self, config, x):
        self._config = config
        self._x = x
        self.banks = Exchange()
        self.queue = []  # of the vector or measurement under way, the open window first
        self.open, self.tick = False, 0
        self.vectors, self.settings = 0, None
        self.measure_asked, self.measuring = False, False
        self.calibrate_asked, self.calibrating, self.aborted = False, False, False
        self.vector, self.complete = 0, False  # of the calibration; it ends with this vector
        self.finished = []

    def decision(self, inputs, settings):
        """What the clock decides: (between, what), ``what`` being None if no window opens."""
        closing = self.open and self.tick == len(self.queue[0]["told"]) - 1
        if self.open and not closing:
            return False, None
        over = len(self.queue) == (1 if closing else 0)
        between = over and self.vectors == 0
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
        return between, "load" if inputs["run"] and inputs["vector_valid"] else None

    def outputs(self, inputs, settings):
        """Every output that means something in this clock."""
        _, what = self.decision(inputs, settings)
        wanted = {"active": int(self.open), "open": int(self.open and self.tick == 0),
                  "close": 0, "load": int(what == "load"),
                  "load_calibration": int(what == "calibrate"),
                  "calibration_waits": int(self.calibrate_asked), "window.reference": 0,
                  "bank": self.banks.bank, "swap_pending": int(self.banks.asked),
                  "busy": int(bool(self.queue) or self.measure_asked or self.calibrate_asked
                              or self.calibrating)}
        if what == "calibrate":
            wanted["load_bits"] = (self.calibration if self.calibrating else settings).input_bits
        if what == "load":
            wanted["load_bits"] = (self.settings if self.vectors else settings).input_bits
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

    def clock(self, inputs, settings, measurement):
        """The end of a clock with ``inputs``."""
        between, what = self.decision(inputs, settings)
        if self.open and self.tick == 0:
            self.complete = self._is_last(inputs)
        calibrating = self.calibrating
        if self.open and self.tick == len(self.queue[0]["told"]) - 1:
            self.queue.pop(0)
            self.open = False
            if not self.queue and self.measuring:
                self.measuring = False
                self.finished.append("measurement")
            elif not self.queue and self.calibrating:
                if self.complete:
                    self.calibrating = False
                    self.finished.append("calibration")
            elif not self.queue and not self.vectors:
                self.finished.append("result")
        if what == "load":
            self.settings = self.settings if self.vectors else settings
            self.queue = self._of_vector(self.settings)
            self.vectors = (self.vectors + 1) % self.settings.reads
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
        self.banks.clock(swap=inputs["swap"], between=between, uses_bank=inputs["uses_bank"])
        return what

    def _is_last(self, inputs):
        return self.aborted or self.vector == inputs["calibration_repeats"] - 1

    def _of_calibration(self, s):
        """A vector by itself, whose readouts go to the tally."""
        queue = self._windows(s, True, True)
        for window in queue:
            tag = window["tag"]
            for name in ("shift", "relu", "output_bits"):
                del tag[name]
            tag |= {"calibrate": 1, "restart": int(self.vector == 0)}
        return queue

    def _of_vector(self, s):
        return self._windows(s, self.vectors == 0, self.vectors == s.reads - 1)

    def _windows(self, s, first, last):
        told = windows(self._x, s)
        sides = ("both",) if s.mode.phases == 1 else ("plus", "plus", "minus", "minus")
        queue = []
        for block in range(self._config.blocks):
            for k, (shared, _) in enumerate(told):
                side = sides[k % len(sides)]
                queue.append({
                    "told": shared,
                    "pins": {"plus": int(side != "minus"), "minus": int(side != "plus"),
                             "block": block},
                    "tag": {"first": int(first and k == 0),
                            "last": int(last and k == len(told) - 1), "measure": 0,
                            "calibrate": 0,
                            "block": block, "weight": s.weights[k].bit_length() - 1,
                            "shift": s.shift, "relu": int(s.relu),
                            "output_bits": s.output_bits}})
        return queue

    def _of_measurement(self, input_bits, m):
        (shared, _), = windows(self._x, Settings(input_bits=input_bits))
        return [{"told": [{"mask": 0}] * len(shared),
                 "pins": {"plus": 1, "minus": 1, "block": block, "reference": 1,
                          "reference_negative": m["negative"],
                          "reference_code": m["code"] + m["step"] * k},
                 "tag": {"first": int(k == 0), "last": int(k == m["repeats"] - 1), "measure": 1,
                         "calibrate": 0, "block": block}}
                for block in range(self._config.blocks) for k in range(m["repeats"])]
