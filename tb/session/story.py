"""The session, step by step, on the RTL; each step is compared with golden.

Reads TILE (configuration) and METRICS (folder for the outcome).
"""

import copy
import json
import os
import time
from pathlib import Path

import cocotb
import numpy as np

from golden.chain import run_chain
from golden.config import TileConfig
from golden.descriptors import Descriptor
from golden.drift.engine import DriftEngine
from golden.host.calibration import calibrate, correction, plan, report
from golden.host.chain import coefficient_writes, descriptor_writes, jobs, start_writes
from golden.host.drift import calibration_writes
from golden.host.network import lay_out
from golden.host.program import (
    lock_writes,
    settings_writes,
    target_vector,
    targets,
    unlock_writes,
)
from golden.network.digits import accuracy, forward, load_images
from golden.program.engine import program_rows
from golden.reference import to_input
from golden.requantise import quantise
from golden.settings import Settings
from tb.session.array import SessionArray
from tb.session.host import Host
from tb.session.setting import (
    AGE_S,
    BATCH,
    CALIBRATION,
    G_MAX_US,
    LSB_UA,
    PROGRAMMING,
    SEED,
    trained,
)
from tb.tile_bench import TileBench
from tb.write_heads import WriteHeads

CONFIG = TileConfig.from_yaml(os.environ["TILE"])
PROGRAM, NETWORK, CALIBRATE, CORRECT = 0, 1, 3, 4
"""Places of the jobs in the table; the network has two."""


@cocotb.test(timeout_time=200, timeout_unit="ms")
async def session(dut):
    """From new converters to an array that is a day old."""
    digits = load_images()
    layers = trained(digits)
    array = SessionArray(CONFIG, lsb_ua=LSB_UA, seed=SEED)
    heads = WriteHeads(dut, CONFIG, array.pulses)
    tile = TileBench(dut, CONFIG, lambda window: array.counts(window, heads))
    host, told = Host(tile), {}
    await tile.start()
    heads.start()

    converters = await timed(told, host, "converters", calibrate_converters(host, array))
    network = lay_out(layers, digits.train_x, CONFIG, g_max_us=G_MAX_US,
                      correction=correction(converters, Settings()))
    await timed(told, host, "program", program_array(host, array, network, converters))
    array.first_read()
    await timed(told, host, "load", load_network(host, network))

    engine = DriftEngine(CONFIG, network.coefficients)
    await timed(told, host, "reference", measure_drift(host, array, engine, "reference"))
    in_use = network.coefficients
    await timed(told, host, "fresh", classify(host, array, network, in_use, digits))
    array.advance(AGE_S)
    await timed(told, host, "aged", classify(host, array, network, in_use, digits))
    in_use = await timed(told, host, "correction", correct_drift(host, array, engine))
    await timed(told, host, "corrected", classify(host, array, network, in_use, digits))
    await tile.stopped()

    told["trained"] = {"accuracy": accuracy(forward(layers, digits.test_x), digits.test_y)}
    Path(os.environ["METRICS"], "session.json").write_text(json.dumps(told))
    assert not any(step.get("mismatches", 0) for step in told.values())


async def timed(told, host, name, step):
    """Run a step, note what it tells with its clocks and seconds, and hand on its result."""
    clock, start, accesses = host.clock, time.perf_counter(), host.tile.accesses
    result, facts = await step
    told[name] = {**facts, "clocks": host.clock - clock, "accesses": host.tile.accesses - accesses,
                  "seconds": time.perf_counter() - start}
    return result


async def calibrate_converters(host, array):
    """Count three known currents in each polarity; the law of every oscillator follows."""
    measurements, sums = plan(CONFIG, lsb_ua=LSB_UA), []
    await host.expect("measured")
    for run in measurements.runs:
        await host.write(run.writes)
        await host.event("measured")
        sums.append(await host.sums())
    found = calibrate(measurements, np.reshape(sums, (3, 2, -1)), CONFIG)
    # What is left is what the formats of the coefficients do not hold.
    written = [quantise(value, fmt) * 2.0**-fmt.frac_bits for value, fmt in zip(
        correction(found, Settings()), (CONFIG.nmpu.scale, CONFIG.nmpu.offset), strict=True)]
    outcome = report(array.bank, *written, window_ns=measurements.window_ns)
    return found, {"windows": len(array.answered), "spread_before": outcome.gain_sigma_before,
                   "spread_after": outcome.gain_sigma_after}


async def program_array(host, array, network, converters):
    """Unlock, stream a row of targets after the other, lock; the tile pulses and verifies."""
    wanted = targets(network.shares * G_MAX_US, converters, CONFIG, windows=PROGRAMMING.windows)
    twin = copy.deepcopy(array.pulses)
    await host.write(settings_writes(PROGRAMMING, CONFIG))
    await host.write(descriptor_writes([Descriptor(kind="program")], CONFIG, first=PROGRAM))
    await host.write(unlock_writes())
    host.send([target_vector(row, CONFIG) for row in wanted])
    await host.run(PROGRAM, PROGRAM)
    await host.write(lock_writes())

    result = await host.tile.get("PROGRAM_RESULT")
    cells, good, pulses = [(await host.tile.get(f"PROGRAM_{name}"))["count"]
                           for name in ("CELLS", "CONVERGED", "PULSES")]
    program_rows(wanted, twin, settings=PROGRAMMING)
    g_us = array.pulses.g_us
    reached = g_us[:, 0].sum(axis=0) - g_us[:, 1].sum(axis=0)
    return None, {
        "cells": cells, "converged": good, "rounds": result["rounds"], "pulses": pulses,
        "largest_target": int(np.abs(wanted).max()),
        "error": float((reached - network.shares * G_MAX_US).std() / G_MAX_US),
        "mismatches": int((g_us != twin.g_us).sum())}


async def load_network(host, network):
    """Coefficients, the two jobs of the network, and those that correct drift."""
    layers = jobs(network.places, network.settings, CONFIG, images=BATCH)
    await host.write(coefficient_writes(network.coefficients, CONFIG))
    await host.write(descriptor_writes(layers, CONFIG, first=NETWORK))
    await host.write(descriptor_writes([Descriptor(kind="calibrate"), Descriptor(kind="correct")],
                                       CONFIG, first=CALIBRATE))
    return None, {"columns": [place.outputs for place in network.places]}


async def classify(host, array, network, in_use, digits):
    """All test images through both layers: one start, no access until the last result."""
    layers = jobs(network.places, network.settings, CONFIG, images=BATCH)
    x = to_input(digits.test_x / network.scales[0], input_bits=8)
    loops = len(x) // BATCH
    array.answered.clear()
    await host.expect("chain_done", "fault")
    await host.write(start_writes(NETWORK, NETWORK + len(layers) - 1, loops=loops))
    host.send(x)
    results = np.array([await host.tile.receive() for _ in x])
    await host.event("chain_done")

    # Golden is given the counts that the tile was given, if it drives the same pulses.
    seen, wrong = iter(array.answered), 0

    def counts_of(read):
        nonlocal wrong
        lengths, counts = next(seen)
        wrong += int((lengths != read.lengths[0]).sum())
        return counts[None]

    golden = run_chain(layers, CONFIG, counts_of=counts_of, banks=(in_use, in_use), x=x,
                       loops=loops)
    wrong += int((results != golden.y).sum())
    logits = results[:, :network.places[-1].outputs]
    return None, {"images": len(x), "windows": len(array.answered), "mismatches": wrong,
                  "accuracy": accuracy(logits, digits.test_y)}


async def measure_drift(host, array, engine, kind):
    """The drift engine drives every row alike and adds what the columns answer."""
    array.answered.clear()
    await host.write(calibration_writes(kind, CONFIG, **CALIBRATION))
    await host.run(CALIBRATE, CALIBRATE)
    return None, measured(array, engine, kind)


async def correct_drift(host, array, engine):
    """Measure again and correct, in one chain: the new coefficients are in use after it."""
    array.answered.clear()
    await host.write(calibration_writes("now", CONFIG, **CALIBRATION))
    await host.run(CALIBRATE, CORRECT)
    facts = measured(array, engine, "now")
    corrected, refusal = engine.update("tile")
    status = await host.tile.get("DRIFT_STATUS")
    assert status["refusal"] == refusal
    return corrected, {**facts, "gain": status["gain"] * 2.0**-CONFIG.drift.gain.frac_bits,
                       "mismatches": int(status["gain"] != engine.estimate("tile")[0].gains[0])}


def measured(array, engine, kind):
    """Tell golden's engine what the tile's was told."""
    counts = np.array([counts for _, counts in array.answered])
    engine.measure(kind, 0, counts[:, None], absolute=True)
    return {"windows": len(counts)}
