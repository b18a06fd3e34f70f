"""Dispatcher: chains, legal and not, flushes and lost parity at any time, clock by clock."""

from golden.presets import tiny
from hw.control.dispatcher import COMMANDS, Dispatcher
from tb.agents.script import ScriptAgent
from tb.cases.chains import Chains, mutate, pattern
from tb.cases.dispatcher_model import DispatcherModel

CONFIGS = {
    "tiny": tiny,
    "one_descriptor": tiny.replace(control={"descriptors": 1}),
    "full": tiny.replace(control={"descriptors": 256}),
}
VARIANTS = tuple(CONFIGS)
OUTPUTS = ("index", "vectors.valid", "vectors.payload", *COMMANDS, "program_job",
           "command_job_done", "command_interrupt", "running", "current", "chain_first",
           "chain_last", "chain_done", "refused", "refusal", "at", "parity_fault")
CLOCKS = 8000


def build(variant):
    return Dispatcher(CONFIGS[variant])


class Stimulus:
    """The table, the tile behind, and a host."""

    def __init__(self, config, rng, max_idle, max_stall):
        self._config, self._rng = config, rng
        self._max_idle, self._max_stall = max_idle, max_stall
        self._chains = Chains(config, rng, repeat=4, reads=3)
        self._busy = 0
        self._index = 0

    def chain(self, model):
        """Another chain, and a start that asks for it."""
        rng, depth = self._rng, self._config.control.descriptors
        length = min(int(rng.integers(1, 7)), depth)
        first = int(rng.choice([0, depth - length, rng.integers(depth - length + 1)]))
        jobs = self._chains.chain(length)
        if rng.random() < 0.2:
            jobs = mutate(jobs, rng)
            # A job longer than this would be all that is seen.
            jobs = [job if job["repeat"] < 9 else {**job, "repeat": 0} for job in jobs]
        wrong = [end for end in (first - 1, depth) if 0 <= end < 256]
        last = int(rng.choice(wrong)) if wrong and rng.random() < 0.1 else first + length - 1
        model.bad = {last} if rng.random() < 0.05 else set()
        self._table = {first + k: pattern(job) for k, job in enumerate(jobs)}
        self._unlocked = int(rng.random() < 0.6)
        model.prepare(jobs, first, last, self._unlocked)
        return {"first": first, "last": last, "loops": int(rng.choice([1, 1, 1, 2, 3, 0]))}

    def clock(self, model):
        rng = self._rng
        flush = int(rng.random() < (0.1 if model.lost or model.phase == "command" else 0.007))
        ask = {"first": int(rng.integers(256)), "last": int(rng.integers(256)),
               "loops": int(rng.integers(4))}
        start = int(rng.random() < 0.3)
        if start and model.phase == "idle":
            ask = self.chain(model)
        elif model.phase in ("walk", "command") and rng.random() < 0.003:
            model.bad = {*range(256)}
        return {"start": start, "flush": flush, **ask, "unlocked": self._unlocked,
                "descriptor": self._table.get(self._index, 0),
                "parity_error": int(self._index in model.bad),
                "vectors.ready": int(rng.integers(self._max_stall, endpoint=True) == 0),
                "idle": int(not self._busy),
                # Others' commands are done too.
                "command_done": int(rng.integers(self._max_idle + 1) == 0)}

    def after(self, seen, inputs):
        self._index = seen["index"]
        taken = seen["vectors.valid"] and inputs["vectors.ready"]
        self._busy = (1 + int(self._rng.integers(1 + 5 * self._max_idle)) if taken else
                      max(self._busy - 1, 0))


def script(config, rng, max_idle, max_stall):
    model, rest = DispatcherModel(config), Stimulus(config, rng, max_idle, max_stall)
    rest.chain(model)
    lost = 0
    for _ in range(CLOCKS):
        inputs = rest.clock(model)
        seen = yield inputs
        wanted = model.outputs(inputs)
        for name, value in wanted.items():
            assert seen[name] == value, (
                f"{name} must be {value:#x}, not {seen[name]:#x}, in {model.phase}")
        lost += wanted["parity_fault"]
        model.clock(inputs, wanted)
        rest.after(seen, inputs)
    happened = {what: model.done.count(what) for what in set(model.done)}
    wanted = {"vector", "chain", "loop", "NONE", "RANGE", "PARITY", "LOCKED", *COMMANDS,
              *(f"flush in {phase}" for phase in ("idle", "check", "walk", "command"))}
    assert lost and wanted <= set(happened), (lost, wanted - set(happened))


def agent(variant, rng, *, max_idle, max_stall):
    return ScriptAgent(script(CONFIGS[variant], rng, max_idle, max_stall), outputs=OUTPUTS,
                       deadline=CLOCKS + 10)
