"""Agents in a Verilog simulator, under cocotb."""

from cocotb.clock import Clock
from cocotb.triggers import RisingEdge

__all__ = ["port", "reset", "run"]


def port(dut, path):
    """The handle of a port named by path."""
    return getattr(dut, path.replace(".", "__"))


async def reset(dut):
    """Start the clock and hold reset for two edges."""
    dut.rst.value = 1
    Clock(dut.clk, 10, unit="ns").start(start_high=False)
    for _ in range(2):
        await RisingEdge(dut.clk)
    dut.rst.value = 0


async def run(dut, agent):
    """Simulate until the agent is done; `AssertionError` if it finds a fault or its deadline."""
    await reset(dut)
    outputs = [(name, port(dut, name)) for name in agent.outputs]
    handles, applied = {}, {}
    for _ in range(agent.deadline):
        for name, value in agent.drive().items():
            if applied.get(name) != value:
                if name not in handles:
                    handles[name] = port(dut, name)
                handles[name].value = int(value)
                applied[name] = value
        await RisingEdge(dut.clk)
        # Right after the edge, values are still those before it. int() is unsigned.
        agent.check({name: int(handle.value) for name, handle in outputs})
        if agent.done:
            return
    raise AssertionError(f"not done after {agent.deadline} clocks")
