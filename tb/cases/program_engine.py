"""Programming engine: whole jobs on an array, pulse by pulse and clock by clock, aborts, locks."""

import copy

import numpy as np

from golden.array.pulse_array import PulseArray
from golden.array.pulse_response import PulseResponse
from golden.array.verify import VerifySettings
from golden.presets import tiny
from golden.program.clocks import job_clocks
from golden.program.engine import program_rows
from golden.program.formats import largest_target
from golden.program.settings import ProgramSettings
from golden.program.targets import pack_row, read_row
from hw.program.engine import ProgramEngine
from hw.program.payloads import job as job_layout
from hw.program.payloads import progress as progress_layout
from hw.program.payloads import settings as settings_layout
from tb.agents.script import ScriptAgent
from tb.bits import encode, mask
from tb.cases.program_bench import OUTPUTS, Heads, Reads, Targets

CONFIGS = {
    "two_heads": tiny,
    "four_heads": tiny.replace(program={"heads": 4, "devices": 1}, stream={"x_bits": 32}),
    "one_head": tiny.replace(program={"heads": 1}, nmpu={"lanes": 4}, stream={"x_bits": 64}),
    "six_columns": tiny.replace(array={"columns": 6}, program={"heads": 3, "max_rounds": 7},
                                readout={"counter_bits": 6}),
}
VARIANTS = tuple(CONFIGS)
READ_CLOCKS = 5
SHORT = ProgramSettings(loop=VerifySettings(max_rounds=7), precharge=3, reset_clocks=4,
                        set_clocks=2, set_trailing=3, pulse_clocks=1)


def build(variant):
    return ProgramEngine(CONFIGS[variant])


def settings_word(settings):
    """The registers' fields as the engine sees them."""
    values = {name: getattr(settings.loop, name) for name in (
        "max_rounds", "margin", "low", "high", "start", "gain")}
    values |= {name: value for name, value in vars(settings).items() if name != "loop"}
    return encode(settings_layout(), values)


class Logged:
    """An array that notes which pulses it is given, and the last counts it was read."""

    def __init__(self, array):
        self._array, self.pulses, self.last_read = array, [], None
        self.devices = array.devices

    @property
    def g_us(self):
        return self._array.g_us

    def read(self, *told):
        self.last_read = self._array.read(*told)
        return self.last_read

    def pulse(self, row, columns, current_ua, device, negative, *, trailing):
        cells = [tuple(int(v) for v in cell) for cell in zip(
            columns, current_ua, device, negative, strict=True)]
        self.pulses.append((row, trailing, cells))
        self._array.pulse(row, columns, current_ua, device, negative, trailing=trailing)


def split(pulses, heads):
    """Pulses of whole sweeps as pulses of groups of heads."""
    return [(row, trailing, [cell for cell in cells if cell[0] // heads == group])
            for row, trailing, cells in pulses
            for group in sorted({cell[0] // heads for cell in cells})]


class Job:
    """A rectangle, its targets, as they are sent and as they are understood, and two arrays."""

    def __init__(self, config, rng, settings, *, rows=None, whole=False, ragged=False):
        array, lanes = config.array, config.nmpu.lanes
        self.settings = settings
        self.rows = int(rng.integers(1, 4)) if rows is None else rows
        whole = whole or ragged
        self.first_row = 0 if whole else int(rng.integers(array.rows - self.rows + 1))
        ends = sorted(rng.integers(0, config.groups, 2).tolist())
        self.first_group, self.last_group = (0, config.groups - 1) if whole else ends
        self.first_column = self.first_group * lanes
        self.columns = (self.last_group + 1) * lanes - self.first_column
        devices = PulseResponse(g_set_sigma_us=3.0, half_sigma_ua=60.0).sample(
            (config.program.devices, 2, array.rows, array.columns), rng)
        scale = 1.0 if config.readout.counter_bits > 8 else 0.4
        devices.set(True)
        # What a read of each device alone gives when it is SET.
        self._set_counts = np.round(devices.g_us * 4 * scale).astype(int)
        devices.reset(True)
        array = PulseArray(devices, counts_per_us=4 * scale / settings.windows, seed=5,
                           counter_bits=config.readout.counter_bits)
        self.array, self.twin = array, copy.deepcopy(array)
        self.beats, self.targets, self.clipped, self.surplus = [], [], 0, 0
        top = int(100 * scale * config.program.devices)
        for _ in range(self.rows):
            self._row(config, rng, top, ragged)
        self.ragged = ragged
        self.word = encode(job_layout(config), {
            name: getattr(self, name)
            for name in ("first_row", "rows", "first_group", "last_group")})

    def _row(self, config, rng, top, ragged):
        words = config.stream.x_bits // 16
        limit = largest_target(config)
        length = self.columns
        if ragged:
            # By turns short of a target, and longer by a beat.
            length += (-int(rng.integers(1, length)) if len(self.targets) % 2 else
                       words + int(rng.integers(2 * words)))
        sent = rng.integers(-top, top + 1, length)
        special = rng.random(len(sent)) < 0.15
        sent[special] = rng.choice([0, 0, limit, -limit, limit + 1, -limit - 1, 32767, -32768],
                                   special.sum())
        self._between(rng, sent)
        beats = pack_row(sent, config.stream.x_bits)
        kept, clipped, surplus = read_row(beats, self.columns, config)
        self.beats += [(beat, int(k == len(beats) - 1)) for k, beat in enumerate(beats)]
        self.targets.append(kept)
        self.clipped += clipped
        self.surplus += surplus

    def _between(self, rng, sent):
        """Some targets next to what the devices of their cell read when SET, or between them."""
        for k in np.flatnonzero(rng.random(min(len(sent), self.columns)) < 0.4).tolist():
            negative, row = int(rng.integers(2)), self.first_row + len(self.targets)
            alone = self._set_counts[:, negative, row, self.first_column + k]
            near = int(rng.choice([*alone, alone.sum() // len(alone)])) + int(rng.integers(-2, 2))
            sent[k] = -near if negative else near


class Bench:
    """Engine's surroundings, and how far a job is."""

    def __init__(self, config, rng, max_idle, max_stall):
        self._config = config
        self.rng = rng.spawn(1)[0]
        self.targets = Targets(rng.spawn(1)[0], max_idle)
        self.reads = Reads(config, rng.spawn(1)[0], max_idle)
        self.heads = Heads(config, rng.spawn(1)[0], max_stall)
        self._outputs = progress_layout()
        self.fields = None

    def begin(self, job):
        self.job = job
        self.targets.begin(job.beats, self._config.stream.x_bits)
        self.reads.array = self.heads.array = job.array
        self.reads.sums = None
        self.heads.forget()
        self.events = dict.fromkeys(("begin", "converged", "failed", "pulsed", "row", "clipped",
                                     "surplus"), 0)
        self.rounds = []
        self._word = settings_word(job.settings)

    def clock(self, **inputs):
        """One clock; garbage on what must not be looked at."""
        told = {"start": 0, "job": int(self.rng.integers(1 << 8)), "flush": 0, "unlocked": 1,
                "settings": self._word, **self.targets.drive(), **self.reads.drive(),
                **self.heads.drive(), **inputs}
        seen = yield told
        self.targets.check(seen)
        self.reads.check(seen, READ_CLOCKS)
        self.heads.check(seen)
        for name, field in self._outputs:
            value = seen["progress"] >> field.offset & mask(field.width)
            if name == "rounds":
                rounds = value
            elif value:
                self.events[name] += 1
        if seen["progress"] >> self._outputs["row"].offset & 1:
            self.rounds.append(rounds)
        return seen


def run_job(bench, job, config, exact):
    """A whole job, against golden: pulses, reads, what the array became, events and clocks."""
    bench.begin(job)
    seen = yield from bench.clock(start=1, job=job.word)
    assert not seen["busy"] and not seen["done"]
    clocks = 0
    while not seen["done"]:
        seen = yield from bench.clock(start=int(bench.rng.random() < 0.01))
        clocks += 1
        assert seen["busy"] and not seen["violation"]
    seen = yield from bench.clock()
    assert not seen["busy"] and not seen["done"]

    logged = Logged(job.twin)
    rows = program_rows(job.targets, logged, first_row=job.first_row,
                        first_column=job.first_column, settings=job.settings)
    s = job.settings
    got = [(row, trailing > 0, cells) for row, _, trailing, cells in bench.heads.log]
    assert got == split(logged.pulses, config.program.heads)
    for _, length, trailing, cells in bench.heads.log:
        if trailing:
            assert (length, trailing) == (s.set_clocks, s.set_trailing)
        else:
            # A pulse of the loop may have the current of a RESET.
            lengths = {s.pulse_clocks} | ({s.reset_clocks} if cells[0][1] == s.reset_ua else set())
            assert length in lengths | ({s.set_clocks} if not s.set_trailing else set())
    np.testing.assert_array_equal(job.array.g_us, job.twin.g_us)
    assert not bench.targets.beats, "targets are left over"
    converged = np.array([row.converged for row in rows], bool).reshape(-1)
    pulsed = np.array([row.rounds for row in rows], int).reshape(-1)
    assert bench.events == {
        "begin": 1, "converged": converged.sum(), "failed": (~converged).sum(),
        "pulsed": pulsed.sum(), "row": job.rows, "clipped": job.clipped, "surplus": job.surplus}
    assert bench.rounds == [int(row.rounds.max()) for row in rows]
    if exact and not job.ragged:
        wanted = job_clocks(rows, config, s, first_column=job.first_column,
                            read_clocks=READ_CLOCKS)
        assert clocks == wanted, f"{clocks} clocks, not {wanted}"
    return {"converged": int(converged.sum()), "failed": int((~converged).sum()),
            "clipped": job.clipped, "surplus": job.surplus, "short": sum(
                not row[-1] for row in job.targets), "pulsed": int(pulsed.sum())}


def abort_job(bench, job, clocks, *, locked):
    """A job that ends early: by flush, or because the heads are locked meanwhile."""
    bench.begin(job)
    yield from bench.clock(start=1, job=job.word)
    seen = {"busy": 1, "violation": 0, "done": 0}
    for _ in range(clocks):
        if seen["done"]:
            return 0
        seen = yield from bench.clock()
    if locked:
        for _ in range(3000):
            seen = yield from bench.clock(unlocked=0)
            if seen["violation"] or seen["done"]:
                break
        assert seen["violation"] or seen["done"], "a locked job never fired"
        for _ in range(20):
            seen = yield from bench.clock(unlocked=1)
            assert seen["violation"] and not seen["pins.fire"], "a violation holds"
    bench.heads.forget()
    yield from quiet(bench, flush=1)
    for _ in range(3):
        seen = yield from quiet(bench)
        assert not seen["busy"] and not seen["violation"] and not seen["done"]
        assert not seen["pins.fire"] and not seen["waiting"] and not seen["read"]
    return 1


def quiet(bench, **inputs):
    """A clock of a bench that is not looked at."""
    told = {"start": 0, "job": 0, "flush": 0, "unlocked": 1, "targets.valid": 0, "read_done": 0,
            **inputs}
    seen = yield told
    bench.reads._left = None
    return seen


def script(config, rng, max_idle, max_stall):
    bench = Bench(config, rng, max_idle, max_stall)
    exact = not max_idle and not max_stall
    tally = dict.fromkeys(("converged", "failed", "clipped", "surplus", "short", "pulsed"), 0)
    most = config.program.max_rounds
    loops = [VerifySettings(max_rounds=min(rounds, most), margin=margin, gain=gain)
             for rounds, margin, gain in ((30, 5, 32), (30, 5, 40), (4, 2, 64), (0, 5, 32),
                                          (30, 20, 8), (12, 3, 255))]
    jobs = [ProgramSettings(loop=loop, windows=windows, precharge=precharge, reset_clocks=4,
                            set_clocks=2, set_trailing=trailing, pulse_clocks=pulse)
            for loop, windows, precharge, trailing, pulse in zip(
                loops, (4, 1, 2, 4, 16, 4), (3, 1, 2, 3, 9, 3), (3, 1, 0, 2, 5, 3),
                (1, 9, 30, 2, 5, 1), strict=True)]
    if exact:
        # The published lengths; the loop is one that converges.
        jobs.append(ProgramSettings(loop=loops[1]))
    for k, settings in enumerate(jobs):
        published, ragged = settings.pulse_clocks == 125, k % 3 == 1
        job = Job(config, rng, settings, rows=1 if published else 2 if ragged else None,
                  whole=k == 0, ragged=ragged)
        for name, value in (yield from run_job(bench, job, config, exact)).items():
            tally[name] += value
    yield from run_job(bench, Job(config, rng, SHORT, rows=0), config, exact)
    for k, clocks in enumerate(rng.integers(1, 400, 8).tolist()):
        yield from abort_job(bench, Job(config, rng, SHORT, rows=3), clocks,
                             locked=k % 2)
    yield from run_job(bench, Job(config, rng, SHORT, whole=True), config, exact)
    assert all(tally.values()), tally


def agent(variant, rng, *, max_idle, max_stall):
    config = CONFIGS[variant]
    outputs = OUTPUTS if config.program.devices == 1 else (*OUTPUTS, "pins.device")
    return ScriptAgent(script(config, rng, max_idle, max_stall), outputs=outputs,
                       deadline=50_000)
