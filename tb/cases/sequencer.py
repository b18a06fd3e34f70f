"""Sequencer: every mode and width, jobs of every destination, measurements, calibration vectors,
aborts, exchanges and flushes at any time, clock by clock."""

import numpy as np

from golden.registers import MOST_REPEATS
from hw.control.sequencer import Sequencer
from hw.readout.payloads import tag as tag_layout
from tb.agents.script import ScriptAgent
from tb.bits import mask
from tb.cases.configs import CONFIGS
from tb.cases.sequencer_model import SequencerModel
from tb.cases.sequencer_stimulus import SequencerStimulus

VARIANTS = ("tiny", "whole", "four_blocks", "narrow")
OUTPUTS = ("load", "load_bits", "load_calibration", "load_row", "calibration_waits", "active",
           "open", "close", "mask", "level", "drive_positive", "drive_negative", "tag", "bank",
           "swap_pending", "bank_closed", "busy", "partway",
           *(f"window.{name}" for name in ("plus", "minus", "devices", "block", "reference",
                                           "reference_negative", "reference_code")))
RESULTS = {"four_blocks": 16}

MEETS = {
    "nothing": lambda m: not m.queue and not m.vectors and not m.unfinished,
    "first clock": lambda m: m.open and m.tick == 0,
    "last clock": lambda m: m.open and m.tick == len(m.queue[0]["told"]) - 1,
    "several windows": lambda m: len(m.queue) > 1,
    "vectors to come": lambda m: m.vectors > 0,
    "unfinished": lambda m: m.unfinished,
    "measurement": lambda m: m.measuring,
    "measurement waits": lambda m: m.measure_asked,
    "calibration": lambda m: m.calibrating,
    "calibration waits": lambda m: m.calibrate_asked,
    "exchange": lambda m: m.banks.asked,
}
"""What a flush may meet."""


def build(variant):
    return Sequencer(CONFIGS[variant])


def compare(seen, wanted, places):
    for name, value in wanted.items():
        got = seen[name]
        if name == "tag":
            got = {field: seen["tag"] >> low & mask(width)
                   for field, (low, width) in places.items() if field in value}
        assert got == value, f"{name} must be {value}, not {got}"


def script(config, rng, max_idle, max_stall, *, results, longest):
    x = np.arange(config.array.rows)
    model = SequencerModel(config, x % 8)
    rest = SequencerStimulus(config, rng, max_idle, max_stall)
    places = {name: (field.offset, field.width) for name, field in tag_layout(config)}
    meets = {name: holds for name, holds in MEETS.items()
             if config.nmpu.max_reads > 1 or name not in ("several windows", "vectors to come")}
    flushes = dict.fromkeys(meets, 0)
    tally = dict.fromkeys(("within", "unfinished", "unfinished calibration", "unfinished exchange",
                           "rows", "current", "pinned", "exchange by pin", "held off", "resumed",
                           "both"), 0)
    aborts = {"waiting": 0, "first": 0, "middle": 0, "last": 0, "nothing": 0}
    gaps, windows, loaded = 0, 0, set()
    while (model.finished.count("result") < results or rest.due or longest or len(loaded) < 4
           or model.finished.count("calibration") < 4 or model.banks.count < 4
           or model.finished.count("measurement") < 4
           or 0 in (*aborts.values(), *tally.values(), *flushes.values())):
        job, settings, words = rest.settings()
        inputs = rest.clock(model)
        if longest and not rest.due and not model.measure_asked and not model.measuring:
            longest = rest.measurement["repeats"] < MOST_REPEATS or rest.measurement["rows"]
            if longest:
                rest.ask(MOST_REPEATS, rows=0)
                inputs["measure"] = 1
        if rest.measurement["repeats"] == MOST_REPEATS and model.measuring:
            inputs["flush"] = 0
        seen = yield {**inputs, **words, "measurement": rest.word}
        compare(seen, model.outputs(inputs, job, settings, rest.measurement), places)

        if inputs["give_up"]:
            aborts["waiting" if model.calibrate_asked else "nothing" if not model.calibrating else
                   "last" if model.vector == inputs["calibration_repeats"] - 1 else
                   "first" if model.vector == 0 else "middle"] += 1
        for name, holds in meets.items():
            flushes[name] += inputs["flush"] and holds(model)
        held_off = inputs["vector_valid"] and not model.may_load(inputs, job)
        idle = model.decision(inputs, job)[1] is None and not (
            model.open and model.tick < len(model.queue[0]["told"]) - 1)
        gaps += windows > 0 and idle and not held_off and inputs["vector_valid"]
        tally["held off"] += idle and held_off
        tally["within"] += config.nmpu.max_reads == 1 or (model.vectors > 0 and model.measure_asked)
        waiting = model.unfinished and not model.vectors and not (
            model.queue and (len(model.queue) > 1 or model.tick < len(model.queue[0]["told"]) - 1))
        tally["unfinished"] += waiting and model.measure_asked
        tally["unfinished calibration"] += waiting and model.calibrate_asked
        tally["unfinished exchange"] += waiting and model.banks.asked and not model.banks.exchanged
        tally["both"] += model.banks.asked and model.measure_asked
        resumes, begins, count = model.unfinished, not model.vectors, model.banks.count

        what = model.clock(inputs, job, settings, rest.measurement)
        windows += what is not None
        if what == "load" and begins and not inputs["flush"]:
            loaded.add(job["destination"])
            tally["pinned"] += job["pinned"]
            tally["exchange by pin"] += job["pinned"] and model.banks.count > count
            tally["resumed"] += resumes
        if what == "measure":
            tally["rows" if rest.measurement["rows"] else "current"] += 1
        rest.taken(what, model.job)
    assert (gaps == 0) == (not max_stall), gaps


def agent(variant, rng, *, max_idle, max_stall):
    longest = variant == "whole" and not max_stall
    return ScriptAgent(script(CONFIGS[variant], rng, max_idle, max_stall,
                               results=RESULTS.get(variant, 40), longest=longest),
                       outputs=OUTPUTS, deadline=300_000)
