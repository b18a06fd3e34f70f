"""Cells that are programmed."""

from dataclasses import replace

from golden.array.verify import VerifySettings
from golden.descriptors import Descriptor, descriptor_address
from golden.program.settings import ProgramSettings
from golden.registers import PROGRAM_KEY, REGISTERS, pack
from tb.random_operations.register_episodes import tame
from tb.random_operations.stream_episodes import clear_status, start

__all__ = ["programming"]


async def programming(bench):
    """A chain that programs some cells; meanwhile nothing else may measure."""
    await tame(bench)
    rng, config = bench.rng, bench.config
    groups = int(rng.integers(1, config.groups + 1))
    job = Descriptor(kind="program", rows=int(rng.integers(1, 4)),
                     columns=groups * config.nmpu.lanes)
    settings = replace(
        ProgramSettings.of(config), precharge=int(rng.integers(1, 9)), windows=1, reset_clocks=4,
        set_clocks=4, set_trailing=3, pulse_clocks=3,
        loop=VerifySettings(max_rounds=int(rng.integers(3))))
    for register, word in settings.writes(config):
        await bench.write(REGISTERS[register].offset, word)
    await bench.write(REGISTERS["PROGRAM_KEY"].offset, PROGRAM_KEY)
    for number, word in enumerate(job.words(config)):
        await bench.write(descriptor_address(0, number), word)
    await clear_status(bench)
    bench.model.sums = None
    await start(bench, 0, 0)
    await bench.clocks(60)
    # It waits for its targets.
    inlet, model = bench.inlets["x"], bench.model
    model.pins["programming"] = 1
    if not inlet.pending:
        for register, command in (("MEASURE", "start"), ("DRIFT", "measure"),
                                  ("PROGRAM_PRECHARGE", "clocks")):
            await bench.write(REGISTERS[register].offset, pack(register, **{command: 1}))
    inlet.send([list(rng.integers(-128, 128, 2 * job.columns))
                for _ in range(job.rows - len(inlet.pending))])
    while (await bench.get("STATUS"))["running"]:
        await bench.clocks(int(rng.integers(1, 200)))
    model.pins |= {"programming": 0, "running": 0, "busy": 0}
    inlet.used(job.rows)
    await bench.rest()
    status = model.fields["STATUS"]
    assert status["program_done"] and not status["fault"] and not status["measured"]
    assert model.fields["PROGRAM_RESULT"]["rows"] == job.rows
    assert model.fields["PROGRAM_CELLS"]["count"] == job.rows * job.columns
