"""The dispatcher, clock by clock: what a list of events makes of its inputs."""

from golden.chain_checker import check_chain
from golden.descriptors import KINDS, WORDS, words
from golden.refusals import Refusal
from hw.control.dispatcher import COMMANDS, program_job
from hw.control.settings import vector
from tb.bits import encode, mask

__all__ = ["DispatcherModel", "events"]


def events(config, jobs, first):
    """What a chain comes to: (descriptor, what, payload or cells, whether it ends the job)."""
    layout, cells = vector(config), program_job(config)
    for at, d in enumerate(jobs, first):
        if d["kind"]:
            yield at, KINDS[d["kind"]], d["kind"] == KINDS.index("program") and encode(
                cells, {name: d[name] for name in cells.members}), True
            continue
        told = {name: d[name] for name in ("first_group", "last_group", "resume", "sums",
                                           "destination", "interrupt")}
        told |= {"pinned": int(d["bank"] > 0), "bank": int(d["bank"] == 2), "settings": {
            name: d[name] for name in layout["job"].shape["settings"].shape.members}}
        # Encoding takes a while: once for each job.
        plain = encode(layout, {"source": d["source"], "first_beat": d["first_beat"],
                                "rows": d["rows"], "job": told})
        row, job = layout["row"], layout["job"]
        final_bit = 1 << job.offset + job.shape["final"].offset
        first_row = d["first_beat"] * (config.stream.x_bits // 8)
        for result in range(d["repeat"]):
            final = result == d["repeat"] - 1
            # The row of other sources than rows means nothing, and is cut.
            payload = (plain | ((first_row + result) & mask(row.width)) << row.offset
                       | final * final_bit)
            for read in range(d["reads"]):
                yield at, "vector", payload, final and read == d["reads"] - 1


class DispatcherModel:
    """Outputs of this clock from its inputs, then on to the next one.

    Attributes
    ----------
    phase : str
        ``idle``, ``check``, ``walk``, ``command`` or ``drain``.
    done : list of str
        What happened so far.
    """

    def __init__(self, config):
        self._config = config
        self.phase, self.done = "idle", []
        self._steady = {"current": 0, "chain_first": 0, "chain_last": 0, "refusal": 0, "at": 0}
        self._refused = 0
        self.bad = set()

    def prepare(self, jobs, first, last, unlocked):
        """The chain that the next start is for."""
        self._jobs, self._first, self._last = jobs, first, last
        table = [[0] * len(WORDS)] * first + [words(job) for job in jobs]
        self._verdict = check_chain(table, self._config, first, last, unlocked=unlocked,
                                    bad_parity=self.bad)

    @property
    def lost(self):
        return (self.phase == "walk" and not self._hidden
                and self._steady["current"] in self.bad)

    def outputs(self, inputs):
        out = dict.fromkeys(("vectors.valid", *COMMANDS, "command_job_done", "chain_done"), 0)
        out |= self._steady | {"running": int(self.phase != "idle"), "refused": self._refused,
                               "parity_fault": int(self.lost)}
        if self.phase == "walk" and not self._hidden and not self.lost and not inputs["flush"]:
            if self._what == "vector":
                out |= {"vectors.valid": 1, "vectors.payload": self._payload}
            elif inputs["idle"]:
                out[self._what] = 1
                out["command_job_done"] = int(self._what == "statistics")
        if self.phase == "command":
            out["command_job_done"] = int(inputs["command_done"] and not inputs["flush"])
        if out["command_job_done"]:
            out["command_interrupt"] = self._interrupt
        if out["program"] or (self.phase == "command" and self._what == "program"):
            out["program_job"] = self._payload
        if self.phase == "drain":
            out["chain_done"] = int(inputs["idle"] and not inputs["flush"])
        return out

    def clock(self, inputs, out):
        self._refused = 0
        if inputs["flush"]:
            self.done.append(f"flush in {self.phase}")
            self.phase = "idle"
        elif self.phase == "idle":
            if inputs["start"]:
                self._start(inputs)
        elif self.phase == "check":
            self._check()
        elif self.phase == "drain":
            if out["chain_done"]:
                self.done.append("chain")
                self.phase = "idle"
        elif self.phase == "walk" and self._hidden:
            self._hidden -= 1
        elif (out["vectors.valid"] and inputs["vectors.ready"]) or out["command_job_done"]:
            self.done.append(self._what)
            self._next()
        elif self.phase == "walk" and any(out[name] for name in COMMANDS):
            self.phase = "command"

    def _start(self, inputs):
        refusal, at = self._verdict
        self.phase, self._loops = "check", inputs["loops"]
        self._clocks = 1 if refusal is Refusal.RANGE else 4 + (
            at if refusal else self._last) - self._first
        self._steady |= {"current": self._first, "chain_first": self._first,
                         "chain_last": self._last}

    def _check(self):
        self._clocks -= 1
        if self._clocks:
            return
        refusal, at = self._verdict
        self._steady |= {"refusal": refusal, "at": at}
        self._refused = int(refusal != 0)
        self.phase = "idle" if refusal else "walk"
        self.done.append(refusal.name)
        if not refusal:
            self._left = self._loops
            self._events = iter(events(self._config, self._jobs, self._first))
            self._next(begin=True)

    def _next(self, *, begin=False):
        """The next event; a clock goes by until another descriptor is shown."""
        self.phase, self._hidden = "walk", int(begin or self._ends)
        event = next(self._events, None)
        if event is None:
            if self._left == 1:
                self.phase = "drain"
                return
            self.done.append("loop")
            self._left = max(self._left - 1, 0)
            self._events = iter(events(self._config, self._jobs, self._first))
            event = next(self._events)
        self._steady["current"], self._what, self._payload, self._ends = event
        self._interrupt = self._jobs[event[0] - self._first]["interrupt"]
