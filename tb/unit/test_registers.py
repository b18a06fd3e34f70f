"""Registers and the AXI4-Lite bridge in Amaranth's simulator, against the register map."""

from dataclasses import replace

import numpy as np
import pytest

from golden.registers import REGISTERS
from hw.control import chain_registers
from hw.control.registers import PAGE
from tb.agents.axi_lite import axi_lite_agent
from tb.agents.run_amaranth import run
from tb.agents.script import ScriptAgent
from tb.cases import chain_registers as chain_case
from tb.cases import registers
from tb.cases.register_program import Access

COUNTED = {"read_captured": "READS", "result_sent": "RESULTS", "count_full": "SATURATIONS"}


@pytest.mark.parametrize("variant", registers.VARIANTS)
@pytest.mark.parametrize("max_idle", [0, 3])
@pytest.mark.parametrize("max_stall", [0, 3])
def test_matches_map(variant, max_idle, max_stall):
    rng = np.random.default_rng([11, max_idle, max_stall])
    steps = registers.program(variant, rng)
    agent = axi_lite_agent(steps, rng, max_idle=max_idle, max_stall=max_stall)
    run(registers.build(variant), agent)


def test_counters_stay_at_their_maximum(monkeypatch):
    # 2^32 events are too many to wait for, so the counters start three below.
    top = 0xFFFF_FFFF
    started = {name: replace(REGISTERS[name], fields=(
        replace(REGISTERS[name].fields[0], reset=top - 3),)) for name in COUNTED.values()}
    monkeypatch.setattr("hw.control.registers.PAGE", {**PAGE, **started})
    steps = []
    for pin, name in COUNTED.items():
        address = REGISTERS[name].offset
        for clocks, count in ((2, top - 1), (1, top), (1, top), (5, top)):
            steps += [("pulse", pin, clocks), Access(read=(address, False, count))]
    run(registers.build("tiny"), axi_lite_agent(steps, np.random.default_rng(1), max_idle=0,
                                                max_stall=0))


def test_jobs_stay_at_their_maximum(monkeypatch):
    top, jobs = 0xFFFF_FFFF, REGISTERS["JOBS"]
    started = replace(jobs, fields=(replace(jobs.fields[0], reset=top - 3),))
    monkeypatch.setattr(chain_registers, "PAGE", {**chain_registers.PAGE, "JOBS": started})
    script = chain_case.script(np.random.default_rng(2), jobs=top - 3)
    run(chain_case.build("all"), ScriptAgent(script, outputs=chain_case.OUTPUTS, deadline=20_000))
