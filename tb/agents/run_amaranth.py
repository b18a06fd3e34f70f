"""Agents in Amaranth's simulator."""

from amaranth.hdl import Value
from amaranth.sim import Simulator

from tb.bits import mask

__all__ = ["run"]

PERIOD = 1e-6
STEP = 500
"""Clocks after which the end is looked for."""


def run(component, agent):
    """Simulate until the agent is done; `AssertionError` if it finds a fault or its deadline."""
    ports = {}

    def port(path):
        if path not in ports:
            value = component
            for name in path.split("."):
                value = getattr(value, name)
            ports[path] = Value.cast(value)
        return ports[path]

    outputs = [(name, port(name)) for name in agent.outputs]

    async def testbench(ctx):
        applied = {}
        while not agent.done:
            for name, value in agent.drive().items():
                if applied.get(name) != value:
                    ctx.set(port(name), int(value))
                    applied[name] = value
            agent.check({name: ctx.get(value) & mask(len(value)) for name, value in outputs})
            await ctx.tick()

    simulator = Simulator(component)
    simulator.add_clock(PERIOD)
    simulator.add_testbench(testbench)
    # The clock goes on when the agent is done, so its deadline is approached in steps.
    for clock in range(STEP, agent.deadline + STEP, STEP):
        simulator.run_until(min(clock, agent.deadline) * PERIOD)
        if agent.done:
            break
    assert agent.done, f"not done after {agent.deadline} clocks"
