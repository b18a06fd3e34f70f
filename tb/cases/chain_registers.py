"""ChainRegisters: every access at every moment of a chain, and edges of the trigger."""

from golden.registers import CHAIN_BASE, REGISTERS, pack, unpack
from golden.registers.chain import CHAIN
from hw.control.chain_registers import ChainRegisters
from tb.agents.script import ScriptAgent
from tb.bits import mask

VARIANTS = ("all",)
OUTPUTS = ("bus.read", "bus.refused", "first", "last", "loops", "start", "trigger_lost", "limit")
CLOCKS = 10_000
NAMES = {register.offset: register.name for register in CHAIN.registers}

def build(variant):
    return ChainRegisters()


class Model:
    """The registers, and the trigger of the clock before."""

    def __init__(self, jobs):
        self.fields = {name: unpack(name, pack(name)) for name in NAMES.values()}
        self.fields["JOBS"]["count"] = jobs
        self.trigger = 1  # one that is high from reset on has no edge

    def show(self, inputs):
        self.fields["CHAIN"]["start"] = inputs["running"]
        self.fields["CHAIN_STATUS"]["current"] = inputs["current"]
        self.fields["FAULT"]["code"] = inputs["code"]

    def write(self, inputs):
        """(name, fields) of a write that is allowed, or (None, {})."""
        name = NAMES.get(inputs["bus.address"])
        if not (inputs["bus.access"] and inputs["bus.write"] and name):
            return None, {}
        written = unpack(name, inputs["bus.data"])
        allowed = name in ("LOOPS", "WATCHDOG") or (
            name == "CHAIN" and not inputs["running"]
            and (inputs["startable"] or not written["start"]))
        return (name, written) if allowed else (None, {})

    def outputs(self, inputs):
        name, written = self.write(inputs)
        edge = inputs["trigger"] and not self.trigger
        asked = name == "CHAIN" and bool(written["start"])
        chain = written if asked else self.fields["CHAIN"]
        return {"start": int(asked or (edge and inputs["startable"])),
                "trigger_lost": int(edge and (asked or not inputs["startable"])),
                "first": chain["first"], "last": chain["last"],
                "loops": self.fields["LOOPS"]["loops"],
                "limit": self.fields["WATCHDOG"]["clocks"]}

    def answer(self, inputs):
        """(refused, data) in the clock after."""
        name = NAMES.get(inputs["bus.address"])
        if inputs["bus.write"]:
            return self.write(inputs)[0] is None, None
        return name is None, pack(name, **self.fields[name]) if name else 0

    def clock(self, inputs):
        start = self.outputs(inputs)["start"]
        name, written = self.write(inputs)
        if name:
            self.fields[name] |= {f.name: written[f.name] for f in REGISTERS[name].fields
                                  if f.access == "rw"}
        status, jobs = self.fields["CHAIN_STATUS"], self.fields["JOBS"]
        if start:
            status |= {"refusal": 0, "at": 0}
        elif inputs["refused"]:
            status |= {"refusal": inputs["refusal"], "at": inputs["at"]}
        jobs["count"] = min(jobs["count"] + inputs["job_done"], mask(32))
        self.trigger = inputs["trigger"]


class Stimulus:
    """A chain that starts, runs or is refused, and ends; and accesses at any time."""

    def __init__(self, rng):
        self._rng = rng
        self._startable, self._running, self._trigger = 1, 0, 1
        near = [address + k for address in NAMES for k in (1, 2, 3)]
        self._addresses = [*NAMES, *NAMES, *[CHAIN_BASE] * 12, *near, max(NAMES) + 4,
                           CHAIN_BASE + 0xFFC]

    def clock(self, started):
        rng = self._rng
        if started:
            self._startable, self._running = 0, 1
        elif rng.random() < 0.2:
            self._running = 0
        elif not self._running and rng.random() < 0.2:
            self._startable = int(rng.random() < 0.7)
        if rng.random() < 0.4:
            self._trigger = 1 - self._trigger
        start = int(rng.random() < 0.5)
        return {
            "bus.access": int(rng.random() < 0.5), "bus.write": int(rng.random() < 0.5),
            "bus.address": int(rng.choice(self._addresses)),
            "bus.data": int(rng.integers(1 << 31)) | start << 31,
            "startable": self._startable, "trigger": self._trigger, "running": self._running,
            "refused": int(rng.random() < 0.05), "refusal": int(rng.integers(32)),
            "at": int(rng.integers(256)), "current": int(rng.integers(256)),
            "job_done": int(rng.random() < 0.2), "code": int(rng.integers(16))}


def script(rng, jobs=0):
    model, rest = Model(jobs), Stimulus(rng)
    tally = dict.fromkeys(("bus", "trigger", "both", "lost", "refused start", "refused running",
                           "refusal read", "high from reset"), 0)
    answer, started = None, 0
    for k in range(CLOCKS):
        inputs = rest.clock(started)
        model.show(inputs)
        seen = yield inputs
        wanted = model.outputs(inputs)
        for name, value in wanted.items():
            assert seen[name] == value, f"{name} must be {value}, not {seen[name]}: {inputs}"
        if answer:
            refused, data = answer
            assert seen["bus.refused"] == refused
            assert data is None or seen["bus.read"] == data, f"{data:#x}, not {seen['bus.read']:#x}"
        answer = model.answer(inputs) if inputs["bus.access"] else None
        started, lost = wanted["start"], wanted["trigger_lost"]
        edge = inputs["trigger"] and not model.trigger
        asked = model.write(inputs)[0] == "CHAIN" and started
        tally["high from reset"] += k == 0 and inputs["trigger"]
        tally["bus"] += asked and not edge
        tally["trigger"] += started and not asked
        tally["both"] += asked and lost
        tally["lost"] += lost and not inputs["startable"]
        written = answer and inputs["bus.write"] and inputs["bus.address"] == CHAIN_BASE
        tally["refused start"] += bool(written and answer[0] and not inputs["running"])
        tally["refused running"] += bool(written and answer[0] and not inputs["bus.data"] >> 31)
        tally["refusal read"] += bool(answer and answer[1] and NAMES.get(
            inputs["bus.address"]) == "CHAIN_STATUS" and answer[1] & 0x1F)
        model.clock(inputs)
    assert tally.pop("high from reset") and min(tally.values()) > 10, tally


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(rng), outputs=OUTPUTS, deadline=CLOCKS + 10)
