"""Vectors through a tile, by themselves and in chains of jobs."""

import numpy as np
from cocotb.triggers import Timer

from golden.array.modes import READ_MODES
from golden.chain import run_chain
from golden.chain_checker import check_chain
from golden.config import VECTOR_BITS
from golden.descriptors import KINDS, Descriptor, descriptor_address, words
from golden.registers import REGISTERS, STICKY, pack
from golden.settings import Settings, most_reads
from tb.cases.chains import Chains, mutate
from tb.random_operations.register_episodes import any_address, measure, measurement_ends, tame

__all__ = ["any_settings", "chain", "commands", "direct", "golden", "jobs_of", "mutated",
           "put_descriptors", "start"]

MULTIPLY, PROGRAM = KINDS.index("multiply"), KINDS.index("program")
MOST_VECTORS = 40
"""Of a chain, all loops together."""
READABLE = list(REGISTERS)


def any_settings(bench):
    config, rng = bench.config, bench.rng
    mode = str(rng.choice(config.drive.read_modes))
    bits = int(rng.choice([b for b in VECTOR_BITS if b <= config.drive.input_bits]))
    most = most_reads(config, read_mode=mode, input_bits=bits)
    return Settings(
        read_mode=mode, input_bits=bits, reads=min(most, int(rng.integers(1, 4))),
        shift=int(rng.integers(8, 24)), relu=bool(rng.integers(2)),
        relu_first=bool(rng.integers(2)), output_bits=int(rng.choice([4, 6, 8])),
        bypass=bool(rng.integers(2)), residual=bool(rng.integers(2)),
        residual_scale=int(rng.integers(256)), residual_shift=int(rng.integers(8)))


def jobs_of(bench, fields):
    return [Descriptor.from_words(words(f), bench.config) for f in fields]


def misfits(bench, streams, wanted):
    """STATUS.long_vector and STATUS.stream_misaligned, from what each vector is for."""
    config = bench.config
    beat, lanes = config.stream.x_bits // 8, config.nmpu.lanes
    return {
        "long_vector": int(any(-(-len(vector) // beat) > -(-length // beat) for vector, length in
                               zip(streams["x"], wanted["x"], strict=False))),
        "stream_misaligned": int(any(
            -(-len(vector) // lanes) != length // lanes for name in ("sums", "residual")
            for vector, length in zip(streams[name], wanted[name], strict=False)))}


def golden(bench, jobs, *, loops=1, banks=None, sloppy=False):
    """What the tile must do: the run with its ``misfits``, and the vectors that it wants beyond
    those pending. ``sloppy`` ones have any length."""
    rng, config = bench.rng, bench.config

    def length(wanted):
        return wanted if not sloppy or rng.random() < 0.5 else int(rng.integers(1, wanted + 4))

    streams = {name: list(inlet.pending) for name, inlet in bench.inlets.items()}
    needs, fresh = ({name: [] for name in streams} for _ in range(2))
    for job in jobs * loops:
        results = job.destination in ("y", "activations")
        for _ in range(job.repeat):
            for name, count, elements, make in (
                    ("x", job.settings.reads * (job.source == "x"), job.rows,
                     lambda size: rng.integers(-128, 128, size)),
                    ("sums", job.sums, job.columns, lambda size: rng.integers(
                        -1 << 31, 1 << 31, size) >> rng.integers(0, 24, size)),
                    ("residual", job.settings.residual and results, job.columns,
                     lambda size: rng.integers(-128, 128, size))):
                for _ in range(int(count)):
                    if len(needs[name]) == len(streams[name]):
                        fresh[name].append(list(make(length(elements))))
                        streams[name].append(fresh[name][-1])
                    needs[name].append(elements)
    run = run_chain(jobs, config, counts_of=bench.array.read, banks=banks or bench.banks,
                    bank=bench.model.pins["bank"], loops=loops, **streams)
    assert run.taken == {name: len(lengths) for name, lengths in needs.items()}
    run.misfits = misfits(bench, streams, needs)
    return run, fresh


def send(bench, fresh):
    for name, vectors in fresh.items():
        bench.inlets[name].send(vectors)


def used(bench, run):
    for name, inlet in bench.inlets.items():
        inlet.used(run.taken[name])


async def clear_status(bench):
    await bench.set("STATUS", **{f.name: 1 for f in STICKY})


async def known_banks(bench):
    if None in bench.banks:
        await bench.load()


async def direct(bench):
    """Vectors without a chain, settings of registers; the banks may be exchanged meanwhile."""
    await known_banks(bench)
    rng, settings = bench.rng, any_settings(bench)
    await bench.set("SETTINGS", shift=settings.shift, relu=settings.relu,
                    relu_first=settings.relu_first, output_bits=settings.output_bits,
                    input_bits=settings.input_bits, bypass=settings.bypass,
                    read_mode=READ_MODES.index(settings.read_mode), residual=settings.residual,
                    reads=settings.reads)
    await bench.set("RESIDUAL", scale=settings.residual_scale, shift=settings.residual_shift)
    await bench.set("DRIFT_EVERY")
    job = Descriptor(settings=settings, repeat=int(rng.integers(1, 7)))
    job = Descriptor.from_words(job.words(bench.config), bench.config)
    exchanged = rng.random() < 0.4
    run, fresh = golden(bench, [job])
    if exchanged:
        other = run_again(bench, [job], fresh, 1)
        bench.y.expect(list(zip(run.y, other.y, strict=True)))
    else:
        bench.y.expect([(y,) for y in run.y])
    first = len(bench.tile.windows)
    send(bench, fresh)
    await bench.set("CONTROL", run=1)
    if exchanged:
        await bench.clocks(int(rng.integers(1, 1500)))
        await bench.set("CONTROL", run=1, swap=1)
        while (await bench.get("CONTROL"))["swap"]:
            await bench.clocks(int(rng.integers(1, 50)))
        bench.model.set("bank", 1 - bench.model.pins["bank"])
    else:
        await bench.write(REGISTERS["CHAIN"].offset, pack("CHAIN", start=1))
    while bench.y.lacking:
        await bench.clocks(int(rng.integers(1, 100)))
        await bench.read(any_readable(bench), known=False)
    await bench.set("CONTROL", run=0)
    used(bench, run)
    await bench.rest()
    np.testing.assert_array_equal([w.lengths for w in bench.tile.windows[first:]], run.lengths)


def run_again(bench, jobs, fresh, loops):
    """The same vectors, from the other bank."""
    streams = {name: [*inlet.pending, *fresh[name]] for name, inlet in bench.inlets.items()}
    return run_chain(jobs, bench.config, counts_of=bench.array.read, banks=bench.banks,
                     bank=1 - bench.model.pins["bank"], loops=loops, **streams)


def any_readable(bench):
    return REGISTERS[str(bench.rng.choice(READABLE))].offset


async def put_descriptors(bench, fields, first=0):
    """Into the table; those that are there already are not always written again."""
    for k, values in enumerate(fields, first):
        for number, word in enumerate(words(values)):
            model = bench.model
            if (model.descriptors.get((k, number), 0) != word or (k, number) in model.wrong
                    or bench.rng.random() < 0.2):
                await bench.write(descriptor_address(k, number), word)


async def start(bench, first, last, *, loops=1):
    """Start a chain, by the bus or by the trigger."""
    dut = bench.dut
    await bench.set("LOOPS", loops=loops)
    if bench.rng.random() < 0.6:
        await bench.set("CHAIN", first=first, last=last, start=1)
    else:
        await bench.set("CHAIN", first=first, last=last)
        dut.trigger.value = 1
        await Timer(int(bench.rng.integers(2, 30)), "ns")
        dut.trigger.value = 0
    bench.model.pins["running"] = bench.model.pins["busy"] = 1


async def meanwhile(bench):
    """Accesses that a chain, which waits for its first vector, must not notice or not allow."""
    rng = bench.rng
    for _ in range(int(rng.integers(1, 6))):
        word = int(rng.integers(1 << 32))
        address, data = (
            (descriptor_address(int(rng.integers(8)), int(rng.integers(5))), word),
            (REGISTERS["CHAIN"].offset, word),
            (REGISTERS["CONTROL"].offset, pack("CONTROL", run=1)),
            (REGISTERS["RESIDUAL"].offset, word & 0xFFFF),
            (REGISTERS["IRQ_ENABLE"].offset, word),
            (REGISTERS["REFERENCE"].offset, word & 0xFF00FF),
            (REGISTERS["PROBE"].offset, word & 0xF),
        )[int(rng.integers(7))]
        await bench.write(address, data)
    trigger = rng.random() < 0.3
    if trigger:
        bench.dut.trigger.value = 1
        await bench.clocks(3)
        bench.dut.trigger.value = 0
        assert (await bench.get("STATUS"))["trigger_lost"]
        await bench.set("STATUS", trigger_lost=1)


async def ends(bench):
    """Wait until a chain has ended, reading registers."""
    rng = bench.rng
    while (await bench.get("STATUS"))["running"]:
        for _ in range(int(rng.integers(1, 4))):
            await bench.clocks(int(rng.integers(1, 80)))
            address = any_readable(bench) if rng.random() < 0.7 else any_address(bench)
            await bench.read(address, known=False)
    bench.model.pins["running"] = bench.model.pins["busy"] = 0


def vectors_of(fields, loops):
    return loops * sum(f["repeat"] * f["reads"] for f in fields if f["kind"] == MULTIPLY)


def any_chain(bench, allowed):
    """Fields of legal jobs, of kinds that are allowed, and loops."""
    rng, config = bench.rng, bench.config
    chains = Chains(config, rng, repeat=4, reads=3)
    while True:
        fields = chains.chain(int(rng.integers(1, min(config.control.descriptors, 6) + 1)))
        loops = int(rng.choice([1, 1, 2, 3]))
        if vectors_of(fields, loops) <= MOST_VECTORS and all(allowed(f["kind"]) for f in fields):
            return fields, loops


async def chain(bench):
    """Jobs that multiply, against golden in every result, pulse and event."""
    await known_banks(bench)
    rng = bench.rng
    await bench.set("DRIFT_EVERY")
    fields, loops = any_chain(bench, lambda kind: kind == MULTIPLY)
    first = int(rng.integers(bench.config.control.descriptors - len(fields) + 1))
    jobs = jobs_of(bench, fields)
    run, fresh = golden(bench, jobs, loops=loops, sloppy=rng.random() < 0.3)
    await clear_status(bench)
    await put_descriptors(bench, fields, first)
    jobs_before = (await bench.get("JOBS"))["count"]
    exchanged = rng.random() < 0.3 and all(
        job.bank is None and "activations" not in (job.source, job.destination) for job in jobs)
    if exchanged:
        other = run_again(bench, jobs, fresh, loops)
        bench.y.expect(list(zip(run.y, other.y, strict=True)))
        bench.sums.expect(list(zip(run.sums, other.sums, strict=True)))
    else:
        bench.y.expect([(y,) for y in run.y])
        bench.sums.expect([(s,) for s in run.sums])
    measured = rng.random() < 0.3
    if measured:
        await tame(bench)
    windows = len(bench.tile.windows)
    # Without its first vector it waits for certain.
    late = (jobs[0].source == "x" and not bench.inlets["x"].pending) and rng.random() < 0.5
    if not late:
        send(bench, fresh)
    await start(bench, first, first + len(fields) - 1, loops=loops)
    if late:
        await bench.clocks(int(rng.integers(1, 100)))
        await meanwhile(bench)
        send(bench, fresh)
    if measured:
        await bench.clocks(int(rng.integers(1, 500)))
        codes = await measure(bench)
    if exchanged:
        await bench.clocks(int(rng.integers(1, 1500)))
        await bench.set("CONTROL", swap=1)
        while (await bench.get("CONTROL"))["swap"]:
            await bench.clocks(int(rng.integers(1, 50)))
        bench.model.set("bank", 1 - bench.model.pins["bank"])
    await ends(bench)
    if measured:
        await measurement_ends(bench, codes)
    used(bench, run)
    await bench.rest()
    np.testing.assert_array_equal(
        [w.lengths for w in bench.tile.windows[windows:] if w.reference is None], run.lengths)
    status = bench.model.fields["STATUS"]
    wanted = {"chain_done": 1, "chain_refused": 0, "fault": 0, "trigger_lost": 0,
              "job_done": int(any(job.interrupt for job in jobs)),
              "sums_clipped": int(run.sums_clipped), "input_clipped": int(run.input_clipped),
              **run.misfits}
    shown = {name: status[name] for name in wanted}
    assert shown == wanted, f"{shown}, not {wanted}"
    assert bench.model.fields["JOBS"]["count"] == jobs_before + run.jobs


async def commands(bench):
    """Chains in which commands come between the multiplications."""
    await known_banks(bench)
    await tame(bench)
    fields, loops = any_chain(bench, lambda kind: kind != PROGRAM)
    kinds = {KINDS[f["kind"]] for f in fields}
    jobs = jobs_of(bench, [f for f in fields if f["kind"] == MULTIPLY])
    run, fresh = golden(bench, jobs, loops=loops)
    await clear_status(bench)
    await put_descriptors(bench, fields)
    # A correction may change coefficients.
    known = "correct" not in kinds
    bench.y.expect([(y,) if known else None for y in run.y])
    bench.sums.expect([(s,) if known else None for s in run.sums])
    jobs_before = (await bench.get("JOBS"))["count"]
    bench.model.sums = None
    if not known:
        bench.model.coefficients.clear()
    send(bench, fresh)
    await start(bench, 0, len(fields) - 1, loops=loops)
    await ends(bench)
    used(bench, run)
    await bench.rest()
    status = bench.model.fields["STATUS"]
    assert status["chain_done"] and not status["fault"] and not status["chain_refused"]
    assert status["measured"] == ("measure" in kinds)
    assert status["calibrated"] == ("calibrate" in kinds)
    assert (status["drift_updated"] or status["drift_refused"]) == ("correct" in kinds)
    assert bench.model.fields["JOBS"]["count"] == jobs_before + loops * len(fields)


async def mutated(bench):
    """Chains that are nearly legal: refused as golden does, or given up."""
    rng, config = bench.rng, bench.config
    await tame(bench)
    fields, loops = any_chain(bench, lambda kind: True)
    for _ in range(int(rng.integers(1, 3))):
        fields = mutate(fields, rng)
    first, last = 0, len(fields) - 1
    await clear_status(bench)
    if rng.random() < 0.1:
        first, last = (int(rng.integers(12)) for _ in range(2))
    await put_descriptors(bench, fields)
    depth = config.control.descriptors
    refusal, at = check_chain(
        bench.model.words(0, depth - 1), config, first, last,
        unlocked=bool(bench.model.fields["PROGRAM_KEY"]["key"]),
        bad_parity={place[0] for place in bench.model.wrong if len(place) == 2})
    await start(bench, first, last, loops=loops)
    if not refusal:
        bench.model.sums = None
        if any(f["kind"] == KINDS.index("correct") for f in fields):
            bench.model.coefficients.clear()
        bench.y.expect([None] * 1000)
        bench.sums.expect([None] * 1000)
        await bench.clocks(int(rng.integers(1, 2000)))
        await bench.abort()
        return
    await bench.clocks(60)
    bench.model.pins["running"] = bench.model.pins["busy"] = 0
    status = await bench.get("STATUS")
    assert status["chain_refused"] and not status["running"] and not status["busy"]
    seen = await bench.get("CHAIN_STATUS")
    assert (seen["refusal"], seen["at"]) == (refusal, at), f"{seen}, not {refusal!r} at {at}"
    await bench.rest()
