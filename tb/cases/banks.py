"""Banks: windows opened as soon as a bank is free, or later, and captured after any time."""

from hw.readout.banks import Banks
from hw.readout.payloads import tag
from tb.agents.script import ScriptAgent
from tb.bits import encode
from tb.cases.configs import CONFIGS
from tb.cases.reads import random_results

VARIANTS = ("tiny", "two_banks", "four_blocks")
WINDOWS = 300
OUTPUTS = ("free", "gate", "due", "due_bank", "due_tag", "uses_bank", "busy")


def build(variant):
    return Banks(CONFIGS[variant])


class Model:
    """The windows that are open or not captured, oldest first, each in the next bank in turn."""

    def __init__(self, banks):
        self._banks = banks
        self._opened = 0
        self._gate = 0
        self.held = []
        self.together = 0

    def outputs(self, *, opening, captured):
        """Of a clock in which ``opening`` is the window that opens, or None."""
        due = [window for window in self.held if window["closed"] == 2]
        wanted = {"gate": self._gate, "due": int(bool(due)), "busy": int(bool(self.held)),
                  "uses_bank": 0}
        for window in [*self.held, *([opening] if opening else [])]:
            wanted["uses_bank"] |= 1 << window["coefficients"]
        if due:
            assert due[0] is self.held[0]
            wanted |= {"due_bank": due[0]["bank"], "due_tag": due[0]["tag"]}
        if not opening:  # what may happen after a clock in which a window opened is known
            wanted["free"] = int(len(self.held) - captured < self._banks)
        self.together = max(self.together, len(due))
        return wanted

    def clock(self, *, active, opening, close, captured):
        """The end of a clock."""
        if opening:
            self.held.append({**opening, "bank": self._opened % self._banks, "closed": 0})
            self._opened += 1
        self._gate = 1 << self.held[-1]["bank"] if active else 0
        for window in self.held:
            window["closed"] += window["closed"] == 1
        if close:
            self.held[-1]["closed"] = 1
        if captured:
            del self.held[0]


def script(config, rng, max_idle, max_stall):
    banks, layout = config.readout.counter_banks, tag(config)
    tags = [given for result in random_results(config, rng, 40)[1]
            for given, _ in result.windows(config)]
    model = Model(banks)
    left, free, windows, idle, seamless = 0, True, 0, 0, 0
    waited = {False: 0, True: 0}
    captured = 0
    while windows < WINDOWS or model.held:
        fields = tags[rng.integers(len(tags))]
        opening, was_active = None, left > 0
        left = max(left - 1, 0)
        just_closed = was_active and not left
        if not left and free and windows < WINDOWS:
            idle -= 1
            if idle < 0:
                opening = {"tag": encode(layout, fields), "coefficients": fields["bank"]}
                left, idle = int(rng.integers(2, 20)), int(rng.integers(0, max_idle, endpoint=True))
                windows += 1
                seamless += just_closed
        active, close = left > 0, left == 1
        due = bool(model.held) and model.held[0]["closed"] == 2
        captured = due and int(rng.integers(0, max_stall, endpoint=True)) == 0
        seen = yield {"active": int(active), "open": int(opening is not None),
                      "close": int(close), "captured": int(captured),
                      "tag": encode(layout, fields)}
        for name, value in model.outputs(opening=opening, captured=captured).items():
            assert seen[name] == value, f"{name} must be {value:#x}, not {seen[name]:#x}"
        model.clock(active=active, opening=opening, close=close, captured=captured)
        free = bool(seen["free"])
        waited[free] += not active
    assert waited[False] > 20 or (banks == 2 and not max_stall)
    assert (seamless > 10) == (banks == 2)
    assert model.together == (banks if max_stall > 0 else 1)


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(CONFIGS[variant], rng, max_idle, 2 * max_stall), outputs=OUTPUTS,
                       deadline=60_000)
