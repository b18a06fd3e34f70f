"""cocotb tests of the register file, with cocotbext-axi as the manager of the bus."""

import os

import cocotb
import numpy as np
from cocotb.triggers import ClockCycles, ReadOnly, RisingEdge
from cocotbext.axi import AxiLiteBus, AxiLiteMaster, AxiResp

from tb.agents.pauses import pauses
from tb.agents.run_cocotb import reset
from tb.bits import mask
from tb.cases import registers
from tb.cases.register_file import PINS, PULSES, levels
from tb.cases.register_program import Access

VARIANT = os.environ["BEZEL_VARIANT"]


class Bench:
    """A manager on the bus, and the pins of the tile around it."""

    def __init__(self, dut):
        self.dut = dut
        self.pulses = dict.fromkeys(PULSES, 0)

    async def start(self, rng, max_idle, max_stall):
        for name in (*PINS, *levels(registers.CONFIGS[VARIANT])):
            getattr(self.dut, name).value = 0
        await reset(self.dut)
        self.bus = AxiLiteMaster(AxiLiteBus.from_prefix(self.dut, "axi_"), self.dut.clk,
                                 self.dut.rst)
        write, read = self.bus.write_if, self.bus.read_if
        for channel, longest in ((write.aw_channel, max_idle), (write.w_channel, max_idle),
                                 (read.ar_channel, max_idle), (write.b_channel, max_stall),
                                 (read.r_channel, max_stall)):
            if longest:
                channel.set_pause_generator(pauses(rng.spawn(1)[0], longest))
        cocotb.start_soon(self._count_pulses())
        await RisingEdge(self.dut.clk)

    async def _count_pulses(self):
        while True:
            await RisingEdge(self.dut.clk)
            for name in PULSES:
                self.pulses[name] += int(getattr(self.dut, name).value)

    async def write(self, address, data, strobe, refused):
        lanes = [k for k in range(4) if strobe >> k & 1]
        content = data.to_bytes(4, "little")[lanes[0]:lanes[-1] + 1]
        answer = await self.bus.write(address + lanes[0], content)
        assert (answer.resp == AxiResp.SLVERR) == refused, f"{answer} to {data:#x}"

    async def read(self, address, refused, data):
        answer = await self.bus.read(address, 4)
        assert (answer.resp == AxiResp.SLVERR) == refused, f"{answer}"
        got = int.from_bytes(answer.data, "little")
        assert data is None or got == data, f"{address:#x} read {got:#x}, not {data:#x}"

    async def event(self, name):
        """Hold a pin up to the clock in which a write takes effect."""
        pin = getattr(self.dut, name)
        pin.value = 1
        while True:
            await RisingEdge(self.dut.clk)
            if self.dut.axi__wvalid.value == 1 and self.dut.axi__wready.value == 1:
                pin.value = 0
                return

    async def access(self, step):
        tasks = [cocotb.start_soon(action(*given)) for action, given in
                 ((self.write, step.write), (self.read, step.read)) if given]
        if step.event:
            tasks.append(cocotb.start_soon(self.event(step.event)))
        for task in tasks:
            await task

    async def pins(self, kind, name, value):
        pin = getattr(self.dut, name)
        pin.value = value & mask(len(pin)) if kind == "set" else 1
        await ClockCycles(self.dut.clk, value if kind == "pulse" else 1)
        if kind == "pulse":
            pin.value = 0
        await RisingEdge(self.dut.clk)

    async def look(self, outputs):
        await ReadOnly()
        for name, value in outputs.items():
            assert int(getattr(self.dut, name).value) == value, f"{name} must be {value}"
        await RisingEdge(self.dut.clk)


def aligned(step):
    """Whether cocotbext-axi can make this access: it splits those across words."""
    return not isinstance(step, Access) or all(
        given is None or given[0] % 4 == 0 for given in (step.write, step.read))


@cocotb.test(timeout_time=5, timeout_unit="ms")
@cocotb.parametrize(max_idle=[0, 3], max_stall=[0, 3])
async def matches_map(dut, max_idle, max_stall):
    rng = np.random.default_rng(cocotb.RANDOM_SEED)
    steps = [step for step in registers.program(VARIANT, rng) if aligned(step)]
    bench = Bench(dut)
    await bench.start(rng, max_idle, max_stall)
    for step in steps:
        if isinstance(step, Access):
            await bench.access(step)
        elif step[0] == "look":
            await bench.look(step[1])
        elif step[0] == "pulses":
            assert bench.pulses == step[1], f"{step[1]} were asked for, {bench.pulses} seen"
        else:
            await bench.pins(*step)
    await ClockCycles(dut.clk, 8)
    assert dut.axi__bvalid.value == 0 and dut.axi__rvalid.value == 0, "an answer is left over"
