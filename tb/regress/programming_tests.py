"""A whole array programmed by the tile, against golden.

Reads TILE (configuration), METRICS (folder for the outcome) and ROWS, those that are programmed.
"""

import json
import os
from pathlib import Path

import cocotb
import numpy as np

from golden.descriptors import Descriptor
from golden.program.settings import ProgramSettings
from tb.cases.program_engine import split
from tb.regress.programming import gaussian_targets
from tb.system.program_bench import COLUMNS, CONFIG, FULL, ProgramBench, tile_clocks


@cocotb.test(timeout_time=200, timeout_unit="ms")
async def programs_an_array(dut):
    """Gaussian weights from row 0 on: pulses, conductances, results and clocks are golden's."""
    rows = int(os.environ["ROWS"])
    bench = ProgramBench(dut, np.random.default_rng(1), ProgramSettings.of(CONFIG))
    await bench.start()
    targets = gaussian_targets((rows, COLUMNS), FULL)
    job = Descriptor(kind="program", rows=rows)
    golden, twin = bench.golden(job, targets)
    clocks = await bench.program(job, targets)

    pulses = [(row, trailing > 0, cells) for row, _, trailing, cells in bench.heads.log]
    wanted = split(twin.pulses, CONFIG.program.heads)
    differ = sum(a != b for a, b in zip(pulses, wanted, strict=False))
    result, counts = await bench.tile.get("PROGRAM_RESULT"), {
        name: (await bench.tile.get(f"PROGRAM_{name.upper()}"))["count"]
        for name in ("converged", "failed", "pulses")}
    rounds = np.array([row.rounds for row in golden])
    converged = np.array([row.converged for row in golden])
    mismatches = {
        "pulses": differ + abs(len(pulses) - len(wanted)),
        "conductances": int((bench.array.g_us != twin.g_us).sum()),
        "rounds": abs(result["rounds"] - int(rounds.max())),
        "verdicts": sum(abs(counts[name] - int(value)) for name, value in (
            ("converged", converged.sum()), ("failed", (~converged).sum()),
            ("pulses", rounds.sum()))),
        "clocks": abs(clocks - bench.tile_clocks(golden, job))}
    Path(os.environ["METRICS"], "programming.json").write_text(json.dumps({
        "rows": result["rows"], "rounds": result["rounds"], **counts, "clocks": clocks,
        "one_head_clocks": tile_clocks(golden, CONFIG.replace(program={"heads": 1}),
                                       bench.settings),
        "pins": len(pulses), "windows": len(bench.tile.windows), "mismatches": mismatches}))
    assert not any(mismatches.values()), mismatches
